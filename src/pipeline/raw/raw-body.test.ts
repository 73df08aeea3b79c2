import { expect, test } from 'vitest';
import { formFacts } from '../../body/form-facts.ts';
import type { Call } from '../../contracts/call.ts';
import type { BodyBytes } from '../../contracts/upstream.ts';
import { operations } from '../../registry/operations.ts';
import { rawBody } from './raw-body.ts';

const FORM = 'name="model"\r\n\r\nwritten\r\n--b--';
const value = { start: FORM.indexOf('written'), end: FORM.indexOf('written') + 'written'.length };

/** @param named by the path, or else by the form. */
function sent(named: string, model: string): string {
  const call = {
    body: Buffer.from(FORM),
    upload: null,
    facts: formFacts(named, value),
    operation: operations.transcription,
  } as unknown as Call;
  const body = rawBody(call, { encode: { model } } as Parameters<typeof rawBody>[1]);
  if (Buffer.isBuffer(body)) return body.toString();
  return Buffer.concat([...(body as BodyBytes).pieces()]).toString();
}

test.each([
  ['written', 'written'],
  ['written', 'other'],
  // Azure's path names one, and the form may name another.
  ['deployed', 'deployed'],
  ['deployed', 'other'],
])('a form whose call is for %s goes to %s as that', (named, model) => {
  expect(sent(named, model)).toBe(FORM.replace('written', model));
});
