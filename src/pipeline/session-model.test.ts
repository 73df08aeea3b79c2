// Where the model of a described session stands, and what of it goes on.
import { expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { RequestBody } from '../contracts/upstream.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { rawBody } from './raw/raw-body.ts';
import { sessionModel } from './session-model.ts';

function described(text: string): { model: string | null; sent: string } {
  const { call } = fakeCall('openai-chat', {}, [fakeProvider('oa', dialectByName('openai-chat'))]);
  const body = Buffer.from(text);
  Object.assign(call, { operation: operations['realtime-secret'], body, facts: inspectBody(body) });
  expect(sessionModel(call)).toBe('continue');
  const encode = { ...call.plan!.targets[0]!.encode, model: 'gpt-realtime' };
  // Nothing of an upload is in this test.
  const made = rawBody(call, { encode }) as RequestBody;
  const bytes = Buffer.isBuffer(made) ? made : Buffer.concat(made.pieces());
  return { model: call.facts!.model, sent: bytes.toString() };
}

test('an alias inside of the session becomes the name of the provider’s, and all else stays', () => {
  expect(
    described(
      '{ "expires_after": {"seconds": 60}, "session": {"type":"realtime", "model" : "voice", "é": 1.0} }',
    ),
  ).toEqual({
    model: 'voice',
    sent: '{ "expires_after": {"seconds": 60}, "session": {"type":"realtime", "model" : "gpt-realtime", "é": 1.0} }',
  });
});

test.each([
  '{}',
  '{"session":{}}',
  '{"session":null}',
  '{"session":"model"}',
  '{"session":{"audio":{"model":"x"}}}',
  '{"session":{"model":7,"max_output_tokens":"inf"}}',
])('%s names none, and goes on as it is', (text) => {
  expect(described(text)).toEqual({ model: null, sent: text });
});

test('one beside the session is as good', () => {
  expect(described('{"model":"voice"}')).toEqual({ model: 'voice', sent: '{"model":"gpt-realtime"}' });
});
