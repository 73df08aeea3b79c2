import { expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import { formFacts } from '../body/form-facts.ts';
import type { OperationName } from '../contracts/operation.ts';
import { operations } from '../registry/operations.ts';
import { filmLength } from './film-length.ts';

function asked(body: object, name: OperationName = 'video'): number {
  const bytes = Buffer.from(JSON.stringify(body));
  return filmLength({ operation: operations[name], body: bytes, facts: inspectBody(bytes) });
}

it('is what the body says, as a text or a number', () => {
  expect([asked({ seconds: '12' }), asked({ seconds: 8 })]).toEqual([12, 8]);
});

it('is the usual one where nobody says it, or nothing sensible, or it is in a form', () => {
  for (const seconds of [undefined, null, '', 'x', -1, 1e9, {}, [8]]) expect(asked({ seconds })).toBe(4);
  const body = Buffer.from('--b--');
  expect(filmLength({ operation: operations['video-form'], body, facts: formFacts(null, null) })).toBe(4);
  expect(filmLength({ operation: operations['video-form'], body: null, facts: null })).toBe(4);
});

it('is none of what has no length', () => {
  expect([asked({ seconds: 8 }, 'image'), asked({ seconds: 8 }, 'video-object')]).toEqual([0, 0]);
});
