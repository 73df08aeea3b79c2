// Routes that a provider's server turned out not to have: not asked for again for a while.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { Target } from '../contracts/plan.ts';

/** It is asked again after so long: servers are updated. */
const ASK_AGAIN_MS = 10 * 60_000;

/** By configuration object: a reload forgets it all. One for each route. */
export class Lacks {
  readonly #until = new WeakMap<ProviderConfig, number>();

  /** @param now monotonic ms. */
  has(provider: ProviderConfig, now: number): boolean {
    return now < (this.#until.get(provider) ?? 0);
  }

  note(provider: ProviderConfig, now: number): void {
    this.#until.set(provider, now + ASK_AGAIN_MS);
  }

  /** Whether a server may know nothing of the route, by how it fails: it says so, which is kept in mind, or breaks off on it. */
  may({ provider, model }: Target, error: GatewayError, now: number): boolean {
    if (!lacksRoute(error, model)) return error.code === 'GW_UPSTREAM_RESET';
    this.note(provider, now);
    return true;
  }
}

/** Whether a refusal says that there is no such route, and not that there is no such model. */
export function lacksRoute({ fault }: GatewayError, model: string): boolean {
  if (fault === null || (fault.status !== 404 && fault.status !== 405 && fault.status !== 501)) return false;
  return (
    fault.code !== 'model_not_found' && !fault.message.includes(model) && !/\bmodel\b/i.test(fault.message)
  );
}

/** Whether a counter is no help: there is none, or it does not take what we made of another dialect's request. */
export function cannotCount(error: GatewayError, model: string, translated: boolean): boolean {
  return lacksRoute(error, model) || (translated && error.fault?.status === 400);
}
