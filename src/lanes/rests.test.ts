// What a refusal leads to, by its code and by the keys there are. Two workers (or nodes) are two sets of lanes.
import { describe, expect, test } from 'vitest';
import type { BreakerConfig, CooldownConfig } from '../contracts/attempt-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { DEFAULT_BREAKER } from '../config/schema/defaults.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Lane } from '../contracts/lane.ts';
import type { Target } from '../contracts/plan.ts';
import type { Rest } from '../contracts/rests.ts';
import { faultError } from '../dialects/fault-error.ts';
import { ModelCell } from './cell.ts';
import { CellBook } from './cell-book.ts';
import { createKeyRing } from './key-ring.ts';
import { createRests, type Rests } from './rests.ts';

const cooldown: CooldownConfig = { rateLimitMs: 30_000, overloadMs: 5_000, maxMs: 86_400_000 };

interface Options {
  aliases?: string[];
  cooldown?: CooldownConfig;
  breaker?: BreakerConfig;
  baseUrl?: string;
  /** Values of the keys; by default made of the alias. */
  values?: string[];
}

function setUp({
  aliases = ['k1'],
  breaker = DEFAULT_BREAKER,
  baseUrl = 'http://a/v1',
  values,
  ...rest
}: Options = {}) {
  const clock = { time: 1_000, now: () => clock.time, wall: () => clock.time };
  const keys = aliases.map((alias, at) => ({
    alias,
    value: values?.[at] ?? `sk-${alias}-secret`,
    weight: 1,
    models: [],
  }));
  const provider = { name: 'p', kind: 'http', baseUrl, keys, cooldown, ...rest } as unknown as ProviderConfig;
  let rests: Rests | null = null;
  const cells = new CellBook(clock, breaker, {
    random: () => 0.5,
    changed: (model, change) => rests!.circuitChanged(lane, model, change),
  });
  const lane = {
    provider,
    circuits: () => cells.circuits('p'),
    keys: createKeyRing(keys, { clock, random: () => 0 }),
    cell: (model: string) => new ModelCell(model, cells),
  } as unknown as Lane;
  const target = { lane, cell: lane.cell('m'), provider, model: 'm' } as unknown as Target;
  const told: Rest[] = [];
  const cooled: [string, number, string][] = [];
  rests = createRests({
    clock,
    tell: (one) => told.push(one),
    cooled: (_lane, model, forMs, reason) => cooled.push([model, forMs, reason]),
    passedBy() {},
    withheld() {},
    circuit() {},
  });
  const key = (at: number) => ({ config: keys[at]! });
  const left = () => lane.cell('m').leftMs();
  return { clock, lane, target, told, cooled, rests: rests as Rests, key, left };
}

function refusal(status: number, headers: Record<string, string> = {}, code: string | null = null) {
  return faultError(
    {
      dialect: 'openai-chat',
      status,
      body: null,
      type: null,
      code,
      param: null,
      message: 'no',
      headers,
    },
    0,
  );
}

describe('a 429', () => {
  test('rests its key while another is usable, and cools the model when it was the last', () => {
    const { rests, target, key, left, told, clock } = setUp({ aliases: ['k1', 'k2'] });
    rests.failed(target, key(0), refusal(429, { 'retry-after': '60' }));
    expect(left()).toBe(0);
    expect(told).toMatchObject([{ kind: 'key', key: 'k1', forMs: 60_000, stated: true, limited: true }]);
    clock.time += 40_000;
    rests.failed(target, key(1), refusal(429, { 'retry-after': '60' }));
    // The first key is back before the second one: so is the model.
    expect(left()).toBe(20_000);
    expect(told[1]).toMatchObject({ kind: 'target', model: 'm', forMs: 20_000, stated: true });
  });

  test('of the only key, or without any, cools the model for the stated time', () => {
    for (const aliases of [['k1'], []]) {
      const { rests, target, key, left, cooled } = setUp({ aliases });
      rests.failed(target, aliases.length === 0 ? null : key(0), refusal(429, { 'retry-after': '7' }));
      expect(left()).toBe(7_000);
      expect(cooled).toEqual([['m', 7_000, 'provider_rate_limit']]);
    }
  });

  test('states its time in the reset of the limit that is spent, too', () => {
    const { rests, target, key, left } = setUp();
    rests.failed(
      target,
      key(0),
      refusal(429, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30s' }),
    );
    expect(left()).toBe(90_000);
  });

  test('without a time cools for the base, and not at all where nothing is spent', () => {
    const one = setUp();
    one.rests.failed(one.target, one.key(0), refusal(429));
    expect(one.left()).toBe(30_000);
    expect(one.told).toMatchObject([{ kind: 'target', stated: false, forMs: 30_000 }]);
    const other = setUp();
    other.rests.failed(other.target, other.key(0), refusal(429, { 'x-ratelimit-remaining-tokens': '9' }));
    expect(other.left()).toBe(0);
    expect(other.told).toEqual([]);
  });

  test('of a thousand calls at once is told once', () => {
    const { rests, target, key, told, cooled, clock } = setUp();
    for (let call = 0; call < 1_000; call++) {
      clock.time += 0.5;
      rests.failed(target, key(0), refusal(429, { 'retry-after': '60' }));
    }
    expect(told).toHaveLength(1);
    expect(cooled).toHaveLength(1);
  });
});

describe('other refusals', () => {
  test('a wrong key rests while there is another; the last one cools nothing', () => {
    const { rests, target, key, left, told } = setUp({ aliases: ['k1', 'k2'] });
    rests.failed(target, key(0), refusal(401));
    rests.failed(target, key(1), refusal(403));
    expect(told).toMatchObject([{ kind: 'key', key: 'k1', limited: false, forMs: 300_000 }]);
    expect(left()).toBe(0);
  });

  test('a spent quota of the last key cools', () => {
    const { rests, target, key, left } = setUp();
    rests.failed(target, key(0), refusal(429, {}, 'insufficient_quota'));
    expect(left()).toBe(30_000);
  });

  test.each([503, 529])(
    'a %i cools at once for a stated time, else when the target is given up',
    (status) => {
      const stated = setUp();
      stated.rests.failed(stated.target, stated.key(0), refusal(status, { 'retry-after': '3' }));
      stated.rests.givenUp(stated.target, refusal(status, { 'retry-after': '3' }));
      expect(stated.left()).toBe(3_000);
      const not = setUp();
      not.rests.failed(not.target, not.key(0), refusal(status));
      expect(not.left()).toBe(0);
      not.rests.givenUp(not.target, refusal(status));
      expect(not.left()).toBe(5_000);
    },
  );

  test('an overload that lasts cools for longer each time, but is looked at each 20 s', () => {
    const { rests, target, clock, cooled } = setUp();
    for (let round = 0; round < 6; round++) {
      rests.givenUp(target, refusal(503));
      clock.time += cooled.at(-1)![1] + 1;
    }
    expect(cooled.map(([, forMs]) => forMs)).toEqual([5_000, 10_000, 15_000, 20_000, 20_000, 20_000]);
  });

  test.each([400, 404, 500, 502])('a %i cools nothing', (status) => {
    const { rests, target, key, left } = setUp();
    rests.failed(target, key(0), refusal(status, { 'retry-after': '3' }));
    rests.givenUp(target, refusal(status, { 'retry-after': '3' }));
    expect(left()).toBe(0);
  });

  test('refusals of our own cool nothing', () => {
    const { rests, target, key, left } = setUp();
    for (const code of ['GW_LANE_FULL', 'GW_LIMIT_EXCEEDED', 'GW_LANE_NO_KEY'] as const) {
      const error = new GatewayError(code, { retryAfterMs: 9_000 });
      rests.failed(target, key(0), error);
      rests.givenUp(target, error);
    }
    expect(left()).toBe(0);
  });
});

describe('the configuration', () => {
  test('caps stated times and switches cool-downs off', () => {
    const capped = setUp({ cooldown: { ...cooldown, maxMs: 10_000 } });
    capped.rests.failed(capped.target, capped.key(0), refusal(429, { 'retry-after': '3600' }));
    expect(capped.left()).toBe(10_000);
    expect(capped.told).toMatchObject([{ forMs: 10_000 }]);
    const off = setUp({ cooldown: { ...cooldown, maxMs: 0 } });
    off.rests.failed(off.target, off.key(0), refusal(429, { 'retry-after': '3600' }));
    off.rests.failed(off.target, off.key(0), refusal(429));
    expect(off.left()).toBe(0);
    expect(off.told).toEqual([]);
  });
});

describe('what another worker or node found out', () => {
  function tellEachOther(from: ReturnType<typeof setUp>, to: ReturnType<typeof setUp>): void {
    for (const rest of from.told) to.rests.learn(to.lane, JSON.parse(JSON.stringify(rest)) as Rest);
  }

  test('holds no value of a key', () => {
    const { rests, target, key, told } = setUp({ aliases: ['k1', 'k2'] });
    rests.failed(target, key(0), refusal(429));
    rests.failed(target, key(1), refusal(429));
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  test('rests the key of the same value, whatever its alias', () => {
    const here = setUp({ aliases: ['k1', 'k2'], values: ['sk-one', 'sk-two'] });
    const there = setUp({ aliases: ['k1', 'x'], values: ['sk-two', 'sk-one'] });
    here.rests.failed(here.target, here.key(0), refusal(429));
    tellEachOther(here, there);
    expect(there.lane.keys.pick('m', [])?.config.value).toBe('sk-two');
    expect(there.told).toEqual([]);
  });

  test('is passed over where the alias means another key, or the name another server', () => {
    const here = setUp({ aliases: ['k1', 'k2'] });
    here.rests.failed(here.target, here.key(0), refusal(429));
    here.rests.failed(here.target, here.key(1), refusal(429));
    const elsewhere = setUp({ aliases: ['k1', 'k2'], baseUrl: 'http://b/v1' });
    tellEachOther(here, elsewhere);
    expect(elsewhere.left()).toBe(0);
    expect(elsewhere.lane.keys.states()).toEqual([
      ['k1', true],
      ['k2', true],
    ]);
  });

  test('cools the model, for as long, and no longer than the configuration allows', () => {
    const here = setUp();
    here.rests.failed(here.target, here.key(0), refusal(429, { 'retry-after': '60' }));
    const there = setUp();
    tellEachOther(here, there);
    expect(there.left()).toBe(60_000);
    expect(there.cooled).toEqual([['m', 60_000, 'shared']]);
    const short = setUp({ cooldown: { ...cooldown, maxMs: 1_000 } });
    tellEachOther(here, short);
    expect(short.left()).toBe(1_000);
  });

  test('a limited key that is the only one here cools the model; a wrong one does not', () => {
    for (const [status, ms] of [
      [429, 30_000],
      [401, 0],
    ] as const) {
      const here = setUp({ aliases: ['k1', 'k2'] });
      here.rests.failed(here.target, here.key(0), refusal(status));
      const there = setUp({ aliases: ['k1'] });
      tellEachOther(here, there);
      expect(there.left()).toBe(ms);
    }
  });
});

describe('the circuit of a model', () => {
  test('opens by failures of the provider, is told, and closes everywhere by an answer', () => {
    const one = setUp();
    const other = setUp();
    for (let at = 0; at < 5; at++) one.rests.failed(one.target, one.key(0), refusal(500));
    expect(one.left()).toBeGreaterThan(0);
    expect(one.told).toMatchObject([{ kind: 'circuit', lane: 'p', model: 'm', state: 'open' }]);
    other.rests.learn(other.lane, one.told[0]!);
    expect(other.left()).toBeGreaterThan(0);
    one.target.cell.served(one.clock.time);
    other.rests.learn(other.lane, one.told[1]!);
    for (const { clock, lane } of [one, other]) {
      clock.time += 60_000;
      expect(lane.circuits()).toEqual([]);
      expect(lane.cell('m').leftMs()).toBe(0);
    }
  });

  test('is not opened by what callers did, nor by limits', () => {
    const { rests, target, key, lane } = setUp();
    for (const status of [400, 401, 403, 404, 422, 429])
      for (let at = 0; at < 6; at++) rests.failed(target, key(0), refusal(status));
    expect(lane.circuits()).toEqual([]);
  });

  test('takes a refusal for a sign of life', () => {
    const { rests, target, key, lane, clock } = setUp();
    for (let at = 0; at < 5; at++) rests.failed(target, key(0), refusal(500));
    clock.time += 1_500;
    target.cell.arrived(clock.time);
    expect(lane.circuits()).toMatchObject([{ state: 'half-open' }]);
    rests.failed(target, key(0), refusal(400));
    expect(lane.circuits()).toEqual([]);
  });

  test('of another server of the same name is another one', () => {
    const one = setUp();
    const other = setUp({ baseUrl: 'http://b/v1' });
    for (let at = 0; at < 5; at++) one.rests.failed(one.target, one.key(0), refusal(500));
    other.rests.learn(other.lane, one.told[0]!);
    expect(other.lane.circuits()).toEqual([]);
  });

  test('never opens where it is off', () => {
    const { rests, target, key, lane } = setUp({ breaker: { ...DEFAULT_BREAKER, failures: 0 } });
    for (let at = 0; at < 50; at++) rests.failed(target, key(0), refusal(500));
    expect(lane.circuits()).toEqual([]);
  });
});
