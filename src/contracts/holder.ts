// What is said of callers, and of what they belong to, as plain data: it crosses processes and lies in stores.
import type { OwnLimits } from './own-limits.ts';

/** Classes of a lane's queue; the last is shed first. */
/** Highest first. */
export const PRIORITIES = ['high', 'normal', 'low', 'batch'] as const;
export type Priority = (typeof PRIORITIES)[number];

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
  /** Limits and budgets of its own, where they come with it and are no rules of the configuration. */
  readonly own?: OwnLimits;
}

/** A holder as far as its own limits go. */
export type OwnHolder = Pick<Holder, 'name' | 'id' | 'own'>;

/** What keys, teams, … may say alike: as the configuration has it. */
export interface CallerPolicy extends Grant {
  readonly tags?: readonly string[];
  readonly priority?: Priority;
  readonly aliases?: Readonly<Record<string, string | readonly string[]>>;
  readonly fallbacks?: readonly string[];
  readonly blocked?: boolean;
}

export interface CallerGroup extends CallerPolicy {
  readonly organization?: string;
  readonly team?: string;
}

/** What callers may belong to, by name; where a section is empty any name will do. */
export interface CallerGroups {
  readonly organizations?: Readonly<Record<string, CallerGroup>>;
  readonly teams?: Readonly<Record<string, CallerGroup>>;
  readonly users?: Readonly<Record<string, CallerGroup>>;
  readonly projects?: Readonly<Record<string, CallerGroup>>;
}
