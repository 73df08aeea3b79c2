// What one call, or one attempt of it, holds of its buckets.
//
//   asking --granted--> held --settle--> settled
//      |--refused--> refused      asking --settle (the client left)--> settled: what is granted later goes back
import type { TargetHold } from '../contracts/admission.ts';
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { LimitHold } from '../contracts/limits.ts';
import type { BucketList } from './bucket-list.ts';
import type { Claim, Estate } from './estate.ts';
import type { Matched } from './limit-plan.ts';
import type { LocalBucket } from './local-bucket.ts';
import { tokensSpent } from './spent.ts';

/** What a call, or an attempt of it, may use. Read by a reservation as it is made, and kept by nobody. */
export interface Estimate {
  /** Tokens. */
  readonly prompt: number;
  readonly output: number;
  /** Whole nanodollars, at most where that is known; 0 = no budget holds for it. */
  readonly cost: number;
  /** Nanodollars of it that the prompt costs. */
  readonly promptCost: number;
  /** Nanodollars of a token of the answer. */
  readonly tokenCost: number;
}

export type ReservationState = 'asking' | 'held' | 'refused' | 'settled';

/**
 * Reserved are its `requests`, `tokens` and `cost`, of each bucket that counts them (limits/need.ts). One class for both kinds: the
 * hot path meets one shape.
 */
export class Reservation implements Claim, TargetHold {
  readonly list: BucketList;
  /** Those of the list. */
  readonly buckets: readonly LocalBucket[];
  readonly requests = 1;
  readonly tokens: number;
  readonly prompt: number;
  /** More is taken while a stream goes on. */
  cost: number;
  readonly promptCost: number;
  readonly tokenCost: number;
  /** The grant of each slot, in the order of the buckets that count slots. */
  slots: string[] | null = null;
  state: ReservationState = 'asking';
  record: AttemptRecord | null = null;
  /** Of an attempt: the one before it in the same call. */
  readonly earlier: Reservation | null;
  readonly #call: Call | null;
  estate: Estate | null = null;
  before: Claim | null = null;
  after: Claim | null = null;
  openedAt = 0;
  used = -1;

  /** @param call of which it is for all attempts; null = for one, whose record it is given. */
  constructor(
    list: BucketList,
    { prompt, output, cost, promptCost, tokenCost }: Estimate,
    call: Call | null,
    earlier: Reservation | null,
  ) {
    this.list = list;
    this.buckets = list.all;
    this.prompt = prompt;
    this.tokens = prompt + output;
    this.cost = cost;
    this.promptCost = promptCost;
    this.tokenCost = tokenCost;
    this.earlier = earlier;
    this.#call = call;
  }

  /** Estimate of the answer. */
  get output(): number {
    return this.tokens - this.prompt;
  }

  /** A slot, of the next bucket that counts them. @param from its grant */
  took(from: string): void {
    // One as a rule: a list that is pushed to has room for seventeen.
    if (this.slots === null) this.slots = [from];
    else this.slots.push(from);
  }

  produced(): number {
    if (this.#call === null) return this.record?.contentEvents ?? 0;
    // The claim has one prompt off already: that of the attempt which runs, or is to come.
    let sum = 0;
    for (const attempt of this.#call.attempts) {
      if (attempt.endAt === 0) sum += attempt.contentEvents;
      else sum += tokensSpent(attempt, this.prompt, this.output);
    }
    return sum;
  }
}

/** Everything a call holds. */
export class Hold implements LimitHold {
  readonly matched: Matched;
  /** Of the limits that do not depend on the provider: one for the whole call, whatever it tries. */
  readonly own: Reservation;
  /** Of the limits of the provider that an attempt asks, settled ones too; null where no rule is about providers. */
  newest: Reservation | null = null;
  open = true;

  constructor(call: Call, matched: Matched, list: BucketList, estimate: Estimate) {
    this.matched = matched;
    this.own = new Reservation(list, estimate, call, null);
  }

  /** Some of its buckets are budgets. */
  get budgeted(): boolean {
    return this.own.list.budgeted;
  }
}
