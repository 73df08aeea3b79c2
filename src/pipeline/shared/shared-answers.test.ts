// Who makes an answer, who takes it, and what becomes of both when clients leave. Dispatch is the real one; upstreams are the test's.
import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider, unlimited } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import type { Claimed } from '../../contracts/claims.ts';
import type { Config } from '../../contracts/config.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from '../dispatch/dispatch.fixture.ts';
import { createRefuser } from '../refuse.ts';
import { createSettle } from '../settle.ts';
import type { Wish } from './making.ts';
import { createSharedAnswers } from './shared-answers.ts';

const chat = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const answer = {
  id: 'a',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
};
const once = { retries: { max: 0, backoffMs: 0, maxBackoffMs: 0, maxAttempts: 1 } };

function setUp(...said: Claimed[]) {
  const clocks = createClocks({ now: () => 1, wall: () => 1 });
  const time = { now: 1 };
  const asked: (number | null)[] = [];
  const settled: Call[] = [];
  const made: [name: string, answer: Buffer | null][] = [];
  const madeAt: (number | null)[] = [];
  const shared: string[] = [];
  let connected = 0;
  const observer = {
    settled: (call: Call): void => {
      answers.settled(call);
      settled.push(call);
    },
  };
  const settle = createSettle(clocks, [observer]);
  const refuse = createRefuser(dialectByName, settle, unlimited);
  const answers = createSharedAnswers({
    now: () => time.now,
    claims() {
      connected++;
      return {
        claim: async (_, __, since) => {
          asked.push(since);
          return (said.length > 1 ? said.shift() : said[0]) ?? { kind: 'mine' };
        },
        settle(name, one) {
          made.push([name, one?.answer ?? null]);
          madeAt.push(one?.madeAt ?? null);
        },
        purged: async () => void made.push(['purged', null]),
      };
    },
    settle,
    refuse,
    shared: (how) => shared.push(how),
  });
  const dispatch = quietDispatch(clocks, [], { settle, refuse });
  const provider = fakeProvider('p', dialectByName('openai-chat'), once);
  const run = async (wish: Partial<Wish> = {}, body: object = chat) => {
    const { call, sink } = fakeCall('openai-chat', body, [provider]);
    const result = await answers.share(call, {
      name: 'n',
      print: 'p',
      maxBytes: 10_000,
      ttlMs: 0,
      claimed: false,
      ...wish,
    });
    if (result === 'continue') void dispatch(call);
    else if (result !== 'taken' && !call.settled) refuse(call, result);
    /** As the server does. */
    const leave = (): void => {
      sink.closed = true;
      if (call.settled || call.sharing?.goesOn() === true) return;
      const error = new GatewayError('GW_CLIENT_GONE');
      call.work?.cancel(error);
      settle(call, { status: 499, error, facts: null });
    };
    return { call, sink, leave };
  };
  return { run, provider, answers, settled, made, madeAt, shared, asked, time, connected: () => connected };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('equal requests', () => {
  test('ask once, and each is settled: one with the usage, the others marked', async () => {
    const { run, provider, settled, shared } = setUp();
    const calls = [await run(), await run(), await run()];
    expect(provider.requests).toHaveLength(1);
    provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    for (const { sink } of calls) expect(sink.body).toBe(JSON.stringify(answer));
    expect(settled.map((call) => [call.status, call.shared, call.attempts.length])).toEqual([
      [200, '', 1],
      [200, 'coalesced', 0],
      [200, 'coalesced', 0],
    ]);
    expect(shared).toEqual(['coalesced', 'coalesced']);
    await run();
    expect(provider.requests).toHaveLength(2);
  });

  test('that wait for another one’s provider were not held up by the gateway', async () => {
    const { run, provider, time } = setUp();
    await run();
    const { call } = await run();
    time.now += 700;
    provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    expect(call.waitedMs).toBe(700);
  });

  test('share a refusal, with its error', async () => {
    const { run, provider, settled } = setUp();
    await run();
    const other = await run();
    provider.requests[0]!.json(400, '{"error":{"message":"no","type":"invalid_request_error"}}');
    await tick();
    expect(other.sink.status).toBe(400);
    expect(settled.map(({ error }) => error?.code)).toEqual(['GW_UPSTREAM_REJECTED', 'GW_UPSTREAM_REJECTED']);
  });

  test('go on when the one that asks leaves, and end when all have left', async () => {
    const { run, provider, answers, settled } = setUp();
    const first = await run();
    const second = await run();
    first.leave();
    expect(provider.requests[0]!.aborted).toBe(false);
    expect(answers.size).toBe(1);
    second.leave();
    expect(provider.requests[0]!.aborted).toBe(true);
    expect(settled.map(({ status }) => status)).toEqual([499, 499]);
    expect(answers.size).toBe(0);
    await answers.idle();
  });

  test('the last one gets it all when the first has left', async () => {
    const { run, provider, answers } = setUp();
    const first = await run();
    const second = await run();
    first.leave();
    provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    expect(second.sink.body).toBe(JSON.stringify(answer));
    expect(answers.size).toBe(0);
  });

  test('are told when the gateway shuts down', async () => {
    const { run, provider, answers } = setUp();
    const first = await run();
    const second = await run();
    first.leave();
    second.call.work!.cancel(new GatewayError('GW_GATEWAY_DRAINING'));
    expect(second.sink.status).toBe(503);
    answers.endAll(new GatewayError('GW_GATEWAY_DRAINING'));
    expect(provider.requests[0]!.aborted).toBe(true);
    expect(answers.size).toBe(0);
  });

  test('of which one cannot be had from its beginning any more are made apart', async () => {
    const { run, provider } = setUp();
    const first = await run({ maxBytes: 1 }, { ...chat, stream: true });
    provider.requests[0]!.stream().send({ id: 'a', choices: [{ index: 0, delta: { content: 'hello' } }] });
    expect(first.sink.body).toContain('hello');
    await run({ maxBytes: 1 }, { ...chat, stream: true });
    expect(provider.requests).toHaveLength(2);
  });
});

describe('an answer that others may make', () => {
  const kept = { claimed: true, ttlMs: 1_000 };

  test('is settled with what was made, also when its client has left', async () => {
    const { run, provider, made } = setUp();
    const first = await run(kept);
    first.leave();
    expect(provider.requests[0]!.aborted).toBe(false);
    provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    expect(made).toMatchObject([['n', expect.any(Buffer)]]);
  });

  test('that failed is nobody’s', async () => {
    const { run, provider, made } = setUp();
    await run(kept);
    provider.requests[0]!.json(500, '{}');
    await tick();
    expect(made).toEqual([['n', null]]);
  });

  test('that broke off is nobody’s, also while its own client has yet to take the rest', async () => {
    const { run, provider, made, settled } = setUp();
    const { sink } = await run(kept, { ...chat, stream: true });
    const request = provider.requests[0]!.stream().send({
      ...{ id: 'a', object: 'chat.completion.chunk' },
      choices: [{ index: 0, delta: { role: 'assistant', content: 'hel' } }],
    });
    sink.ending = true;
    request.end();
    await tick();
    expect(settled).toEqual([]);
    expect(made).toEqual([['n', null]]);
    sink.onTaken?.();
    expect(settled).toMatchObject([{ error: { code: expect.any(String) } }]);
  });

  test('of another request is refused', async () => {
    for (const claimed of [{ kind: 'other' } as const, { kind: 'mine' } as const]) {
      const { run, provider } = setUp(claimed);
      await run({ ...kept, print: claimed.kind === 'other' ? 'p' : 'q' });
      const { sink } = await run(kept);
      expect(sink.status).toBe(409);
      expect(provider.requests).toHaveLength(claimed.kind === 'other' ? 0 : 1);
    }
  });

  test('that somebody made is given again, byte for byte', async () => {
    const one = setUp();
    await one.run(kept);
    one.provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    const other = setUp({ kind: 'made', answer: one.made[0]![1]! });
    const { sink, call } = await other.run(kept);
    expect(sink.body).toBe(JSON.stringify(answer));
    expect(sink.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect(call.shared).toBe('replayed');
    expect(other.provider.requests).toHaveLength(0);
  });

  test('that nobody of us packed is made anew', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('xxxx'), Buffer.from([0, 0, 0, 2, 123, 125])]) {
      const { run, provider } = setUp({ kind: 'made', answer: bytes });
      await run(kept);
      expect(provider.requests).toHaveLength(1);
    }
  });
});

test('who is asked is connected before the first call, where one would not wait for that', () => {
  const { answers, connected } = setUp();
  const coalesce = { routes: [] as string[], maxAnswerBytes: 1 };
  answers.configure({ coalesce } as unknown as Config);
  expect(connected()).toBe(0);
  answers.configure({ coalesce: { ...coalesce, routes: ['/v1/chat/completions'] } } as unknown as Config);
  answers.configure({ coalesce, cache: {} } as unknown as Config);
  expect(connected()).toBe(2);
});

describe('an answer for those alone that wait for it', () => {
  const claimed = { claimed: true };
  const config = {} as Config;

  test('is asked for by when the call began, and one that is given again is not', async () => {
    const { run, asked } = setUp();
    const { call } = await run(claimed);
    await run({ ...claimed, name: 'again', ttlMs: 1_000 });
    expect(asked).toEqual([call.startedAt, null]);
  });

  test('that was made before a call began is none: it asks once more by itself', async () => {
    const one = setUp();
    await one.run(claimed);
    one.provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    const bytes = one.made[0]![1]!;
    const younger = setUp({ kind: 'made', answer: bytes, madeAt: -1 }, { kind: 'mine' });
    await younger.run(claimed);
    expect(younger.asked).toHaveLength(2);
    expect(younger.provider.requests).toHaveLength(1);
    const older = setUp({ kind: 'made', answer: bytes, madeAt: 0 }, { kind: 'mine' });
    expect((await older.run(claimed)).sink.body).toBe(JSON.stringify(answer));
    expect(older.provider.requests).toHaveLength(0);
  });

  test('was made before its client had the last of it, whenever others hear that', async () => {
    const { run, provider, time, madeAt } = setUp();
    const { call } = await run({ ...claimed, maxBytes: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    call.sharing!.until(promise);
    time.now = 5;
    provider.requests[0]!.json(200, JSON.stringify(answer));
    time.now = 9;
    resolve();
    await tick();
    expect(madeAt).toEqual([5]);
  });

  test('is given to others once it is kept, where it is', async () => {
    const { run, provider, made } = setUp();
    const { call } = await run(claimed);
    const { promise, resolve } = Promise.withResolvers<void>();
    call.sharing!.until(promise);
    provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    expect(made).toEqual([]);
    resolve();
    await tick();
    expect(made).toMatchObject([['n', expect.any(Buffer)]]);
  });

  test('that is under way when kept answers are purged is nobody else’s', async () => {
    const { run, provider, answers, made } = setUp();
    const [first, second] = [await run(claimed), await run(claimed)];
    const again = await run({ ...claimed, name: 'again', ttlMs: 1_000 });
    await answers.purged(config, true);
    // Others hear of it before the claims that it ends are free.
    expect(made).toEqual([
      ['purged', null],
      ['n', null],
    ]);
    const third = await run(claimed);
    expect(provider.requests).toHaveLength(3);
    provider.requests[0]!.json(200, JSON.stringify(answer));
    await tick();
    expect([first, second].map(({ sink }) => sink.body)).toEqual(Array(2).fill(JSON.stringify(answer)));
    expect(third.sink.body).toBe('');
    // What an Idempotency-Key promises has nothing to do with it.
    expect(made).toHaveLength(2);
    provider.requests[1]!.json(200, JSON.stringify(answer));
    await tick();
    expect(made.map(([name]) => name)).toEqual(['purged', 'n', 'again']);
    expect(again.sink.status).toBe(200);
    provider.requests[2]!.json(200, JSON.stringify(answer));
    await tick();
    expect(made.at(-1)).toMatchObject(['n', expect.any(Buffer)]);
    expect(third.sink.body).toBe(JSON.stringify(answer));
  });
});
