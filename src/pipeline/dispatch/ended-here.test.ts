// An answer that the gateway ended at a stop sequence its target was not told, while its upstream is read on for its usage.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { dialectByName } from '../../registry/dialects.ts';
import type { CreateDeltaFilter } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const openai = dialectByName('openai-chat');
const TOTAL_MS = 5_000;
const said = (content: string): object => ({ id: 'a', choices: [{ index: 0, delta: { content } }] });

function setUp(filters: CreateDeltaFilter[] = []) {
  let now = 0;
  const clocks = createClocks({ now: () => now, wall: () => now });
  const dispatch = quietDispatch(clocks, []);
  const timeouts = { connectMs: 0, headersMs: 0, firstTokenMs: 0, betweenTokensMs: 0, totalMs: TOTAL_MS };
  const provider = fakeProvider('p', openai, { timeouts });
  const { encode } = provider.target;
  const capabilities = { ...encode.capabilities, stops: 0 };
  Object.assign(provider.target, { encode: { ...encode, capabilities } });
  const body = {
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
    stop_sequences: ['END'],
    stream: true,
  };
  const { call, sink } = fakeCall('anthropic', body, [provider], {}, 'chat', {
    stages: [dispatch],
    sinks: [],
    filters,
  });
  void dispatch(call);
  const upstream = provider.requests[0]!;
  upstream.stream().send(said('one '), said('END two'));
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { call, sink, upstream, pass };
}

test('is whole where its time runs out while the upstream goes on', async () => {
  const { call, sink, upstream, pass } = setUp();
  let more = 0;
  for (let at = 0; at < TOTAL_MS + 1_000; at += 500) {
    if (!call.settled) {
      upstream.send(said(' more'));
      more++;
    }
    await pass(500);
  }
  expect(call.settled).toBe(true);
  expect(call.error).toBeNull();
  expect(sink.body).toContain('"stop_sequence":"END"');
  expect(sink.body).toContain('message_stop');
  expect(sink.body).not.toContain('more');
  expect(upstream.aborted).toBe(true);
  // Nobody told of the usage: what was made is charged, whoever has it.
  expect(call.attempts[0]!.contentEvents).toBeGreaterThan(more);
});

test('is whole where the upstream sends what nobody can read', () => {
  const { call, sink, upstream } = setUp();
  // Larger than an event may be.
  upstream.send('x'.repeat(2 << 20));
  expect(call.error).toBeNull();
  expect(sink.body).toContain('message_stop');
});

test('breaks where a guardrail refuses what stands before its end, though that came in one piece', () => {
  const refuses: CreateDeltaFilter = () => ({
    take(delta, out) {
      if (delta.kind === 'text') throw new GatewayError('GW_GUARDRAIL_BLOCKED');
      out(delta);
    },
    end() {},
  });
  const { call, sink } = setUp([refuses]);
  expect(call.error?.code).toBe('GW_GUARDRAIL_BLOCKED');
  expect(sink.body).not.toContain('message_stop');
});
