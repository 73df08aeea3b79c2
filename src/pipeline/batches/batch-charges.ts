// Charges what a batch used when its results are read, or when its provider says so: once, whoever reads them and how often. Each
// sum is a call of its own to log, ledger, metrics and budgets, which nobody could refuse any more.
import { formFacts } from '../../body/form-facts.ts';
import { Call } from '../../contracts/call.ts';
import { EMPTY_FLOW } from '../../contracts/empty-flow.ts';
import type { Once } from '../../contracts/once.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Price } from '../../contracts/price.ts';
import { chargeAttempt } from '../../prices/attempt-charge.ts';
import { operations } from '../../registry/operations.ts';
import { BackgroundSink } from '../background-sink.ts';
import type { Settle } from '../settle.ts';
import type { BatchSum } from './batch-sums.ts';

export interface BatchChargesDeps {
  readonly clock: Clock;
  readonly settle: Settle;
  readonly once: Once;
  /** What it cost counts in the budgets of its caller, whatever is left of them. */
  book(call: Call): void;
}

/** LEAST of what a clock tells: 0 would mean that nothing was sent. */
const SENT_MS = 0.001;

export class BatchCharges {
  readonly #deps: BatchChargesDeps;

  constructor(deps: BatchChargesDeps) {
    this.#deps = deps;
  }

  /** What a model costs at the provider of this call. */
  priceOf({ snapshot, provider }: Call, model: string): Price | null {
    return snapshot.models.priceOf(provider, model);
  }

  /**
   * @param id of what is charged: of a batch, or of a file of results. @param way it is told in: of two only one counts
   * @param part of it; null = it is all. @param nth of what this call reads of batches
   * @returns false: it was charged before, or in another way
   */
  async charge(
    call: Call,
    id: string,
    way: string,
    part: number | null,
    sums: readonly BatchSum[],
    nth = part ?? 0,
  ): Promise<boolean> {
    if (sums.length === 0) return true;
    const { once } = this.#deps;
    const name = `${call.provider} ${id}`;
    if (!(await once.take(name, way))) return false;
    if (!(await once.take(`${name} ${part ?? 'all'}`, null))) return false;
    for (const [at, sum] of sums.entries()) this.#settle(call, sum, `${nth}.${at}`);
    return true;
  }

  #settle(read: Call, { operation, model, price, usage }: BatchSum, number: string): void {
    const { route, params, prefix, snapshot } = read;
    if (route.kind !== 'model') return;
    const now = this.#deps.clock.now();
    const id = `${read.id.slice(0, 100)}.b${number}`;
    const asked = { ...route, operation: operations[operation] };
    const head = { ...read.head, method: 'POST' };
    const sink = new BackgroundSink();
    const call = new Call(id, head, asked, params, prefix, sink, snapshot, EMPTY_FLOW, now);
    call.parent = read.id;
    call.principal = read.principal;
    call.customer = read.customer;
    call.facts = formFacts(model, null);
    call.provider = read.provider;
    call.model = `${read.provider}/${model}`;
    call.upstreamModel = model;
    const keyAlias = read.attempts.at(-1)?.keyAlias ?? '';
    const record = {
      ...{ provider: read.provider, model, keyAlias, organization: '', status: 200, errorType: '' },
      ...{ usage, quantities: null, contentEvents: 0, costNano: null, priceVersion: '', estimated: false },
      ...{ answerBytes: 0, queuedAt: 0, slotAt: 0, connectMs: 0, sentAt: SENT_MS, headAt: 0, endAt: SENT_MS },
    };
    chargeAttempt(record, price, call, 0);
    call.attempts.push(record);
    this.#deps.settle(call, {
      status: 200,
      error: null,
      facts: { usage, stop: null, model: model === '' ? null : model, id: null },
    });
    this.#deps.book(call);
  }
}
