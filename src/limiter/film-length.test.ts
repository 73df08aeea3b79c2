import { expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import { formFacts } from '../body/form-facts.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { OperationName } from '../contracts/operation.ts';
import { operations } from '../registry/operations.ts';
import { filmLength } from './film-length.ts';

function headOf(type: string) {
  const headers = new HeaderBag();
  headers.add('content-type', type);
  return { method: 'POST', path: '/v1/videos', query: '', headers };
}

function asked(body: object, name: OperationName = 'video'): number {
  const bytes = Buffer.from(JSON.stringify(body));
  const head = headOf('application/json');
  return filmLength({ operation: operations[name], head, body: bytes, facts: inspectBody(bytes) });
}

function inForm(text: string | null, type = 'multipart/form-data; boundary=b'): number {
  const body = text === null ? null : Buffer.from(text);
  const facts = formFacts(null, null);
  return filmLength({ operation: operations['video-form'], head: headOf(type), body, facts });
}
const field = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

it('is what the body says, as a text or a number', () => {
  expect([asked({ seconds: '12' }), asked({ seconds: 8 })]).toEqual([12, 8]);
});

it('is what a short form says, as SDKs send one', () => {
  const rest = `${field('prompt', 'seconds')}--b--\r\n`;
  expect(inForm(field('model', 'sora-2') + field('seconds', '12') + rest)).toBe(12);
  expect(inForm(field('model', 'sora-2') + rest)).toBe(4);
  expect(inForm(field('seconds', '1e9') + rest)).toBe(4);
});

it('is the usual one where nobody says it, or nothing sensible, or it is on its way', () => {
  for (const seconds of [undefined, null, '', 'x', -1, 1e9, {}, [8]]) expect(asked({ seconds })).toBe(4);
  expect([inForm(null), inForm('--b--'), inForm('x'), inForm('x', 'multipart/form-data')]).toEqual([
    4, 4, 4, 4,
  ]);
});

it('is none of what has no length', () => {
  expect([asked({ seconds: 8 }, 'image'), asked({ seconds: 8 }, 'video-object')]).toEqual([0, 0]);
});
