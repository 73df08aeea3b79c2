// F01: the Lua decides as its model in TypeScript does, on a real server. The clock is Redis's: each answer says what time
// it was, and the model is asked for the same moment.
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Packr } from 'msgpackr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LimitRule } from '../../../src/contracts/limits.ts';
import { MAX_UNITS, meterPace, wholeUnits } from '../../../src/limits/meter.ts';
import { ASK_SCRIPT } from '../../../src/redis/limits/ask-script.ts';
import {
  AskCalls,
  type AskParts,
  type AskRow,
  askAnswer,
  askRow,
} from '../../../src/redis/limits/ask-wire.ts';
import { KeyNames, type WireAsk, type WireBucket, wireBucket } from '../../../src/redis/limits/limit-keys.ts';
import { BACK_SCRIPT, BEAT_SCRIPT } from '../../../src/redis/limits/limit-scripts.ts';
import { type ModelAsk, ScriptModel } from '../../../src/redis/limits/script-model.ts';
import { rate, slots, token } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.port, '127.0.0.1');
  redis.on('error', () => undefined);
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

beforeEach(async () => {
  await redis.flushall();
});

const SLOT_LIFE_MS = 60_000;
const TOKEN_LIFE_MS = 10_000;
const calls = new AskCalls(new KeyNames('{p}'), SLOT_LIFE_MS);

/** Several asks in one call. */
async function askRedis(asks: readonly AskParts[]): Promise<number[]> {
  const { keys, args } = calls.of(asks);
  return (await redis.eval(ASK_SCRIPT, keys.length, ...keys, ...args)) as number[];
}

/** One ask with one part. */
async function askOne(bucket: WireBucket): Promise<AskRow> {
  const parts = [{ bucket, need: 1, want: 1 }];
  return askRow(askAnswer(await askRedis([{ parts, token: token() }]), 1)!, 0);
}

const toModel = ({ bucket: { key, pace, limit }, need, want }: WireAsk): ModelAsk => {
  const share = Math.floor(limit / 100);
  return pace === null
    ? { kind: 'slots', key, need, want, limit, lifeMs: SLOT_LIFE_MS, share }
    : { kind: 'rate', key, need, want, pace, share };
};

/** A window of a budget that is never over. */
const budget = (limit: number): LimitRule => ({ ...rate('spent', 1, 1), dimension: 'cost', limit });

// Paces from one a day to a thousand million a second, and the slots of a gateway.
const RULES = [
  rate('requests', 600, 60_000),
  rate('burst', 50, 1_000, 20),
  rate('tokens', 10_000_000, 60_000),
  rate('odd', 7, 3_000),
  rate('day', 3, 86_400_000),
  rate('huge', 1_000_000_000, 1_000),
  slots('one', 1),
  slots('some', 40),
  budget(5_000_000_000_000),
];

// The same buckets after a reload: some faster, some slower, with more or less of a burst.
const RELOADED = [
  rate('requests', 6_000, 86_400_000),
  rate('burst', 50, 1_000, 5),
  rate('tokens', 100_000, 60_000),
  rate('odd', 70, 3_000, 60),
  rate('day', 30, 60_000),
  rate('huge', 1_000_000, 1_000),
  slots('one', 3),
  slots('some', 20),
  budget(1_000_000_000),
];

const madeBucket = (at: number, rules = RULES): WireBucket => {
  const rule = rules[at]!;
  const isSlots = rule.dimension === 'concurrent';
  const share = Math.floor(rule.limit / 100);
  return wireBucket(
    `{p}:${isSlots ? 's' : 'r'}:${rule.name}`,
    isSlots ? null : meterPace(rule),
    rule.limit,
    share,
  );
};

const units = fc.oneof(
  fc.integer({ min: 0, max: 60 }),
  fc.constantFrom(
    0,
    1,
    20,
    200_000,
    MAX_UNITS,
    wholeUnits(Number.NaN),
    wholeUnits(Number.POSITIVE_INFINITY),
    wholeUnits(-5),
    wholeUnits(2 ** 53),
  ),
);
const slotUnits = fc.integer({ min: 0, max: 12 });

// `again`: a reload made another object of the same bucket.
const part = fc.record({
  rule: fc.nat(RULES.length - 1),
  need: units,
  more: units,
  slotNeed: slotUnits,
  again: fc.boolean(),
  reloaded: fc.boolean(),
});
const one = fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 4 }), token: fc.nat(6) });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      asks: fc.array(one, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('back' as const),
      rule: fc.constantFrom(0, 1, 2, 3, 4, 5, 8),
      units,
      book: fc.boolean(),
      reloaded: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      rule: fc.integer({ min: 6, max: 7 }),
      token: fc.nat(6),
      slot: fc.nat(5),
    }),
  },
);

describe('F01: the limiter script against its model', () => {
  it('decides alike on any sequence of calls with one or many asks, give-backs and releases', async () => {
    let decisions = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, askers) => {
          await redis.flushall();
          for (let at = 0; at < askers; at++) await redis.zadd('{p}:m', Date.now() + 60_000, `asker${at}`);
          const model = new ScriptModel();
          model.askers = askers;
          const buckets = RULES.map((_, at) => madeBucket(at));
          for (const one of steps) {
            if (one.kind === 'ask') {
              const asks = one.asks.map(({ parts, token }): AskParts => {
                const seen = new Set<number>();
                const different = parts.filter(({ rule }) => !seen.has(rule) && seen.add(rule));
                return {
                  token: `t${token}`,
                  parts: different.map(({ rule, need, more, slotNeed, again, reloaded }): WireAsk => {
                    const isSlots = RULES[rule]!.dimension === 'concurrent';
                    const least = isSlots ? slotNeed : need;
                    return {
                      bucket: again ? madeBucket(rule, reloaded ? RELOADED : RULES) : buckets[rule]!,
                      need: least,
                      want: Math.min(MAX_UNITS, least + (isSlots ? more % 12 : more)),
                    };
                  }),
                };
              });
              const reply = await askRedis(asks);
              const rows = asks.flatMap(({ parts, token }) =>
                model.ask(parts.map(toModel), token, TOKEN_LIFE_MS, reply[0]!),
              );
              expect(reply.slice(1)).toEqual(rows.flat());
              decisions += rows.length;
            } else if (one.kind === 'back') {
              const rule = (one.reloaded ? RELOADED : RULES)[one.rule]!;
              const pace = meterPace(rule);
              const amount = one.book ? -one.units : one.units;
              const key = `{p}:r:${rule.name}`;
              const nowUs = await redis.eval(
                BACK_SCRIPT,
                1,
                key,
                'r',
                amount,
                pace.spacingUs,
                pace.spacingFrac,
                pace.burst,
              );
              model.back(key, amount, pace, Number(nowUs));
            } else {
              const key = `{p}:s:${RULES[one.rule]!.name}`;
              const id = `t${one.token}/${one.slot}`;
              await redis.eval(BACK_SCRIPT, 1, key, 's', 1, id);
              model.release(key, [id]);
            }
          }
        },
      ),
      { numRuns: 600 },
    );
    expect(decisions).toBeGreaterThan(3_000);
  });

  it('keeps what it stores as msgpack of whole numbers, and gives every key a life', async () => {
    const rule = rate('tokens', 10_000_000, 60_000);
    const pace = meterPace(rule);
    const by = token();
    await askRedis([
      {
        token: by,
        parts: [
          { bucket: wireBucket('{p}:r:x', pace, rule.limit, 0), need: 7, want: 7 },
          { bucket: wireBucket('{p}:s:y', null, 5, 0), need: 2, want: 2 },
        ],
      },
    ]);
    await redis.eval(BEAT_SCRIPT, 3, '{p}:m', '{p}:e', '{p}:s:y', 'me', 5_000, 'epoch', 20_000, 1, `${by}/0`);
    const [debt, frac, seen] = new Packr().unpackMultiple((await redis.getBuffer('{p}:r:x'))!) as number[];
    expect([debt, frac, seen].every((value) => Number.isSafeInteger(Number(value)))).toBe(true);
    expect(Number(debt) * 1e6 + Number(frac)).toBe(7 * (pace.spacingUs * 1e6 + pace.spacingFrac));
    expect(
      new Packr({ useRecords: false, mapsAsObjects: true }).unpack((await redis.getBuffer(`{p}:t:${by}`))!),
    ).toEqual({ '{p}:r:x': 7 });
    const keys = await redis.keys('*');
    expect(keys.length).toBe(5);
    for (const key of keys) expect(await redis.pttl(key), key).toBeGreaterThan(0);
  });

  it('a token that gave back its first slot and asks again is counted once for the slot it kept', async () => {
    const seats = wireBucket('{p}:s:seats', null, 40, 0);
    const asks: AskParts[] = [{ parts: [{ bucket: seats, need: 2, want: 2 }], token: 'again' }];
    expect(askRow(await askRedis(asks), 0)).toMatchObject({ granted: 2, left: 38 });
    await redis.eval(BACK_SCRIPT, 1, seats.key, 's', 1, 'again/0');
    expect(askRow(await askRedis(asks), 0)).toMatchObject({ granted: 2, left: 38 });
    expect(await redis.zcard(seats.key)).toBe(2);
  });

  it('a call of many asks reads and writes each bucket once and gives to each what is its own', async () => {
    const pace = meterPace(rate('shared', 10, 60_000, 10));
    const bucket = wireBucket('{p}:r:shared', pace, 10, 0);
    const seats = wireBucket('{p}:s:seats', null, 4, 0);
    const asks = Array.from({ length: 16 }, (_, at): AskParts => {
      const parts: WireAsk[] = [{ bucket, need: 1, want: 1 }];
      // Every other one wants a seat too; what the seats refuse takes nothing of the rate.
      if (at % 2 === 0) parts.push({ bucket: seats, need: 1, want: 1 });
      return { parts, token: token() };
    });
    const { keys } = calls.of(asks);
    expect(keys.filter((key) => key === bucket.key || key === seats.key).length).toBe(2);
    await redis.config('RESETSTAT');
    const reply = await askRedis(asks);
    const granted: number[] = [];
    let at = 0;
    for (const { parts } of asks) {
      granted.push(askRow(reply, at).granted);
      at += parts.length;
    }
    // Four seats and the four calls between them, then only those that need no seat, until ten units are gone.
    expect(granted).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0]);
    expect(await redis.zcard(seats.key)).toBe(4);
    const stats = await redis.info('commandstats');
    expect(stats).toContain('cmdstat_mget:calls=1,');
    expect(stats).toContain('cmdstat_zadd:calls=1,');
    // One for the bucket and one for the record of each ask that was granted something.
    expect(stats).toContain('cmdstat_set:calls=11,');
  });

  it('drifts by nothing over ten thousand small bookings', async () => {
    const pace = meterPace(rate('tokens', 7_000_000, 86_400_000, 1_000_000));
    for (let at = 0; at < 20; at++) {
      await redis.eval(
        BACK_SCRIPT,
        500,
        ...Array(500).fill('{p}:r:x'),
        ...Array(500).fill(['r', -1, pace.spacingUs, pace.spacingFrac, pace.burst]).flat(),
      );
    }
    const rest = await redis.getBuffer('{p}:r:x');
    const [debt, frac, seen] = (new Packr().unpackMultiple(rest!) as number[]).map(Number) as [
      number,
      number,
      number,
    ];
    const first = Number(await redis.eval("return redis.call('TIME')[1]", 0)) * 1e6;
    const exactUs = (10_000 * (pace.spacingUs * 1e6 + pace.spacingFrac)) / 1e6;
    // What drained meanwhile is whole microseconds; what is left of one is exact.
    expect(frac).toBe((10_000 * pace.spacingFrac) % 1e6);
    expect(debt).toBeLessThanOrEqual(Math.floor(exactUs));
    expect(debt).toBeGreaterThan(Math.floor(exactUs) - 10e6);
    expect(seen).toBeLessThan(first + 10e6);
  });

  it('a reload from a day to a minute keeps what was used in units, and back', async () => {
    const day = wireBucket('{p}:r:x', meterPace(rate('r', 1_000, 86_400_000, 1_000)), 1_000, 0);
    const minute = wireBucket('{p}:r:x', meterPace(rate('r', 1_000, 60_000, 1_000)), 1_000, 0);
    const take = async (bucket: WireBucket, need: number): Promise<AskRow> =>
      askRow(await askRedis([{ parts: [{ bucket, need, want: need }], token: token() }]), 0);
    await take(day, 990);
    const now = await take(minute, 0);
    // 16 a second drain now, for as long as the machine stands still.
    expect(now.left).toBeGreaterThanOrEqual(10);
    expect(now.left).toBeLessThan(300);
    expect(now.debtUs).toBeLessThanOrEqual(990 * 60_000);
    const again = await take(day, 0);
    expect(again.left).toBeGreaterThanOrEqual(now.left - 1);
    expect(again.left).toBeLessThan(320);
  });

  it('what calls of the old numbers give back is counted in the new ones', async () => {
    const old = meterPace(rate('r', 1_000, 86_400_000, 1_000));
    const day = wireBucket('{p}:r:x', old, 1_000, 0);
    const hour = wireBucket('{p}:r:x', meterPace(rate('r', 1_000, 3_600_000, 1_000)), 1_000, 0);
    await askRedis([{ parts: [{ bucket: day, need: 900, want: 900 }], token: token() }]);
    await askRedis([{ parts: [{ bucket: hour, need: 0, want: 0 }], token: token() }]);
    await redis.eval(BACK_SCRIPT, 1, '{p}:r:x', 'r', 300, old.spacingUs, old.spacingFrac, old.burst);
    const [row] = [
      askRow(await askRedis([{ parts: [{ bucket: hour, need: 0, want: 0 }], token: token() }]), 0),
    ];
    expect(row.left).toBeGreaterThanOrEqual(400);
    expect(row.left).toBeLessThan(405);
  });

  it('what a lower burst does not allow any more is let off when the numbers have stood for five seconds', async () => {
    const large = wireBucket('{p}:r:x', meterPace(rate('r', 3_600, 3_600_000, 1_000)), 3_600, 0);
    const small = wireBucket('{p}:r:x', meterPace(rate('r', 3_600, 3_600_000, 20)), 3_600, 0);
    await askRedis([{ parts: [{ bucket: large, need: 1_000, want: 1_000 }], token: token() }]);
    const refused = await askOne(small);
    expect(refused.granted).toBe(0);
    expect(refused.waitUs).toBeLessThanOrEqual(5_000_000);
    // Other gateways, not reloaded yet, still refuse too; that they ask changes nothing of what is owed.
    expect((await askOne(large)).granted).toBe(0);
    expect((await askOne(small)).granted).toBe(0);
    // Five seconds later: the stored times are moved.
    const raw = (new Packr().unpackMultiple((await redis.getBuffer('{p}:r:x'))!) as number[]).map(Number);
    expect(raw).toHaveLength(8);
    raw[2]! -= 5e6;
    raw[7]! -= 5e6;
    await redis.set('{p}:r:x', Buffer.concat(raw.map((value) => new Packr().pack(value))), 'PX', 60_000);
    let admitted = 0;
    const begun = performance.now();
    for (let at = 0; at < 40; at++) admitted += (await askOne(small)).granted;
    expect(admitted).toBeGreaterThanOrEqual(4);
    // One a second more.
    expect(admitted).toBeLessThanOrEqual(7 + Math.ceil((performance.now() - begun) / 1_000));
  });

  it('what an older version wrote is read as owed in the numbers of whoever asks', async () => {
    const rule = rate('r', 60, 60_000, 10);
    const one = wireBucket('{p}:r:x', meterPace(rule), 60, 0);
    const now = Number(await redis.eval("local t = redis.call('TIME') return t[1] * 1000000 + t[2]", 0));
    const old = [8_000_000, 0, now].map((value) => new Packr().pack(value));
    await redis.set('{p}:r:x', Buffer.concat(old), 'PX', 60_000);
    const first = await askOne(one);
    expect(first.granted).toBe(1);
    // One a second more.
    expect([1, 2, 3, 4]).toContain(first.left);
    expect(new Packr().unpackMultiple((await redis.getBuffer('{p}:r:x'))!)).toHaveLength(6);
  });

  it('a debt told to a Redis that lost it counts in the numbers of the bucket', async () => {
    const day = meterPace(rate('r', 1_000, 86_400_000, 1_000));
    const minute = meterPace(rate('r', 1_000, 60_000, 1_000));
    const tell = (debtUs: number, pace: typeof day): Promise<unknown> =>
      redis.eval(BACK_SCRIPT, 1, '{p}:r:x', 'm', debtUs, pace.spacingUs, pace.spacingFrac, pace.burst);
    await tell(500 * 86_400_000, day);
    await tell(400 * 60_000, minute);
    const bucket = wireBucket('{p}:r:x', minute, 1_000, 0);
    const row = askRow(await askRedis([{ parts: [{ bucket, need: 0, want: 0 }], token: token() }]), 0);
    // And 16 a second.
    expect(row.left).toBeGreaterThanOrEqual(500);
    expect(row.left).toBeLessThan(800);
  });

  it('R06: a clock that goes back blocks nobody, and one that jumps ahead admits one burst', async () => {
    // Two minutes and more for each: nothing comes back while the test runs.
    const rule = rate('r', 600, 86_400_000);
    const one = wireBucket('{p}:r:x', meterPace(rule), 600, 0);
    for (let at = 0; at < rule.burst; at++) await askOne(one);
    expect((await askOne(one)).granted).toBe(0);
    for (const jumpUs of [86_400e6, -86_400e6]) {
      // The stored time is moved, which is the clock moved the other way.
      const raw = new Packr().unpackMultiple((await redis.getBuffer('{p}:r:x'))!) as number[];
      const packed = Buffer.concat(
        [Number(raw[0]), Number(raw[1]), Number(raw[2]) + jumpUs].map((value) => new Packr().pack(value)),
      );
      await redis.set('{p}:r:x', packed, 'PX', 60_000);
      let admitted = 0;
      for (let at = 0; at < 30; at++) admitted += (await askOne(one)).granted;
      expect((await askOne(one)).waitUs).toBeLessThanOrEqual(rule.spacingMs * 1_000 * 1.1);
      expect(admitted).toBeLessThanOrEqual(rule.burst + 2);
    }
  });
});
