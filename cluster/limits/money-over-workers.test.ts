// Budgets over workers that come, go and are killed, with every message between them and the primary under way for as long as it
// likes. Whatever happens, what calls were charged and what they may still cost is never more than a budget, and what the primary
// knows as spent is in the end what its workers told: no charge is lost and none told twice.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BucketWire, LimitAnswer, LimitBatch } from '../../src/contracts/ipc.ts';
import type { Call } from '../../src/contracts/call.ts';
import type { GatewayError } from '../../src/contracts/errors.ts';
import type { LimitRule, LimitScope } from '../../src/contracts/limits.ts';
import type { Plan, Target } from '../../src/contracts/plan.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import { principalOf } from '../../src/governance/principal.ts';
import { createLimiter, type Limiter } from '../../src/limiter/limiter.ts';
import { createRemoteAuthority, type RemoteAuthority } from '../../src/limiter/remote-authority.ts';
import type { Hold } from '../../src/limiter/reservation.ts';
import { type BucketRef, LimitLedger } from '../../src/limits/ledger.ts';
import { attempt } from '../../src/observability/settled-call.fixture.ts';
import { priceOf } from '../../src/prices/fields.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { createPrimaryLimits } from './limit-authority.ts';

const PRICE = priceOf({ input_cost_per_token: 0, output_cost_per_token: 1e-5 }, 'configuration');
const CENT = 10_000_000;
const KEYS = ['red', 'blue'] as const;
type Key = (typeof KEYS)[number];
/** Cents, by the scope that each budget is of. The team's stands above both keys'. */
const CENTS = { key: 100, team: 150 };
const AMOUNT_NANO: Readonly<Record<string, number>> = {
  red: CENTS.key * CENT,
  blue: CENTS.key * CENT,
  apples: CENTS.team * CENT,
};

function budget(cents: number, per: LimitScope): LimitRule {
  const amountNano = cents * CENT;
  const spec = {
    window: 'never',
    align: 'calendar',
    timezone: 'UTC',
    anchorMs: 0,
    softAt: 1,
    override: null,
  };
  return {
    ...{ name: `${per}.budget`, dimension: 'cost', per: [per], limit: amountNano },
    ...{ match: { key: null, model: null, provider: null }, periodMs: 0, spacingMs: 0, burst: 0 },
    budget: { amountNano, ...spec } as NonNullable<LimitRule['budget']>,
  };
}
const RULES = [budget(CENTS.key, 'key'), budget(CENTS.team, 'team')];
const PRINCIPALS = {
  red: principalOf({ name: 'red', team: 'apples' }),
  blue: principalOf({ name: 'blue', team: 'apples' }),
};
const PROVIDER = fakeProvider('p', dialectByName('openai-chat'));
const TARGET: Target = { ...PROVIDER.target, price: PRICE };
const METER = { admitted() {}, refused() {}, unknown() {}, refilled() {} };

/** Whose a bucket is. */
const ownerOf = (id: string): string => id.slice(id.indexOf('|') + 1);
const add = (sums: Map<string, number>, name: string, nano: number): void =>
  void sums.set(name, (sums.get(name) ?? 0) + nano);

interface Running {
  readonly call: Call;
  readonly key: Key;
  readonly reserved: number;
}

/** A worker and its two pipes. */
interface Worker {
  readonly member: number;
  readonly limiter: Limiter;
  readonly authority: RemoteAuthority;
  readonly limits: ReturnType<Limiter['compile']>;
  readonly up: LimitBatch[];
  readonly down: LimitAnswer[][];
  readonly running: Running[];
  /** Nanodollars by whose budget. */
  readonly charged: Map<string, number>;
  readonly told: Map<string, number>;
}

/** A primary and its crew. */
function setUp(holders: number) {
  const clock = { now: () => Date.now(), wall: () => Date.now() };
  const ledger = new LimitLedger({ wall: clock.wall });
  const primary = createPrimaryLimits(clock, ledger);
  const crew: Worker[] = [];
  const lost = new Map<string, number>();
  const all = new Map<string, number>();
  /** Of the budgets that the primary heard of, by whose they are. */
  const wires = new Map<string, BucketWire>();
  let looks = 0;
  let members = 0;
  let version = 1;
  let refusals = 0;

  function start(): Worker {
    const member = ++members;
    const up: LimitBatch[] = [];
    const link = { connected: true, send: (batch: LimitBatch) => void up.push(structuredClone(batch)) };
    const authority = createRemoteAuthority(link, clock.now);
    const limiter = createLimiter({ clock, origin: `w${member}`, meter: { rule: () => METER } });
    const limits = limiter.compile(RULES, ['p'], authority, optionsOf(holders));
    const worker = {
      ...{ member, limiter, authority, limits, up, down: [], running: [] },
      ...{ charged: new Map(), told: new Map() },
    };
    crew.push(worker);
    return worker;
  }
  const optionsOf = (shared: number) => ({
    ...{ holders: shared, strict: false, failOpen: false, ietf: false, version },
  });

  function begin(worker: Worker, key: Key, cents: number): Promise<boolean> {
    const { call } = fakeCall('openai-chat', { model: 'm', messages: [], max_tokens: cents * 1_000 }, [
      PROVIDER,
    ]);
    call.principal = PRINCIPALS[key];
    call.plan = { ...call.plan!, targets: [TARGET] } as Plan;
    (call as { snapshot: Snapshot }).snapshot = { ...call.snapshot, limits: worker.limits };
    const decided = (refused: GatewayError | null): boolean => {
      if (refused === null) worker.running.push({ call, key, reserved: (call.limits as Hold).own.cost });
      else refusals++;
      return refused === null;
    };
    const admitted = worker.limiter.admit(call);
    return admitted instanceof Promise ? admitted.then(decided) : Promise.resolve(decided(admitted));
  }

  /** It ends, and cost that share of what it may. */
  function end(worker: Worker, which: number, share: number): void {
    const [one] = worker.running.splice(which % worker.running.length, 1);
    const { call, key, reserved } = one!;
    const costNano = Math.floor(reserved * share);
    call.attempts.push(attempt({ provider: 'p', model: 'm', costNano }));
    call.settledAt = 1;
    worker.limiter.settled(call);
    worker.limiter.settled(call);
    for (const owner of [key, 'apples']) {
      add(worker.charged, owner, costNano);
      add(all, owner, costNano);
    }
  }

  function hear(worker: Worker, batch: LimitBatch): void {
    for (const { parts } of batch.asks) for (const [wire] of parts) wires.set(ownerOf(wire[0]), wire);
    for (const [id, nano] of batch.spent) add(worker.told, ownerOf(id), nano);
    // All calls say their longest answer: nothing is booked beyond what was granted.
    for (const [, nano] of batch.back) expect(nano).toBeGreaterThan(0);
    worker.down.push(primary.receive(worker.member, batch));
  }

  function up(worker: Worker, most = 1): void {
    for (const batch of worker.up.splice(0, most)) hear(worker, batch);
  }
  async function down(worker: Worker, most = 1): Promise<void> {
    for (const answers of worker.down.splice(0, most)) worker.authority.answered(answers);
    await vi.advanceTimersByTimeAsync(0);
  }
  async function quiet(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      await vi.advanceTimersByTimeAsync(300);
      for (const worker of crew) {
        up(worker, Infinity);
        await down(worker, Infinity);
      }
    }
  }

  /** Of its last messages so many still arrive. */
  function kill(worker: Worker, arrive: number): void {
    up(worker, arrive);
    primary.leave(worker.member);
    crew.splice(crew.indexOf(worker), 1);
    for (const [owner, nano] of worker.charged) add(lost, owner, nano - (worker.told.get(owner) ?? 0));
  }

  /** A roll: its calls end, it says all it has to say, and is gone. */
  async function drain(worker: Worker): Promise<void> {
    while (worker.running.length > 0) end(worker, 0, 0.7);
    worker.limiter.close();
    worker.authority.flush();
    for (let round = 0; round < 4; round++) {
      up(worker, Infinity);
      await down(worker, Infinity);
      worker.authority.flush();
    }
    kill(worker, Infinity);
  }

  function reload(shared: number): void {
    version++;
    for (const { limiter, authority } of crew) limiter.compile(RULES, ['p'], authority, optionsOf(shared));
  }

  /** What the primary says of each budget that it heard of: takes nothing. */
  function standing(): { owner: string; spent: number; reserved: number }[] {
    return Array.from(wires, ([owner, [id, , limit]]) => {
      const bucket: BucketRef = { id, dimension: 'cost', limit, spacingMs: 0, burst: 0, version: 0 };
      const [grant] = ledger.ask(-1, [{ bucket, need: 0, want: 0 }], `look ${looks++}`, 0);
      const { remaining, spent } = grant!;
      expect(limit).toBe(AMOUNT_NANO[owner]);
      return { owner, spent: spent!, reserved: limit - remaining - spent! };
    });
  }

  /** At every moment. */
  function expectSound(): void {
    for (const { owner, spent, reserved } of standing()) {
      const limit = AMOUNT_NANO[owner]!;
      const charged = (all.get(owner) ?? 0) - (lost.get(owner) ?? 0);
      let open = 0;
      for (const { running } of crew)
        for (const one of running) if (owner === one.key || owner === 'apples') open += one.reserved;
      expect(charged + open, `${owner}: charged, and may still be`).toBeLessThanOrEqual(limit);
      expect(spent, `${owner}: spent, as told`).toBeGreaterThanOrEqual(0);
      expect(spent, `${owner}: spent, as told`).toBeLessThanOrEqual(charged);
      expect(reserved, `${owner}: reserved`).toBeGreaterThanOrEqual(charged + open - spent);
      expect(spent + reserved, `${owner}: spent and reserved`).toBeLessThanOrEqual(limit);
    }
  }

  /** When all is over. */
  async function expectExact(): Promise<void> {
    for (const worker of crew) while (worker.running.length > 0) end(worker, 0, 0.3);
    await quiet();
    // What was asked for a call that was let in meanwhile.
    for (const worker of crew) while (worker.running.length > 0) end(worker, 0, 0.3);
    await quiet();
    for (const { owner, spent, reserved } of standing()) {
      expect(spent, owner).toBe((all.get(owner) ?? 0) - (lost.get(owner) ?? 0));
      expect(reserved, owner).toBe(0);
    }
    for (const { charged, told } of crew)
      expect(told).toEqual(new Map([...charged].filter(([, nano]) => nano > 0)));
  }

  return {
    ...{ crew, start, begin, end, up, down, quiet, kill, drain, reload, expectSound, expectExact, standing },
    ...{ lost, all, refusals: () => refusals },
  };
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

it('a thousand calls at once over four workers are charged no more than there is, and each once', async () => {
  const { crew, start, begin, end, quiet, standing, expectSound, expectExact, all } = setUp(4);
  for (let nth = 0; nth < 4; nth++) start();
  const calls = Array.from({ length: 1_000 }, (_, nth) => begin(crew[nth % 4]!, KEYS[nth % 2]!, 1));
  await quiet();
  const admitted = (await Promise.all(calls)).filter(Boolean).length;
  expect(admitted).toBe(CENTS.team);
  expectSound();
  for (const worker of crew) while (worker.running.length > 0) end(worker, 0, 1);
  await expectExact();
  expect(all.get('apples')).toBe(CENTS.team * CENT);
  expect(standing().find(({ owner }) => owner === 'apples')).toMatchObject({ spent: CENTS.team * CENT });
});

const which = fc.nat(7);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ do: fc.constant('begin' as const), which, key: fc.constantFrom(...KEYS) },
      cents: fc.constantFrom(0.01, 0.1, 0.2, 1, 5, 30),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('end' as const), which, nth: fc.nat(20) },
      share: fc.constantFrom(0, 0.1, 0.5, 0.999, 1),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('up' as const), which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('down' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 1, 30, 260, 600, 1_100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), which, arrive: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('reload' as const), holders: fc.integer({ min: 1, max: 5 }) }),
  },
);

it('whatever workers do, and however late they hear of each other, nothing is spent twice, lost or beyond', async () => {
  const seen = { refusals: 0, kills: 0, lost: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120, size: 'max' }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, workers) => {
        const books = setUp(workers);
        const { crew } = books;
        for (let nth = 0; nth < workers; nth++) books.start();
        for (const now of steps) {
          if (now.do === 'start' && crew.length < 5) books.start();
          else if (now.do === 'pass') await vi.advanceTimersByTimeAsync(now.ms);
          else if (now.do === 'reload') books.reload(now.holders);
          const worker = 'which' in now ? crew[now.which % Math.max(1, crew.length)] : undefined;
          if (worker !== undefined) {
            if (now.do === 'begin') void books.begin(worker, now.key, now.cents);
            else if (now.do === 'end' && worker.running.length > 0) books.end(worker, now.nth, now.share);
            else if (now.do === 'up') books.up(worker);
            else if (now.do === 'down') await books.down(worker);
            else if (now.do === 'drain') await books.drain(worker);
            else if (now.do === 'kill') {
              seen.kills++;
              books.kill(worker, now.arrive);
            }
          }
          books.expectSound();
        }
        await books.expectExact();
        seen.refusals += books.refusals();
        for (const nano of books.lost.values()) if (nano > 0) seen.lost++;
      },
    ),
    { numRuns: 120 },
  );
  // What the property is about did happen.
  expect(seen.refusals).toBeGreaterThan(50);
  expect(seen.kills).toBeGreaterThan(50);
});
