import { describe, expect, it } from 'vitest';
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { AnswerFacts, Usage } from '../../contracts/chat.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Price } from '../../contracts/price.ts';
import { attempt, settledCall } from '../../observability/settled-call.fixture.ts';
import { NO_QUANTITIES } from '../../contracts/quantities.ts';
import { priceOf } from '../../prices/fields.ts';
import { operations } from '../../registry/operations.ts';
import { costToTell } from '../answer/cost-header.ts';
import { account } from './attempt-accounts.ts';

const component = (kind: 'input' | 'output', picoUsd: number) =>
  ({ unit: 'token', kind, picoUsd, tier: null, over: 0, ttl: null, size: null }) as const;
const price: Price = {
  components: [component('input', 1_000_000), component('output', 2_000_000)],
  factors: {},
  source: 'of the test',
};
// Nothing else of a target is looked at.
const target = { price, load: null } as unknown as Target;
const usage = (output: number): Usage => ({
  input: 10,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output,
  reasoning: null,
});
const factsOf = (used: Usage | null): AnswerFacts => ({ usage: used, stop: null, model: null, id: null });

const clock = { now: () => 0 };

function oneAttempt(): { call: Call; record: AttemptRecord } {
  const record = attempt();
  return { call: settledCall({ attempts: [record] }), record };
}

describe('what an attempt cost', () => {
  it('is the same whether its head told it first or not', () => {
    const facts = factsOf(usage(20));
    const told = oneAttempt();
    expect(costToTell(told.call, target, facts, 100)).toBe(50_000);
    account(target, told.record, told.call, facts, 100, clock);
    const untold = oneAttempt();
    account(target, untold.record, untold.call, facts, 100, clock);
    expect(told.record).toEqual(untold.record);
    expect(told.record).toMatchObject({ costNano: 50_000, priceVersion: 'of the test', estimated: false });
  });

  it('is found out again where more is known of it by then', () => {
    const { call, record } = oneAttempt();
    costToTell(call, target, factsOf(usage(20)), 100);
    account(target, record, call, factsOf(usage(30)), 100, clock);
    expect(record.costNano).toBe(70_000);
    // It broke off behind what it had said: its events count then.
    record.errorType = 'provider_truncated';
    record.contentEvents = 40;
    account(target, record, call, factsOf(record.usage), 100, clock);
    expect(record.costNano).toBeGreaterThan(70_000);
  });

  it('is nothing of a film that is looked at again, whatever is told of it', () => {
    const film = { ...factsOf(null), quantities: { ...NO_QUANTITIES, seconds: 8, size: '1280x720' } };
    const seconds = priceOf({ output_cost_per_video_per_second: 0.1 }, 'of the test');
    const made = { price: seconds, load: null } as unknown as Target; // likewise
    const chargedBy = (method: string) => {
      const record = attempt();
      const call = settledCall({ attempts: [record], operation: operations.video });
      Object.assign(call, { head: { ...call.head, method } });
      account(made, record, call, film, 100, clock);
      return { costNano: record.costNano, quantities: record.quantities };
    };
    expect(chargedBy('POST')).toEqual({ costNano: 800_000_000, quantities: film.quantities });
    expect(chargedBy('GET')).toEqual({ costNano: 0, quantities: null });
  });

  it.each([
    ['of a request that named none, at the price of the one that answered', '', 'm-1', 50_000],
    ['of one that named an unpriced one, which is not another', 'm', 'm-1', null],
    ['of one whose answer does not say who answered', '', null, null],
  ])('is that of the model: %s', (_what, model, answered, costNano) => {
    const { call, record } = oneAttempt();
    const models = { priceOf: (at: string, name: string) => (at === 'p' && name === 'm-1' ? price : null) };
    Object.assign(call, { snapshot: { ...call.snapshot, models } });
    const unpriced = { price: null, load: null, model, provider: { name: 'p' } } as unknown as Target; // likewise
    const facts = { ...factsOf(usage(20)), model: answered };
    expect(costToTell(call, unpriced, facts, 100)).toBe(costNano);
    account(unpriced, record, call, facts, 100, clock);
    expect(record.costNano).toBe(costNano);
  });
});
