// Who calls: the one frozen object that is made of what is said of a caller (holder.ts).
import type { ProviderConfig } from './provider-config.ts';
import type { Priority } from './holder.ts';
import type { LimitRule } from './limits.ts';
import type { Plan } from './plan.ts';
import type { Route } from './route.ts';

/** Grants, compiled: asked once per call. */
export interface Permits {
  mayCall(route: Route): boolean;
  /** Whether `mayCallFrom` has anything to say: an address costs something to read. */
  readonly byAddress: boolean;
  /** @param address IPv4 or IPv6 in text; '' = not known. */
  mayCallFrom(address: string): boolean;
  /** @param model as callers name it: an alias or `provider/model`. */
  mayUse(model: string, provider: string, upstreamModel: string): boolean;
  /** Whether every model there may be used, whatever it is called: what a request must hold that names none. */
  mayUseAllOf(provider: ProviderConfig): boolean;
  /** Whether there is, or may be, a model there that may be used: what has to do with none needs it. */
  mayUseSomeOf(provider: ProviderConfig): boolean;
  /** `plan` without the targets that may not be used; itself when all may be, null when none is left. */
  within(plan: Plan): Plan | null;
}

/**
 * Who calls: one frozen object per key, made by the directory when it hears of the key and the same in every call that
 * presents it. Everything of a caller that limits, metrics, ledger and log read stands here.
 */
export interface Principal {
  readonly id: string;
  /** Of its key, `anonymous` without one. */
  readonly name: string;
  readonly organization: string | null;
  readonly team: string | null;
  readonly user: string | null;
  readonly customer: string | null;
  readonly project: string | null;
  readonly tags: readonly string[];
  readonly priority: Priority;
  readonly service: boolean;
  /** ms since 1970; 0 = never. */
  readonly expiresAtMs: number;
  readonly blocked: boolean;
  /** Null: it may do everything. */
  readonly permits: Permits | null;
  /** False: nothing of it is to be checked before the body is read. */
  readonly guarded: boolean;
  readonly aliases: ReadonlyMap<string, readonly string[]> | null;
  readonly fallbacks: readonly string[] | null;
  /** Limits and budgets of its key alone that are no rules of the configuration. */
  readonly rules: readonly LimitRule[];
}
