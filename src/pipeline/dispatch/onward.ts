// Where one call goes next: its course, less the targets that are for other failures than what happened, or that are known not
// to take the request.
import type { BalanceAsk } from '../../contracts/balance.ts';
import type { Call } from '../../contracts/call.ts';
import type { FallbackKind } from '../../contracts/alias-config.ts';
import type { RetryAdvice } from '../../contracts/error-decision.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Refusals } from '../../contracts/rests.ts';
import { Course } from '../../routing/course.ts';
import { fallbackKind, isFor, mayBeLarger } from '../../routing/fallback-kind.ts';
import { lackOf } from '../../routing/lack.ts';
import type { Clocks } from '../clocks.ts';
import { pinOf } from '../conversation.ts';

export interface OnwardDeps {
  clocks: Clocks;
  random(): number;
  refusals: Pick<Refusals, 'passedBy'>;
}

/** What the request refers to is not kept for this target: the one that keeps it may be another. */
export function isKeptElsewhere({ code }: GatewayError): boolean {
  return code === 'GW_CLIENT_RESPONSE_NOT_FOUND' || code === 'GW_CLIENT_ITEM_NOT_FOUND';
}

/** What is wrong with the request, and would be anywhere, is none; nor is a prompt too long for it, or another answer. */
export function isTargetsFault({ code, retry }: GatewayError): boolean {
  return retry !== 'no' && code !== 'GW_UPSTREAM_CONTEXT' && code !== 'GW_UPSTREAM_DIVERGED';
}

export class Onward implements BalanceAsk {
  readonly #deps: OnwardDeps;
  readonly #call: Call;
  readonly #course: Course;
  /** Hears of those that cool; null = they are not to be spared. */
  readonly #passedBy: Refusals['passedBy'] | null;
  /** What failed last; null = nothing did. */
  #kind: FallbackKind | null = null;
  /** The last whose context was too small. */
  #tooSmall: Target | null = null;
  /** What the client hears when nothing works: the first failure, with the target whose it was. */
  #blamed: { readonly error: GatewayError; readonly target: Target } | null = null;

  constructor(deps: OnwardDeps, call: Call) {
    this.#deps = deps;
    this.#call = call;
    this.#course = new Course(call.plan!, this);
    this.#passedBy = call.operation!.refusable ? deps.refusals.passedBy : null;
  }

  // -- BalanceAsk

  nowMs(): number {
    return this.#deps.clocks.now();
  }

  random(): number {
    return this.#deps.random();
  }

  affinity(): number {
    return pinOf(this.#call)?.hash ?? 0;
  }

  // -- for the dispatch

  /** Targets to come, whatever they are for. */
  get left(): number {
    return this.#course.left;
  }

  /** One of them does not cool down. */
  get anyWarm(): boolean {
    return this.#course.count(({ cell }) => cell.leftMs() === 0) > 0;
  }

  get reordered(): boolean {
    return this.#course.reordered;
  }

  get blamed(): { readonly error: GatewayError; readonly target: Target } | null {
    return this.#blamed;
  }

  /** The first that is told stays. */
  blame(error: GatewayError, target: Target): void {
    this.#blamed ??= { error, target };
  }

  /** Targets to come that may answer after this error of `target`. */
  leftAfter(error: GatewayError, target: Target): number {
    const kind = fallbackKind(error);
    this.#kind = kind;
    if (kind === 'context_window') this.#tooSmall = target;
    const plain =
      this.#call.plan!.kinds === undefined && this.#tooSmall === null && kind !== 'content_policy';
    return plain ? this.#course.left : this.#course.count((next) => this.#mayFollow(next));
  }

  /** What may be done after an error. A refusal of the content is the answer, unless `left` targets are for that. */
  adviceOf({ code, retry }: GatewayError, left: number): RetryAdvice {
    return code === 'GW_UPSTREAM_CONTENT_POLICY' && left > 0 ? 'next' : retry;
  }

  /** The next target that lacks nothing, else the first that does; null = none is left. */
  next(): Target | null {
    const { body, facts } = this.#call;
    const course = this.#course;
    let lacking: Target | null = null;
    while (course.left > 0) {
      const target = course.next(this.#passedBy);
      if (!this.#mayFollow(target)) continue;
      const lack = course.left === 0 || body === null || facts === null ? null : lackOf(target, body, facts);
      if (lack === null) return target;
      lacking ??= target;
      this.#kind = lack;
    }
    return lacking;
  }

  #mayFollow(target: Target): boolean {
    if (!isFor(this.#call.plan!, target, this.#kind)) return false;
    return this.#tooSmall === null || mayBeLarger(target, this.#tooSmall);
  }
}
