import { expect, test } from 'vitest';
import { beginsWide, mayBeWide, saysWide } from './wide-text.ts';

const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const wider = (text: string): Buffer => {
  const bytes = Buffer.alloc(text.length * 4);
  for (const [at, one] of [...text].entries()) bytes.writeUInt32LE(one.charCodeAt(0), at * 4);
  return bytes;
};

test.each([
  ['UTF-16, little end first', Buffer.from('{"file_id":"x"}', 'utf16le')],
  ['UTF-16, big end first', big('{"file_id":"x"}')],
  ['either with its mark', Buffer.from('\ufeff[1]', 'utf16le')],
  ['', big('\ufeff{}')],
  ['behind white space', Buffer.from('\n {}', 'utf16le')],
  ['UTF-32', wider('{"a":1}')],
  ['', wider('{"a":1}').swap32()],
  ['', wider('\ufeff[').swap32()],
])('JSON in %s is told by its first bytes', (_, body) => {
  expect(beginsWide(body.toString('latin1', 0, 8))).toBe(true);
});

test.each(['{"file_id":"x"}', '\ufeff{}', '[]', '', '{', 'plain', '\0\0\0\x18ftypmp42', 'RIFF\0\0\0\0'])(
  'anything else is not: %j',
  (text) => {
    expect(beginsWide(Buffer.from(text).toString('latin1', 0, 8))).toBe(false);
  },
);

test('a type says it of JSON alone', () => {
  for (const type of [
    'application/json; charset=utf-16',
    'application/json;charset="UTF-16LE"',
    'application/vnd.x+json; a=b; charset=ucs-2',
    'text/json; charset=IBM037',
  ])
    expect(saysWide(type)).toBe(true);
  for (const type of [
    '',
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=UTF8',
    'application/json; charset=',
    'text/plain; charset=utf-16',
  ])
    expect(saysWide(type)).toBe(false);
  expect([mayBeWide('image/png'), mayBeWide('audio/mpeg'), mayBeWide('application/json')]).toEqual([
    false,
    false,
    true,
  ]);
});
