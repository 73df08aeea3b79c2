import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFragmentMask } from './key-fragments.ts';

const key = 'sk-upstreamsecret-ABCDEFGHIJKLMN';
const other = 'sk-ant-api03-q7Rz_0aPxWv9-Tt';
const mask = createFragmentMask([key, other, 'short']);
const masked = (text: string): string => mask(Buffer.from(text)).toString();

describe('parts of a key', () => {
  it.each([
    [
      'both ends around stars, as OpenAI has it',
      'Incorrect API key provided: sk-upstr*****KLMN. See',
      'Incorrect API key provided: ***. See',
    ],
    ['short ends', 'provided: sk-u***MN.', 'provided: ***.'],
    ['many stars', `sk-up${'*'.repeat(160)}LMN`, '***'],
    ['one star', 'key sk-upst*N x', 'key *** x'],
    ['dots', 'key (sk-upstreams...) is wrong', 'key (***) is wrong'],
    ['an ellipsis', 'key sk-ant…9-Tt is wrong', 'key *** is wrong'],
    ['an escaped ellipsis', '{"m":"sk-ant\\u20269-Tt"}', '{"m":"***"}'],
    ['bullets', 'key ••••••KLMN', 'key ***'],
    ['only the beginning', 'key sk-ant*** is wrong', 'key *** is wrong'],
    ['only the end', 'key ****Tt is wrong', 'key *** is wrong'],
    ['behind an escaped line end', '{"m":"wrong:\\nsk-upstr**KLMN"}', '{"m":"wrong:\\n***"}'],
    ['behind a sign', 'key=sk-upstr**KLMN', 'key=***'],
    ['a piece of the middle', `hash ${key.slice(3, 20)} unknown`, 'hash *** unknown'],
    ['its beginning alone', 'prefix: sk-upstr', 'prefix: ***'],
    ['the whole key in other words', `"x${key}y"`, '"x***y"'],
    ['told by its end', 'API key ending in KLMN was revoked', 'API key ending in *** was revoked'],
    [
      'told by its end, in quotes',
      '{"m":"the key that ends with \\"-Tt\\" is"}',
      '{"m":"the key that ends with \\"***\\" is"}',
    ],
    ['told by its beginning', 'a key starting with sk-ups is', 'a key starting with *** is'],
  ])('%s', (_name, text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  it('two of them, one behind the other', () => {
    expect(masked(`${key.slice(0, 9)}.${other.slice(10, 25)}`)).toBe('***.***');
  });
});

it.each([
  '{"error":{"message":"Rate limit reached for gpt-4o...","type":"requests","param":null}}',
  'The *model* field must be **one of** a, b, ... or c.',
  'short, upstream, secret, sk-, api03, in the end',
  'You exceeded your quota; please begin with a smaller one',
  'https://platform.openai.com/account/api-keys',
  'naïve • text … with é',
])('leaves alone, and hands back the very bytes: %s', (text) => {
  const bytes = Buffer.from(text);
  expect(mask(bytes)).toBe(bytes);
});

it('keeps bytes that are no text', () => {
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0xfe, 0]),
    Buffer.from('sk-upstr**KLMN'),
    Buffer.from([0xc3]),
  ]);
  expect(mask(bytes)).toEqual(Buffer.from([0xff, 0xfe, 0, 0x2a, 0x2a, 0x2a, 0xc3]));
});

it('leaves no eight characters of a random key in any text around them', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const keys = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(keys, fc.string(), fc.string(), fc.nat(), fc.nat(), (secret, before, after, at, length) => {
      const from = at % (secret.length - 12);
      const part = secret.slice(from, from + 12 + (length % 10));
      const text = createFragmentMask([secret])(Buffer.from(before + part + after)).toString();
      for (let i = 0; i + 12 <= secret.length; i++) expect(text).not.toContain(secret.slice(i, i + 12));
    }),
  );
});

it('without keys costs nothing', () => {
  const bytes = Buffer.from('sk-upstr**KLMN');
  expect(createFragmentMask([])(bytes)).toBe(bytes);
  expect(createFragmentMask(['tiny'])(bytes)).toBe(bytes);
});
