import { describe, expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { LimitBooks } from '../../tests/kit/limit-books.ts';
import type { Call } from '../contracts/call.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { LimitRule, LimitScope } from '../contracts/limits.ts';
import type { Operation, OperationName } from '../contracts/operation.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { Price } from '../contracts/price.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { principalOf } from '../governance/principal.ts';
import { priceOf } from '../prices/fields.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { createLimiter } from './limiter.ts';

const PRICE = priceOf({ input_cost_per_token: 0, output_cost_per_token: 1e-5 }, 'configuration');
const PER_MINUTE = { periodMs: 60_000, spacingMs: 60, burst: 1_000 };
const CENT = 10_000_000;
const NOON = Date.UTC(2026, 10, 29, 12);
const PRINCIPAL = principalOf({ name: 'red', team: 'apples' });

function budget(
  usd: number,
  change: Partial<NonNullable<LimitRule['budget']>> = {},
  per: LimitScope[] = ['key'],
): LimitRule {
  const none = { periodMs: 0, spacingMs: 0, burst: 0 };
  const spec = {
    amountNano: usd * 1e9,
    window: '1d',
    align: 'calendar' as const,
    timezone: 'UTC',
    anchorMs: 0,
    softAt: 0.8,
    override: null,
  };
  return {
    name: `${per.join('-')}-1d.budget`,
    dimension: 'cost',
    per,
    match: { key: null, model: null, provider: null },
    limit: usd * 1e9,
    ...none,
    budget: { ...spec, ...change },
  };
}

function setUp(
  rules: readonly LimitRule[],
  { price = PRICE as Price | null, unknownPrice = undefined as 'allow' | undefined } = {},
) {
  const time = { wall: NOON };
  const authority = new LimitBooks();
  const limiter = createLimiter({
    clock: { now: () => time.wall - NOON + 1_000, wall: () => time.wall },
    origin: 'test',
    meter: { rule: () => ({ admitted() {}, refused() {}, unknown() {}, refilled() {} }) },
  });
  const options = { holders: 4, strict: false, failOpen: false, ietf: false, version: 1, unknownPrice };
  const limits = limiter.compile(rules, ['p'], authority, options);
  const provider = fakeProvider('p', dialectByName('openai-chat'));
  const target: Target = { ...provider.target, price };
  const call = (body: object = { max_tokens: 1_000 }): Call => {
    const made = fakeCall('openai-chat', { model: 'm', messages: [], ...body }, [provider]).call;
    made.principal = PRINCIPAL;
    made.plan = { ...made.plan!, targets: [target] } as Plan;
    (made as { snapshot: Snapshot }).snapshot = { ...made.snapshot, limits };
    return made;
  };
  const admit = async (made: Call): Promise<GatewayError | null> => limiter.admit(made);
  /** It cost so much. */
  const end = (made: Call, costNano: number): void => {
    const record = { provider: 'p', model: 'm', keyAlias: '', status: 200, errorType: '', usage: null };
    const times = { queuedAt: 0, slotAt: 0, connectMs: 0, sentAt: 1, headAt: 2, endAt: 3 };
    made.attempts.push({
      ...record,
      quantities: null,
      contentEvents: 0,
      answerBytes: 0,
      costNano,
      priceVersion: 'x',
      estimated: false,
      ...times,
    });
    made.settledAt = 1;
    limiter.settled(made);
  };
  return { time, limiter, call, admit, end, target, authority };
}

describe('a budget', () => {
  it('is never overspent by calls at once that say their longest answer', async () => {
    const { call, admit, end } = setUp([budget(1)]);
    const calls = Array.from({ length: 1_000 }, () => call());
    const answers = await Promise.all(calls.map(admit));
    const admitted = calls.filter((_, at) => answers[at] === null);
    expect(admitted.length).toBe(100);
    expect(new Set(answers.filter((error) => error !== null).map(({ code }) => code))).toEqual(
      new Set(['GW_BUDGET_EXCEEDED']),
    );
    for (const made of admitted) end(made, CENT);
    expect((await admit(call()))?.code).toBe('GW_BUDGET_EXCEEDED');
  });

  it('gets back what a call did not use, and bears what it used beyond', async () => {
    const { call, admit, end, time } = setUp([budget(0.02)]);
    const first = call();
    expect(await admit(first)).toBeNull();
    end(first, CENT / 2);
    const second = call();
    expect(await admit(second)).toBeNull();
    end(second, 3 * CENT);
    time.wall += 1_000;
    expect((await admit(call({ max_tokens: 1 })))?.code).toBe('GW_BUDGET_EXCEEDED');
  });

  it('tells what is left of it: less what is set aside, or what the call is known to have cost', async () => {
    const { call, admit, end, limiter } = setUp([budget(1)]);
    const left = (made: Call, costNano?: number): string | undefined =>
      limiter.headers(made, costNano).find(([name]) => name === 'x-headgate-budget-remaining-usd')?.[1];
    // Each sets a cent aside, and some use less of it or more: none of that is forgotten by those behind.
    let spent = 0;
    for (const used of [CENT / 2, 3 * CENT, CENT, 2 * CENT, CENT / 4]) {
      const made = call();
      expect(await admit(made)).toBeNull();
      expect(Number(left(made))).toBeCloseTo(1 - (spent + CENT) / 1e9, 9);
      spent += used;
      expect(Number(left(made, used))).toBeCloseTo(1 - spent / 1e9, 9);
      end(made, used);
    }
  });

  it('begins anew with its window, and calls from before are booked where they began', async () => {
    const { call, admit, end, time } = setUp([budget(0.01)]);
    const late = call();
    expect(await admit(late)).toBeNull();
    time.wall = Date.UTC(2026, 10, 30, 0, 0, 1);
    const next = call();
    expect(await admit(next)).toBeNull();
    end(late, 5 * CENT);
    end(next, CENT / 2);
    time.wall += 1_000;
    expect(await admit(call({ max_tokens: 500 }))).toBeNull();
  });

  it('says which one refuses, whose it is, what is left and when it begins anew', async () => {
    const { call, admit, time } = setUp([budget(0.005)]);
    const refused = await admit(call());
    expect(refused).toMatchObject({ status: 429, kind: 'budget', retryAfterMs: null });
    expect(refused?.publicMessage).toBe(
      'The budget `key-1d` of key red ($0.005 per 1d) has $0.005 left, and this call may cost up to $0.01. It begins anew at 2026-11-30T00:00:00.000Z.',
    );
    time.wall = Date.UTC(2026, 10, 29, 23, 59, 50);
    expect((await admit(call()))?.retryAfterMs).toBe(10_000);
  });

  it('counts each of what it is for apart, and all that match must have room', async () => {
    const { call, admit } = setUp([budget(1), budget(0.01, {}, ['team'])]);
    expect(await admit(call())).toBeNull();
    expect((await admit(call()))?.publicMessage).toContain('team apples');
  });

  it('holds as raised for as long as it is', async () => {
    const override = { amountNano: 2 * CENT, fromMs: NOON, windows: 1 };
    const { call, admit, time } = setUp([budget(0.01, { override })]);
    expect([await admit(call()), await admit(call())]).toEqual([null, null]);
    time.wall = Date.UTC(2026, 10, 30, 12);
    expect([await admit(call()), (await admit(call()))?.code]).toEqual([null, 'GW_BUDGET_EXCEEDED']);
  });

  it('counts each of several answers', async () => {
    const { call, admit } = setUp([budget(0.03)]);
    expect((await admit(call({ max_tokens: 1_000, n: 4 })))?.code).toBe('GW_BUDGET_EXCEEDED');
    expect(await admit(call({ max_tokens: 1_000, n: 3 }))).toBeNull();
  });

  it('sets aside the price of sound where sound is asked for, and of text else', async () => {
    const price = priceOf(
      { output_cost_per_token: 1e-5, output_cost_per_audio_token: 8e-5 },
      'configuration',
    );
    const begin = (usd: number, body: object) => {
      const { call, admit } = setUp([budget(usd)], { price });
      return admit(call({ max_tokens: 1_000, ...body }));
    };
    expect(await begin(0.01, {})).toBeNull();
    expect(await begin(0.01, { modalities: ['text'] })).toBeNull();
    const spoken = { modalities: ['text', 'audio'] };
    expect((await begin(0.07, spoken))?.code).toBe('GW_BUDGET_EXCEEDED');
    expect(await begin(0.08, spoken)).toBeNull();
  });

  it('sets aside the searches that a call may make, and none where it may make none', async () => {
    const sized = { search_context_size_low: 0.01, search_context_size_high: 0.05 };
    const price = priceOf(
      { output_cost_per_token: 1e-6, search_context_cost_per_query: sized },
      'configuration',
    );
    const begin = (usd: number, body: object) => {
      const { call, admit } = setUp([budget(usd)], { price });
      return admit(call({ max_tokens: 1_000, ...body }));
    };
    const searching = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] };
    expect((await begin(0.14, searching))?.code).toBe('GW_BUDGET_EXCEEDED');
    expect(await begin(0.16, searching)).toBeNull();
    expect((await begin(0.05, { web_search_options: {} }))?.code).toBe('GW_BUDGET_EXCEEDED');
    expect(
      await begin(0.002, { tools: [{ type: 'function', function: { name: 'web_search' } }] }),
    ).toBeNull();
  });

  it('sets aside what a film costs by its length, the usual one where nobody says it', async () => {
    const price = priceOf({ output_cost_per_video_per_second: 0.01 }, 'configuration');
    const begin = (usd: number, name: OperationName, body: object) => {
      const { call, admit } = setUp([budget(usd)], { price });
      return admit(Object.assign(call(body), { operation: operations[name] }));
    };
    expect(await begin(0.12, 'video', { seconds: '12' })).toBeNull();
    expect((await begin(0.11, 'video', { seconds: '12' }))?.code).toBe('GW_BUDGET_EXCEEDED');
    for (const name of ['video', 'video-form'] as const) {
      expect(await begin(0.04, name, {})).toBeNull();
      expect((await begin(0.03, name, {}))?.code).toBe('GW_BUDGET_EXCEEDED');
    }
  });

  it('of nothing refuses all that is billed', async () => {
    const { call, admit } = setUp([budget(0)]);
    expect((await admit(call({ max_tokens: 0 })))?.code).toBe('GW_BUDGET_EXCEEDED');
  });

  it('refuses what has no price, unless that is allowed', async () => {
    const strict = setUp([budget(1)], { price: null });
    expect((await strict.admit(strict.call()))?.code).toBe('GW_BUDGET_UNPRICED');
    const lenient = setUp([budget(1)], { price: null, unknownPrice: 'allow' });
    expect(await lenient.admit(lenient.call())).toBeNull();
  });

  it('begins what is charged later without a price, as long as there is something left', async () => {
    const begin = (amountUsd: number) => {
      const { call, admit, limiter, target } = setUp([budget(amountUsd)], { price: null });
      const made = Object.assign(call(), { operation: operations.passthrough, chargedLater: true });
      return Promise.resolve(admit(made)).then((refused) => refused ?? limiter.admitTarget(made, target));
    };
    expect(await begin(1)).toBeNull();
    expect(await begin(0)).toMatchObject({ code: 'GW_BUDGET_EXCEEDED' });
  });

  it('refuses what would go past the gateway, unless that is allowed', async () => {
    const begin = (name: OperationName, options: { unknownPrice?: 'allow' } = {}) => {
      const { call, admit } = setUp([budget(1)], { unknownPrice: undefined, ...options });
      return admit(Object.assign(call(), { operation: operations[name] }));
    };
    for (const name of ['realtime-secret', 'realtime-call', 'live-session'] as const) {
      expect((await begin(name))?.code).toBe('GW_BUDGET_UNPRICED');
      expect(await begin(name, { unknownPrice: 'allow' })).toBeNull();
    }
  });

  it('of tokens refuses it as well, and lets end what runs', async () => {
    const { budget: _, ...rule } = budget(1);
    const tokens: LimitRule = { ...rule, name: 'tokens', dimension: 'tokens', limit: 1_000, ...PER_MINUTE };
    const begin = (operation: Operation, options: { unknownPrice?: 'allow' } = {}) => {
      const { call, admit } = setUp([tokens], { unknownPrice: undefined, ...options });
      return admit(Object.assign(call(), { operation }));
    };
    for (const name of ['realtime-secret', 'realtime-call', 'live-session'] as const) {
      expect((await begin(operations[name]))?.code).toBe('GW_LIMIT_UNCOUNTED');
      expect(await begin(operations[name], { unknownPrice: 'allow' })).toBeNull();
    }
    expect(await begin({ ...operations['realtime-call'], billed: false })).toBeNull();
  });

  it('passes by a target without a price where another has one', async () => {
    const { call, admit, limiter, target } = setUp([budget(1)]);
    const made = call();
    expect(await admit(made)).toBeNull();
    expect(limiter.admitTarget(made, target)).toBeNull();
    expect(limiter.admitTarget(made, { ...target, price: null })).toMatchObject({
      code: 'GW_BUDGET_UNPRICED',
    });
  });
});

describe('M10: a stream of which nobody knows how long it gets', () => {
  const TOKEN = CENT / 1_000;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  async function streaming(amountUsd: number) {
    const made = setUp([budget(amountUsd)]);
    const call = made.call({ stream: true });
    expect(await made.admit(call)).toBeNull();
    const cancelled: GatewayError[] = [];
    call.begin({ cancel: (error) => void cancelled.push(error) });
    const said = async (tokens: number): Promise<void> => {
      call.contentEvents = tokens;
      if (tokens >= call.moreAt) call.more!();
      await turn();
      await turn();
    };
    return { ...made, stream: call, said, cancelled };
  }

  it('takes more as it goes on, and ends where its budget does, as far as that was paid for', async () => {
    const { stream, said, cancelled, end, admit, call, time } = await streaming(0.01);
    await said(408);
    await said(409);
    // 512, and 256 more; of 256 more there are but 232.
    expect(stream.moreAt).toBe(716);
    await said(716);
    expect(stream.moreAt).toBe(768);
    expect(cancelled).toEqual([]);
    await said(768);
    expect(cancelled).toMatchObject([{ code: 'GW_BUDGET_EXCEEDED' }]);
    expect(cancelled[0]!.publicMessage).toContain('The budget `key-1d` of key red');
    end(stream, 770 * TOKEN);
    time.wall += 1_000;
    expect(await admit(call({ max_tokens: 231 }))).toMatchObject({ code: 'GW_BUDGET_EXCEEDED' });
    expect(await admit(call({ max_tokens: 230 }))).toBeNull();
  });

  it('that says more at once than it has takes all of it', async () => {
    const { stream, said, cancelled } = await streaming(1);
    await said(5_000);
    expect(stream.moreAt).toBeGreaterThan(5_000);
    expect(cancelled).toEqual([]);
    const short = await streaming(0.01);
    await short.said(5_000);
    expect(short.cancelled).toHaveLength(1);
  });

  it('that ends while it asks gives back what it was granted', async () => {
    const { stream, said, end, admit, call, time } = await streaming(0.01);
    const asked = said(409);
    end(stream, 400 * TOKEN);
    await asked;
    time.wall += 1_000;
    expect(await admit(call({ max_tokens: 601 }))).toMatchObject({ code: 'GW_BUDGET_EXCEEDED' });
    expect(await admit(call({ max_tokens: 600 }))).toBeNull();
  });

  it('is not watched where its longest answer is said, or nothing is told piece by piece', async () => {
    const { call, admit } = setUp([budget(1)]);
    for (const body of [{ stream: true, max_tokens: 100 }, { stream: false }]) {
      const made = call(body);
      expect(await admit(made)).toBeNull();
      expect([made.moreAt, made.more]).toEqual([Number.POSITIVE_INFINITY, null]);
    }
  });
});
