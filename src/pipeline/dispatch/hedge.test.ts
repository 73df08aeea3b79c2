import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider, unlimited } from '../../../tests/kit/fake-call.ts';
import type { TargetHold } from '../../contracts/admission.ts';
import type { Call } from '../../contracts/call.ts';
import type { Delta } from '../../contracts/chat.ts';
import type { HedgeConfig } from '../../contracts/alias-config.ts';
import type { DeltaOut } from '../../contracts/delta-filter.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { OperationName } from '../../contracts/operation.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const openai = dialectByName('openai-chat');
const anthropic = dialectByName('anthropic');
const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const delta = (content: string) => ({ id: 'a', choices: [{ index: 0, delta: { content } }] });
const finish = { id: 'a', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const answer = (content: string) => ({
  id: 'a',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ALWAYS: HedgeConfig = { minMs: 500, budget: 1 };

function setUp(hedge: HedgeConfig | null = ALWAYS) {
  let now = 0;
  const settled: Call[] = [];
  const outcomes: string[] = [];
  const held: TargetHold[] = [];
  const left: TargetHold[] = [];
  const clocks = createClocks({ now: () => now, wall: () => now });
  const dispatch = quietDispatch(clocks, [{ settled: (call) => settled.push(call) }], {
    hedged: (first, outcome) => outcomes.push(`${first.provider.name} ${outcome}`),
    admission: {
      ...unlimited,
      admitTarget() {
        const hold: TargetHold = { record: null };
        held.push(hold);
        return hold;
      },
      leaveTarget: (hold) => left.push(hold),
    },
  });
  const run = (
    body: object,
    providers: FakeProvider[],
    dialect: DialectName = 'openai-chat',
    operation: OperationName = 'chat',
    change: (call: Call) => void = () => {},
  ) => {
    const made = fakeCall(dialect, body, providers, {}, operation);
    change(made.call);
    // Not null: each attempt is held and let go.
    made.call.limits = {} as Call['limits'];
    made.call.plan = { ...made.call.plan!, ...(hedge && { hedge }) };
    Object.assign(made.call, { startedAt: now });
    void dispatch(made.call);
    // What is sent is sent a moment later: 0 says that it was not.
    now += 1;
    return made;
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      now += Math.min(50, left);
      await vi.advanceTimersByTimeAsync(Math.min(50, left));
    }
  };
  /** So many calls that take `ms` to their first byte: what late is, is known then. */
  const teach = async (provider: FakeProvider, calls: number, ms: number, stream = true) => {
    for (let at = 0; at < calls; at++) {
      run({ ...chat, stream }, [provider]);
      const request = provider.requests.at(-1)!;
      request.handler.onSent(true);
      await pass(ms);
      if (stream) request.stream().send(delta('x'), finish, '[DONE]').end();
      else request.json(200, answer('x'));
    }
    settled.length = 0;
    held.length = left.length = 0;
    provider.requests.length = 0;
    outcomes.length = 0;
  };
  return { run, pass, teach, settled, outcomes, held, left };
}

const late = () => {
  const one = fakeProvider('one', openai);
  const two = fakeProvider('two', anthropic);
  return { one, two };
};

describe('a call whose first token is late', () => {
  test('U23: is sent to the next target too, and who is first answers; the other is aborted and accounted', async () => {
    const { run, pass, teach, settled, outcomes, held, left } = setUp();
    const { one, two } = late();
    await teach(one, 20, 100);
    const { sink, call } = run({ ...chat, stream: true }, [one, two]);
    one.requests[0]!.stream();
    await pass(450);
    expect(two.requests).toHaveLength(0);
    await pass(150);
    expect(two.requests).toHaveLength(1);
    two.requests[0]!.stream();
    const events = [
      {
        type: 'message_start',
        message: { id: 'b', model: 'm', usage: { input_tokens: 3, output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'second' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ];
    for (const event of events)
      two.requests[0]!.handler.onData(
        Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      );
    two.requests[0]!.end();
    expect(one.requests[0]!.aborted).toBe(true);
    expect(sink.body.match(/second/g)).toHaveLength(1);
    expect(sink.body).toContain('[DONE]');
    expect(sink.headers).toMatchObject({ 'x-headgate-provider': 'two', 'x-headgate-attempts': '2' });
    expect(outcomes).toEqual(['one won']);
    expect(settled).toEqual([call]);
    expect(call.attempts.map(({ provider, errorType }) => [provider, errorType])).toEqual([
      ['one', 'policy_hedged'],
      ['two', ''],
    ]);
    expect(call.provider).toBe('two');
    expect(call.usage).toMatchObject({ input: 3, output: 1 });
    expect([one.seats(), two.seats(), held.length, left]).toEqual([0, 0, 2, [held[0]]]);
    expect(held.map(({ record }) => record)).toEqual(call.attempts);
    expect(call.bodyHolds).toBe(0);
  });

  test('the first may still be first: the second leaves no trace at the client', async () => {
    const { run, pass, teach, outcomes } = setUp();
    const { one, two } = late();
    await teach(one, 20, 100);
    const { sink, call } = run({ ...chat, stream: true }, [one, two]);
    one.requests[0]!.stream();
    await pass(600);
    two.requests[0]!.stream();
    one.requests[0]!.send(delta('first'), finish, '[DONE]').end();
    expect(two.requests[0]!.aborted).toBe(true);
    expect(sink.body).toContain('first');
    expect(sink.headers).toMatchObject({ 'x-headgate-provider': 'one' });
    expect([call.provider, call.translated, call.error]).toEqual(['one', false, null]);
    expect(call.attempts.map(({ errorType }) => errorType)).toEqual(['', 'policy_hedged']);
    expect(outcomes).toEqual(['one lost']);
  });

  test.each(['at once', 'in its own time'])(
    'a plugin that holds back what it hears, %s, hears one answer and never pieces of both',
    async (way) => {
      const { run, pass, teach, settled } = setUp();
      const { one } = late();
      await teach(one, 20, 100);
      const heard: string[] = [];
      /** All of it goes on with the end. */
      const hear = (now: Delta, out: DeltaOut): void => {
        if (now.kind === 'text') {
          heard.push(now.text);
          return;
        }
        if (now.kind === 'end') out({ kind: 'text', index: 0, text: heard.join('') });
        out(now);
      };
      const { sink, call } = run({ ...chat, stream: true }, [one], 'openai-chat', 'chat', (made) => {
        if (way === 'at once')
          made.filters = [
            () => ({
              alone: true,
              take: hear,
              end: (out) => out({ kind: 'text', index: 0, text: heard.join('') }),
            }),
          ];
        else
          made.plugins = {
            upstream: null,
            upstreamHeaders: null,
            deltas: (out) => ({
              heldChars: 0,
              push(deltas) {
                for (const now of deltas) hear(now, out);
              },
              close() {},
            }),
          };
      });
      one.requests[0]!.stream();
      await pass(600);
      const [first, second] = one.requests;
      second!.stream();
      // Nothing is said by a text that is empty: who is first is not told yet.
      first!.send(delta(''));
      second!.send(delta('sec'));
      expect(first!.aborted).toBe(true);
      second!.send(delta('ond'), finish, '[DONE]').end();
      expect(heard).toEqual(['sec', 'ond']);
      expect(sink.body).toContain('second');
      expect(settled).toEqual([call]);
    },
  );

  test.each([false, true])('whole answers too (the second is first: %s)', async (second) => {
    const { run, pass, teach, outcomes } = setUp();
    const { one } = late();
    await teach(one, 20, 100, false);
    const { sink } = run(chat, [one]);
    one.requests[0]!.handler.onSent(true);
    await pass(600);
    // No other target is left: the same one again.
    expect(one.requests).toHaveLength(2);
    one.requests[second ? 1 : 0]!.json(200, answer('whole'));
    expect(sink.replies).toBe(1);
    expect(one.requests[second ? 0 : 1]!.aborted).toBe(true);
    expect(outcomes).toEqual([second ? 'one won' : 'one lost']);
    expect(one.seats()).toBe(0);
  });

  test.each([0, 1])(
    'when attempt %i fails the other goes on, and nothing is repeated beside it',
    async (failing) => {
      const { run, pass, teach, outcomes } = setUp();
      const { one, two } = late();
      await teach(one, 20, 100);
      const { sink, call } = run({ ...chat, stream: true }, [one, two]);
      one.requests[0]!.handler.onSent(true);
      await pass(600);
      const requests = [one.requests[0]!, two.requests[0]!];
      requests[failing]!.json(500, { error: { message: 'no' } });
      await pass(400);
      expect([one.requests.length, two.requests.length]).toEqual([1, 1]);
      expect(sink.closed).toBe(false);
      if (failing === 1) one.requests[0]!.stream().send(delta('first'), finish, '[DONE]').end();
      else
        requests[1]!.json(200, {
          type: 'message',
          id: 'b',
          role: 'assistant',
          model: 'm',
          content: [{ type: 'text', text: 'b' }],
          stop_reason: 'end_turn',
          usage: { input_tokens: 1, output_tokens: 1 },
        });
      expect([sink.status, call.error, sink.closed]).toEqual([200, null, true]);
      expect(outcomes).toEqual([failing === 1 ? 'one failed' : 'one won']);
      expect([one.seats(), two.seats()]).toEqual([0, 0]);
    },
  );

  test.each([1, 2])('at the same target it has another key, where there is one (of %i)', async (count) => {
    const { run, pass, teach } = setUp();
    const keys = Array.from({ length: count }, (_, at) => ({
      value: `sk-${at}`,
      weight: 1,
      models: [],
      alias: `k${at}`,
    }));
    const one = fakeProvider('one', openai, { keys });
    await teach(one, 20, 100);
    const pick = vi.spyOn(one.target.lane.keys, 'pick');
    run({ ...chat, stream: true }, [one]);
    one.requests[0]!.handler.onSent(true);
    await pass(600);
    const tried = pick.mock.calls.map(([, keysTried]) => keysTried.map(({ config }) => config.alias));
    expect(tried).toEqual(count === 1 ? [[], []] : [[], ['k0']]);
  });

  test('when both fail the client hears the first refusal, once', async () => {
    const { run, pass, teach, settled } = setUp();
    const { one, two } = late();
    await teach(one, 20, 100);
    const { sink } = run({ ...chat, stream: true }, [one, two]);
    one.requests[0]!.handler.onSent(true);
    await pass(600);
    one.requests[0]!.json(400, { error: { message: 'bad one', type: 'invalid_request_error' } });
    two.requests[0]!.json(400, {
      type: 'error',
      error: { message: 'bad two', type: 'invalid_request_error' },
    });
    expect([sink.status, sink.replies, settled.length]).toEqual([400, 1, 1]);
    expect(sink.body).toContain('bad one');
  });

  test('when its client leaves both are aborted', async () => {
    const { run, pass, teach, settled } = setUp();
    const { one, two } = late();
    await teach(one, 20, 100);
    const { call } = run({ ...chat, stream: true }, [one, two]);
    one.requests[0]!.handler.onSent(true);
    await pass(600);
    call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    expect([one.requests[0]!.aborted, two.requests[0]!.aborted, settled.length]).toEqual([true, true, 1]);
    expect(call.attempts.every(({ errorType }) => errorType !== '')).toBe(true);
    expect([one.seats(), two.seats(), call.bodyHolds]).toEqual([0, 0, 0]);
  });
});

describe('nothing is sent twice', () => {
  test('before the p95 of the model is known, nor below it', async () => {
    const { run, pass, teach } = setUp({ minMs: 0, budget: 1 });
    const { one } = late();
    await teach(one, 19, 600);
    run({ ...chat, stream: true }, [one]);
    one.requests[0]!.handler.onSent(true);
    await pass(800);
    expect(one.requests).toHaveLength(1);
    one.requests[0]!.stream().send(delta('x'), finish, '[DONE]').end();
    run({ ...chat, stream: true }, [one]);
    one.requests[1]!.handler.onSent(true);
    // Of twenty the one of 800 ms is beyond the p95: 600 ms are.
    await pass(550);
    expect(one.requests).toHaveLength(2);
    await pass(150);
    expect(one.requests).toHaveLength(3);
  });

  test('beyond the budget', async () => {
    const { run, pass, teach, outcomes } = setUp({ minMs: 100, budget: 0 });
    const { one } = late();
    await teach(one, 20, 50);
    run({ ...chat, stream: true }, [one]);
    one.requests[0]!.handler.onSent(true);
    await pass(900);
    expect(one.requests).toHaveLength(1);
    expect(outcomes).toEqual(['one withheld']);
  });

  test('where its alias says nothing of it, nor to what cools down', async () => {
    const off = setUp(null);
    const { one } = late();
    await off.teach(one, 30, 10);
    off.run({ ...chat, stream: true }, [one]);
    one.requests[0]!.handler.onSent(true);
    await off.pass(900);
    expect(one.requests).toHaveLength(1);
    const on = setUp();
    const cold = fakeProvider('cold', openai);
    await on.teach(cold, 20, 10);
    on.run({ ...chat, stream: true }, [cold]);
    cold.requests[0]!.handler.onSent(true);
    cold.target.cell.cool(60_000, true);
    await on.pass(900);
    expect(cold.requests).toHaveLength(1);
  });
});
