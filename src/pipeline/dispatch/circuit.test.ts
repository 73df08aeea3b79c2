// What a call meets while a model fails: its circuit, as dispatch goes by it. The clock is an argument.
import { describe, expect, test } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { openaiChat as openai } from '../../dialects/openai-chat/dialect.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const chat = { model: 'x', messages: [{ role: 'user', content: 'hi' }] };
const answer = {
  id: 'a',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
};
const once = { retries: { max: 0, backoffMs: 0, maxBackoffMs: 0, maxAttempts: 5 } };

function setUp() {
  const clock = { time: 1_000, now: () => clock.time, wall: () => clock.time };
  const dispatch = quietDispatch(createClocks(clock), []);
  const run = (providers: FakeProvider[]) => {
    const made = fakeCall('openai-chat', chat, providers);
    void dispatch(made.call);
    return made;
  };
  const pass = (ms: number) => {
    clock.time += ms;
  };
  return { run, pass, clock };
}

describe('a model that fails again and again', () => {
  test('is passed by, one call finds out, and is asked again when it answered', () => {
    const { run, pass, clock } = setUp();
    const first = fakeProvider('a', openai, once, clock);
    const second = fakeProvider('b', openai, once, clock);
    const good = JSON.stringify(answer);
    const ask = () => run([first, second]);
    for (let at = 0; at < 5; at++) {
      ask();
      first.requests.at(-1)!.json(500, '{}');
      second.requests.at(-1)!.json(200, good);
    }
    expect(first.requests).toHaveLength(5);
    for (let at = 0; at < 10; at++) {
      const { sink } = ask();
      second.requests.at(-1)!.json(200, good);
      expect(sink.status).toBe(200);
    }
    expect(first.requests).toHaveLength(5);
    pass(1_300);
    ask();
    ask();
    // The first of the two is the probe; while it is out the other is served by the second.
    expect(first.requests).toHaveLength(6);
    expect(second.requests).toHaveLength(16);
    first.requests.at(-1)!.json(200, good);
    pass(10_000);
    ask();
    expect(first.requests).toHaveLength(7);
  });

  test('hands the probe on when its client leaves', () => {
    const { run, pass, clock } = setUp();
    const first = fakeProvider('a', openai, once, clock);
    const second = fakeProvider('b', openai, once, clock);
    for (let at = 0; at < 5; at++) {
      run([first, second]);
      first.requests.at(-1)!.json(500, '{}');
    }
    pass(1_300);
    const { call } = run([first, second]);
    expect(first.requests).toHaveLength(6);
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    run([first, second]);
    expect(first.requests).toHaveLength(7);
  });
});
