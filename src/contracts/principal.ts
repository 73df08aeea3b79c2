// Who calls: what is said of a caller as plain data, and the one frozen object that is made of it.
import type { Plan } from './plan.ts';
import type { Route } from './route.ts';

/** Classes of a lane's queue; the last is shed first. */
export type Priority = 'high' | 'normal' | 'low' | 'batch';

/**
 * What somebody may do. Each list holds patterns (`*` for any run of characters), `!` in front denies. A denial wins; an
 * empty list denies all; an absent one, `["*"]` and one of denials alone allow what is not denied.
 */
export interface Grant {
  /** Models by the name callers use, by `provider/model` or by the bare name. */
  readonly models?: readonly string[];
  readonly providers?: readonly string[];
  /** Operations (`chat`) or templates of routes (`/v1/messages`). */
  readonly endpoints?: readonly string[];
  /** Addresses and networks (`10.0.0.0/8`, `2001:db8::/32`) calls may come from. */
  readonly ips?: readonly string[];
}

/** What is known of the holder of a credential. Plain data: it crosses processes and lies in stores. */
export interface Holder {
  /** Shown in limits, metrics and the access line. */
  readonly name: string;
  /** Stays when the name changes; the name when absent. */
  readonly id?: string;
  readonly organization?: string;
  readonly team?: string;
  readonly user?: string;
  /** The end user all its calls are for; when absent each call says for whom it is. */
  readonly customer?: string;
  readonly project?: string;
  readonly tags?: readonly string[];
  readonly priority?: Priority;
  /** A service's, no person's: it outlives who made it. */
  readonly service?: true;
  /** ms since 1970. */
  readonly expiresAtMs?: number;
  readonly blocked?: true;
  /** Its own, and those of its team, user, …: each of them must allow a call. */
  readonly grants?: readonly Grant[];
  /** Names of models that are its own -> the models they stand for, the first choice first. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  /** Models that follow where a request lists no fallbacks. */
  readonly fallbacks?: readonly string[];
}

/** Grants, compiled: asked once per call. */
export interface Permits {
  mayCall(route: Route): boolean;
  /** Whether `mayCallFrom` has anything to say: an address costs something to read. */
  readonly byAddress: boolean;
  /** @param address IPv4 or IPv6 in text; '' = not known. */
  mayCallFrom(address: string): boolean;
  /** @param model as callers name it: an alias or `provider/model`. */
  mayUse(model: string, provider: string, upstreamModel: string): boolean;
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
}
