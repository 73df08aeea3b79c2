import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../contracts/limits.ts';
import { RedisHealth } from '../health.ts';
import type { WireCall } from './ask-wire.ts';
import { Asking } from './asking.ts';
import { BackQueue } from './back-queue.ts';
import { BackTeller } from './back-teller.ts';
import { Deciding } from './deciding.ts';
import { FailurePolicy } from './failure-policy.ts';
import { HeldSlots } from './held-slots.ts';
import { KeyNames, type WireBucket, wireBucket } from './limit-keys.ts';
import { LocalLimits } from './local-limits.ts';

interface Sent {
  call: WireCall;
  asks: number;
  answer: (granted: number) => void;
  fail: (error: Error) => void;
}

const nothing = (): void => undefined;

/** Asks with a Redis that answers when the test says so. */
function setUp(onFailure: 'open' | 'closed' = 'open') {
  const clock = { now: () => performance.now(), wall: () => Date.now() };
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const sent: Sent[] = [];
  const slots = new HeldSlots();
  const local = new LocalLimits(100);
  const backs = new BackQueue();
  const policy = new FailurePolicy(onFailure, local, slots);
  const health = new RedisHealth({
    clock,
    log,
    observer: {},
    policy: onFailure,
    degraded: () => asking.drain(),
  });
  health.breaker.beginProbe();
  health.breaker.probeAnswered();
  const teller = new BackTeller(backs, {
    run: () => Promise.resolve(null),
    listening: () => false,
    told: nothing,
    failed: nothing,
  });
  const nowUs = (): number => Math.floor(clock.now() * 1000);
  const { breaker } = health;
  const askers = (): number => 1;
  const deciding = new Deciding({ breaker, policy, backs, teller, observer: {}, askers, nowUs });
  const run = (call: WireCall): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const [asks, rates, slotBuckets] = JSON.parse(call.args[1]!) as [number, number, number];
      const parts = asks * (rates + slotBuckets);
      sent.push({
        call,
        asks,
        answer: (granted) => resolve([1, ...Array.from({ length: parts }, () => [granted, 0, 7, 0]).flat()]),
        fail: reject,
      });
    });
  const names = new KeyNames('p');
  const asking: Asking = new Asking(
    { clock, observer: {}, run, names, health, deciding, slots, local, backs, teller },
    { timeoutMs: 1_000, maxInFlight: 1_000, slotLifeMs: 20_000 },
  );
  return { asking, sent, backs, slots, health };
}

const bucket = wireBucket('{p}:r:x', { spacingUs: 1_000, spacingFrac: 0, burst: 100 }, 1_000, 10);
const seats = wireBucket('{p}:s:y', null, 10, 0);

let tokens = 0;
const ask = (asking: Asking, of: WireBucket): Promise<readonly Grant[]> =>
  asking.ask([{ bucket: of, need: 1, want: 1 }], `t${tokens++}`);

describe('asking', () => {
  it('what one turn asks is one call, and each bucket stands in it once', async () => {
    const { asking, sent } = setUp();
    const grants = Promise.all(Array.from({ length: 10 }, () => ask(asking, bucket)));
    await turn();
    expect(sent.map(({ asks }) => asks)).toEqual([10]);
    expect(sent[0]!.call.keys.filter((key) => key === bucket.key).length).toBe(1);
    sent[0]!.answer(1);
    expect((await grants).map(([grant]) => grant)).toEqual(
      Array(10).fill({ granted: 1, retryAfterMs: 0, remaining: 7, resetMs: 0, lifeMs: 1_000 }),
    );
    expect(asking.inFlight).toBe(0);
  });

  it('a call is bounded, and full ones never wait', async () => {
    const { asking, sent } = setUp();
    for (let at = 0; at < 200; at++) void ask(asking, bucket);
    await turn();
    expect(sent.map(({ asks }) => asks)).toEqual([32, 32, 32, 32, 32, 32]);
    sent[0]!.answer(1);
    sent[1]!.answer(1);
    await turn();
    await turn();
    // Four are still on their way: the last eight wait for one more answer.
    expect(sent.length).toBe(6);
    sent[2]!.answer(1);
    await turn();
    await turn();
    expect(sent.map(({ asks }) => asks).at(-1)).toBe(8);
  });

  it('with four calls on their way the next one grows until an answer comes', async () => {
    const { asking, sent } = setUp();
    for (let at = 0; at < 7; at++) {
      void ask(asking, bucket);
      await turn();
    }
    expect(sent.map(({ asks }) => asks)).toEqual([1, 1, 1, 1]);
    sent[0]!.answer(1);
    await turn();
    await turn();
    expect(sent.map(({ asks }) => asks)).toEqual([1, 1, 1, 1, 3]);
  });

  it('when nobody waits any longer: a slot that may have been taken is given back, one never asked for is not', async () => {
    const { asking, sent, backs } = setUp('closed');
    const first = ask(asking, seats);
    await turn();
    const second = ask(asking, seats);
    asking.drain();
    expect([(await first)[0], (await second)[0]]).toMatchObject([
      { granted: 0, degraded: true },
      { granted: 0, degraded: true },
    ]);
    await turn();
    expect(sent.length).toBe(1);
    expect(asking.inFlight).toBe(1);
    const told = backs.next()!;
    expect(told.slots.flatMap(([, ids]) => ids)).toEqual([`t${tokens - 2}/0`]);
    // The answer that comes after all is undone as well.
    sent[0]!.answer(1);
    await turn();
    expect(asking.inFlight).toBe(0);
    expect(backs.next()!.slots.flatMap(([, ids]) => ids)).toEqual([`t${tokens - 2}/0`]);
  });

  it('one failed call is the failure of all its asks: the policy answers each, and the breaker opens', async () => {
    const { asking, sent, health } = setUp('open');
    const grants = Promise.all(Array.from({ length: 6 }, () => ask(asking, bucket)));
    await turn();
    sent[0]!.fail(new Error('OOM command not allowed'));
    for (const [grant] of await grants) expect(grant).toMatchObject({ granted: 1, degraded: true });
    expect(health.good).toBe(false);
    expect(health.faults).toEqual({ memory: 6 });
  });
});
