// M01 and M04 by Redis: a dollar over three gateways is never overspent by calls that say their longest answer, and clocks that differ
// do not make two windows of one.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LimitRule } from '../../../src/contracts/limits.ts';
import type { Plan, Target } from '../../../src/contracts/plan.ts';
import type { Snapshot } from '../../../src/contracts/snapshot.ts';
import { principalOf } from '../../../src/governance/principal.ts';
import { createLimiter } from '../../../src/limiter/limiter.ts';
import { BudgetWindows } from '../../../src/limiter/budget-windows.ts';
import { bucketId } from '../../../src/limits/bucket-id.ts';
import { priceOf } from '../../../src/prices/fields.ts';
import { createSharedMarks } from '../../../src/redis/budgets/shared-marks.ts';
import { dialectByName } from '../../../src/registry/dialects.ts';
import { fakeCall, fakeProvider } from '../../kit/fake-call.ts';
import { waitUntil } from '../../kit/wait.ts';
import { clock, closeGates, readyGate } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const PRICE = priceOf({ input_cost_per_token: 0, output_cost_per_token: 1e-5 }, 'configuration');
const CENT = 10_000_000;
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => closeGates());
afterAll(() => redis.close());

const dollar = (per: LimitRule['per']): LimitRule => ({
  name: `${per.join('-')}-1Y.budget`,
  dimension: 'cost',
  per,
  match: { key: null, model: null, provider: null },
  limit: 1e9,
  periodMs: 0,
  spacingMs: 0,
  burst: 0,
  budget: {
    amountNano: 1e9,
    window: '1Y',
    align: 'calendar',
    timezone: 'UTC',
    anchorMs: 0,
    softAt: 0.8,
    override: null,
  },
});

/** A gateway's limiter, its wall clock so many ms off. */
async function gateway(rules: LimitRule[], skewMs: number, onFailure: 'open' | 'closed' = 'closed') {
  const { authority } = await readyGate({
    url: `redis://127.0.0.1:${redis.port}`,
    mode: 'lease',
    onFailure,
    timeoutMs: onFailure === 'open' ? 50 : 20_000,
  });
  const limiter = createLimiter({
    clock: { now: clock.now, wall: () => Date.now() + skewMs },
    origin: randomBytes(6).toString('base64url'),
    meter: { rule: () => ({ admitted() {}, refused() {}, unknown() {}, refilled() {} }) },
  });
  const options = { holders: 3, strict: false, failOpen: false, ietf: false, version: 1 };
  const limits = limiter.compile(rules, ['p'], authority, options);
  const provider = fakeProvider('p', dialectByName('openai-chat'));
  const target: Target = { ...provider.target, price: PRICE };
  return {
    limiter,
    async admit(name: string) {
      const { call } = fakeCall('openai-chat', { model: 'm', messages: [], max_tokens: 1_000 }, [provider]);
      call.principal = principalOf({ name, user: name });
      call.plan = { ...call.plan!, targets: [target] } as Plan;
      (call as { snapshot: Snapshot }).snapshot = { ...call.snapshot, limits };
      return { call, refused: await limiter.admit(call) };
    },
    end(call: Parameters<typeof limiter.settled>[0], costNano: number) {
      const times = { queuedAt: 0, slotAt: 0, connectMs: 0, sentAt: 1, headAt: 2, endAt: 3 };
      const told = {
        usage: null,
        quantities: null,
        contentEvents: 0,
        priceVersion: 'x',
        estimated: false,
        answerBytes: 0,
      };
      call.attempts.push({
        provider: 'p',
        model: 'm',
        keyAlias: '',
        status: 200,
        errorType: '',
        costNano,
        ...told,
        ...times,
      });
      call.settledAt = 1;
      limiter.settled(call);
    },
  };
}

it('M01: a thousand calls at once on three gateways spend a dollar, and not a cent more', async () => {
  const gateways = await Promise.all([-5_000, 0, 5_000].map((skew) => gateway([dollar(['key'])], skew)));
  const calls = await Promise.all(
    Array.from({ length: 1_000 }, async (_, at) => {
      const one = gateways[at % 3]!;
      return { one, ...(await one.admit('red')) };
    }),
  );
  const admitted = calls.filter(({ refused }) => refused === null);
  expect(admitted).toHaveLength(100);
  for (const { refused } of calls) if (refused !== null) expect(refused.code).toBe('GW_BUDGET_EXCEEDED');
  for (const { one, call } of admitted) one.end(call, CENT);
  const [{ limiter }] = gateways as [Awaited<ReturnType<typeof gateway>>];
  const standing = async () => (await limiter.standings([dollar(['key'])], principalOf({ name: 'red' })))[0]!;
  await waitUntil(async () => (await standing()).remaining === 0, 'all of the dollar to be spent');
  for (const one of gateways) one.limiter.close();
});

it('M04: parallel first calls of somebody who was never seen have one dollar, not one each', async () => {
  const gateways = await Promise.all([-5_000, 5_000].map((skew) => gateway([dollar(['user'])], skew)));
  const calls = await Promise.all(
    Array.from({ length: 300 }, (_, at) => gateways[at % 2]!.admit('never-seen')),
  );
  expect(calls.filter(({ refused }) => refused === null)).toHaveLength(100);
  for (const one of gateways) one.limiter.close();
});

it('spent is what calls were charged, to the nanodollar, and apart from what is set aside', async () => {
  const rule = dollar(['key']);
  const one = await gateway([rule], 0);
  const standing = async () => (await one.limiter.standings([rule], principalOf({ name: 'told' })))[0]!;
  expect(await standing()).toMatchObject({ spent: 0, remaining: 1e9 });
  const { call } = await one.admit('told');
  const held = await standing();
  expect(held.spent).toBe(0);
  // A cent that the call may cost, and what is leased beside it.
  expect(held.remaining).toBeLessThanOrEqual(1e9 - CENT);
  one.end(call, 1_234_567);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const marks = createSharedMarks(
    { ...{ url: `redis://127.0.0.1:${redis.port}`, mode: 'lease', onFailure: 'closed' }, timeoutMs: 20_000 },
    { clock, log },
  );
  const { name, rule: now } = new BudgetWindows(() => Date.now()).at(rule, Date.now());
  const use = {
    ...{ id: bucketId(name, ['told']), budget: 'key-1Y', owner: 'key told', window: '1Y', refused: 0 },
    ...{ amountNano: 1e9, softNano: 8e8, endsAtMs: now.endsAtMs!, nano: 1_234_567 },
  };
  await waitUntil(async () => (await marks.add(use)) !== null, 'Redis to hear what was charged');
  await waitUntil(async () => (await standing()).remaining === 1e9 - 1_234_567, 'leases to be back', 10_000);
  expect((await standing()).spent).toBe(1_234_567);
  marks.close();
  one.limiter.close();
});

describe('money while Redis is away', () => {
  const CALLS = 20;
  /** Calls one after the other, each for a cent. @returns how many were let in */
  async function spend({ admit, end }: Awaited<ReturnType<typeof gateway>>, name: string): Promise<number> {
    let admitted = 0;
    for (let at = 0; at < CALLS; at++) {
      const { call, refused } = await admit(name);
      if (refused !== null) continue;
      admitted++;
      end(call, CENT);
    }
    return admitted;
  }
  const spentOf = async ({ limiter }: Awaited<ReturnType<typeof gateway>>, name: string): Promise<number> => {
    const [standing] = await limiter.standings([dollar(['key'])], principalOf({ name }));
    return Math.round((1e9 - standing!.remaining) / CENT);
  };

  it('M03: frozen and going on: what was let in meanwhile is spent when it is back, and nothing twice', async () => {
    const [one, two] = await Promise.all([0, 1].map(() => gateway([dollar(['key'])], 0, 'open')));
    let spent = (await spend(one!, 'frozen')) + (await spend(two!, 'frozen'));
    redis.signal('SIGSTOP');
    try {
      spent += await spend(one!, 'frozen');
      spent += await spend(two!, 'frozen');
    } finally {
      redis.signal('SIGCONT');
    }
    expect(spent).toBe(4 * CALLS);
    await waitUntil(
      async () => (await spentOf(one!, 'frozen')) === spent,
      'all of it to be spent',
      30_000,
      250,
    );
    for (const each of [one!, two!]) each.limiter.close();
  });

  it('M03: killed, and empty when it is back: what its gateways know of is spent still', async () => {
    const [one, two] = await Promise.all([0, 1].map(() => gateway([dollar(['key'])], 0, 'open')));
    const spent = (await spend(one!, 'killed')) + (await spend(two!, 'killed'));
    await waitUntil(
      async () => (await spentOf(two!, 'killed')) === spent,
      'all of it to be spent',
      30_000,
      250,
    );
    await waitUntil(
      async () => (await spentOf(one!, 'killed')) === spent,
      'the other to know it',
      30_000,
      250,
    );
    await redis.kill();
    await redis.restart();
    await waitUntil(
      async () => (await spentOf(one!, 'killed')) === spent,
      'all of it to be there',
      30_000,
      250,
    );
    for (const each of [one!, two!]) each.limiter.close();
  });
});
