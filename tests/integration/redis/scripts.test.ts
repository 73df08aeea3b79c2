// F01: the Lua decides as its model in TypeScript does, on a real server. The clock is Redis's: each answer says what time
// it was, and the model is asked for the same moment.
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Packr } from 'msgpackr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WireAsk } from '../../../src/stores/limit-keys.ts';
import { askArguments, askRows } from '../../../src/stores/limit-keys.ts';
import { ASK_SCRIPT, BACK_SCRIPT, BEAT_SCRIPT } from '../../../src/stores/limit-scripts.ts';
import { MAX_UNITS, meterPace, wholeUnits } from '../../../src/stores/meter.ts';
import { type ModelAsk, ScriptModel } from '../../../src/stores/script-model.ts';
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

const LIVES = { tokenMs: 60_000, slotMs: 60_000 };

async function askRedis(asks: readonly WireAsk[], by: string): Promise<number[]> {
  const keys = [`{p}:t:${by}`, '{p}:m', ...asks.map(({ key }) => key)];
  return (await redis.eval(ASK_SCRIPT, keys.length, ...keys, ...askArguments(asks, by, LIVES))) as number[];
}

const toModel = ({ key, need, want, pace, limit, share }: WireAsk): ModelAsk =>
  pace === null
    ? { kind: 'slots', key, need, want, limit, lifeMs: LIVES.slotMs, share }
    : { kind: 'rate', key, need, want, pace, share };

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
];

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

const part = fc.record({ rule: fc.nat(RULES.length - 1), need: units, more: units, slotNeed: slotUnits });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      parts: fc.array(part, { minLength: 1, maxLength: 4 }),
      token: fc.nat(6),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('back' as const), rule: fc.nat(5), units, book: fc.boolean() }),
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
  it('decides alike on any sequence of asks, give-backs and releases', async () => {
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
          for (const one of steps) {
            if (one.kind === 'ask') {
              const seen = new Set<number>();
              const asks: WireAsk[] = [];
              for (const { rule: at, need, more, slotNeed } of one.parts) {
                if (seen.has(at)) continue;
                seen.add(at);
                const rule = RULES[at]!;
                const isSlots = rule.dimension === 'concurrent';
                asks.push({
                  key: `{p}:${isSlots ? 's' : 'r'}:${rule.name}`,
                  need: isSlots ? slotNeed : need,
                  want: Math.min(MAX_UNITS, (isSlots ? slotNeed : need) + (isSlots ? more % 12 : more)),
                  pace: isSlots ? null : meterPace(rule),
                  limit: rule.limit,
                  share: Math.floor(rule.limit / 100),
                });
              }
              const reply = await askRedis(asks, `t${one.token}`);
              const rows = model.ask(asks.map(toModel), `t${one.token}`, LIVES.tokenMs, reply[0]!);
              expect(reply.slice(1)).toEqual(rows.flat());
              decisions += rows.length;
            } else if (one.kind === 'back') {
              const rule = RULES[one.rule]!;
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
      { numRuns: 400 },
    );
    expect(decisions).toBeGreaterThan(3_000);
  });

  it('keeps what it stores as msgpack of whole numbers, and gives every key a life', async () => {
    const rule = rate('tokens', 10_000_000, 60_000);
    const pace = meterPace(rule);
    const by = token();
    await askRedis(
      [
        { key: '{p}:r:x', need: 7, want: 7, pace, limit: rule.limit, share: 0 },
        { key: '{p}:s:y', need: 2, want: 2, pace: null, limit: 5, share: 0 },
      ],
      by,
    );
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

  it('R06: a clock that goes back blocks nobody, and one that jumps ahead admits one burst', async () => {
    const rule = rate('r', 600, 60_000);
    const one: WireAsk = { key: '{p}:r:x', need: 1, want: 1, pace: meterPace(rule), limit: 600, share: 0 };
    for (let at = 0; at < rule.burst; at++) await askRedis([one], token());
    expect(askRows(await askRedis([one], token()), 1)![0]!.granted).toBe(0);
    for (const jumpUs of [3_600e6, -3_600e6]) {
      // The stored time is moved, which is the clock moved the other way.
      const raw = new Packr().unpackMultiple((await redis.getBuffer('{p}:r:x'))!) as number[];
      const packed = Buffer.concat(
        [Number(raw[0]), Number(raw[1]), Number(raw[2]) + jumpUs].map((value) => new Packr().pack(value)),
      );
      await redis.set('{p}:r:x', packed, 'PX', 60_000);
      let admitted = 0;
      for (let at = 0; at < 30; at++) admitted += askRows(await askRedis([one], token()), 1)![0]!.granted;
      const [row] = askRows(await askRedis([one], token()), 1)!;
      expect(row!.waitUs).toBeLessThanOrEqual(100_000 * 1.1);
      expect(admitted).toBeLessThanOrEqual(rule.burst + 2);
    }
  });
});
