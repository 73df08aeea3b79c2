// Answers asks in place of Redis, by the stated policy, and sees to it that Redis hears of what was granted.

import type { Breaker } from '../../circuit/breaker.ts';
import type { Grant } from '../../contracts/limits.ts';
import type { RedisAuthorityObserver } from '../options.ts';
import type { BackQueue } from './back-queue.ts';
import type { BackTeller } from './back-teller.ts';
import type { FailurePolicy } from './failure-policy.ts';
import type { WireAsk } from './limit-keys.ts';

/** So long each process keeps to its part of a limit when Redis does not answer. */
const SHARED_MS = 1_000;

export interface DecidingDeps {
  breaker: Breaker;
  policy: FailurePolicy;
  backs: BackQueue;
  teller: BackTeller;
  observer: RedisAuthorityObserver;
  /** Processes that share the limits. */
  askers: () => number;
  nowUs: () => number;
}

export class Deciding {
  readonly #deps: DecidingDeps;
  /** Asks answered here. */
  count = 0;

  constructor(deps: DecidingDeps) {
    this.#deps = deps;
  }

  /** @param unheard Redis has certainly not been asked: what is granted here has to be booked there later */
  decide(parts: readonly WireAsk[], token: string, unheard: boolean): readonly Grant[] {
    const { breaker, policy, backs, teller, observer, askers, nowUs } = this.#deps;
    this.count++;
    const shares = breaker.openForMs < SHARED_MS ? askers() : 1;
    // In good health, with too many in flight, no recovery will book what is granted here: it is booked at once.
    const later = unheard && !breaker.closed;
    const grants = policy.decide(parts, token, shares, later, nowUs());
    const granted = grants.every((grant, at) => grant.granted >= parts[at]!.need);
    if (granted && unheard && !later) {
      for (const { bucket, need } of parts) {
        if (bucket.pace !== null) backs.rate(bucket.key, bucket.pace, -need);
      }
      teller.soon();
    }
    observer.byPolicy?.(granted);
    return grants;
  }
}
