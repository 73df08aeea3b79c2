// A model that is asked in another dialect for the sake of function tools, at a server that does not have that dialect.
import { expect, test } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
};
const noRoute = { detail: 'Not Found' };
const noModel = { error: { message: 'The model `m` does not exist', code: 'model_not_found' } };

/** A server whose model is asked on Responses; `otherwise` on Chat. */
function setUp() {
  let now = 0;
  const clocks = createClocks({ now: () => now, wall: () => now });
  const provider = fakeProvider('p', dialectByName('openai-responses'), {
    retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 },
  });
  const plain: Target = { ...provider.target, dialect: dialectByName('openai-chat') };
  const moved: FakeProvider = { ...provider, target: { ...provider.target, otherwise: plain } };
  const dispatch = quietDispatch(clocks, []);
  const run = () => {
    const made = fakeCall('openai-chat', chat, [moved]);
    void dispatch(made.call);
    return made;
  };
  const paths = (): string[] =>
    provider.requests.map(({ sent }) => (sent.includes('"messages"') ? 'chat' : 'responses'));
  return { run, provider, paths, pass: (ms: number) => (now += ms) };
}

test('that says so is asked in its own, and not in the other again for a while', () => {
  const { run, provider, paths, pass } = setUp();
  const { sink, call } = run();
  provider.requests[0]!.json(404, noRoute);
  provider.requests[1]!.json(200, answer);
  expect([sink.status, call.attempts.length, call.translated]).toEqual([200, 2, false]);
  run();
  pass(600_000);
  run();
  expect(paths()).toEqual(['responses', 'chat', 'chat', 'responses']);
});

test('that breaks off on it is asked in its own, this once', () => {
  const { run, provider, paths } = setUp();
  const { sink } = run();
  const [first] = provider.requests;
  first!.handler.onSent(true);
  first!.handler.onError(new GatewayError('GW_UPSTREAM_RESET'));
  provider.requests[1]!.json(200, answer);
  expect(sink.status).toBe(200);
  run();
  expect(paths()).toEqual(['responses', 'chat', 'responses']);
});

test.each([
  ['has no such model', 404, noModel],
  ['refuses the request', 400, { error: { message: 'no' } }],
  ['is down', 500, {}],
])('that %s is not asked otherwise', (_what, status, body) => {
  const { run, provider, paths } = setUp();
  const { sink } = run();
  provider.requests[0]!.json(status, body);
  expect(sink.status).toBeGreaterThanOrEqual(400);
  expect(paths()).toEqual(['responses']);
});
