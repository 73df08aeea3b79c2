// What an authority in Redis is made of and what it says of itself.
import type { LookupFunction } from 'node:net';
import type { RedisConfig } from '../contracts/redis-config.ts';
import type { LimitAuthority, LimitHeir } from '../contracts/limits.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import type { RedisFault } from './client.ts';

export interface RedisAuthorityConfig extends RedisConfig {
  /** Begins every key; `?prefix=` of the URL says the same. */
  keyPrefix?: string;
  /** Asks on their way at most; beyond them the policy answers. */
  maxInFlight?: number;
  /** Slots that nobody renews are free after this. */
  slotLifeMs?: number;
}

/** Told as it happens; for metrics. */
export interface RedisAuthorityObserver {
  /** An ask was answered by Redis. */
  answered?(latencyMs: number): void;
  /** An ask or something in the background failed. */
  failed?(fault: RedisFault): void;
  /** An ask was answered by the policy. */
  byPolicy?(granted: boolean): void;
  health?(healthy: boolean): void;
}

export interface RedisAuthorityDeps {
  clock: Clock;
  log: LogPort;
  /** For connections by name; own look-ups by default. */
  lookup?: LookupFunction | undefined;
  /** 0 <= x < 1; names this asker. */
  random: () => number;
  observer?: RedisAuthorityObserver;
  /** Hears what goes back if this process dies. */
  heir?: LimitHeir;
}

export interface RedisAuthorityStats {
  healthy: boolean;
  asked: number;
  answered: number;
  /** Asks the policy answered: `onFailure`, or too many in flight. */
  byPolicy: number;
  faults: Readonly<Partial<Record<RedisFault, number>>>;
  /** Sum over `answered`. */
  latencyMs: number;
  /** ms in which the policy decided, up to now. */
  degradedMs: number;
  inFlight: number;
  /** Processes that share the limits, this one included. */
  askers: number;
  slotsHeld: number;
  bucketsKnown: number;
  /** Buckets with something that Redis is still to be told. */
  toTell: number;
  /** What could not be told: it costs room until it drains or runs out. */
  dropped: number;
  /** Times Redis had lost all it knew. */
  emptied: number;
}

export interface RedisAuthority extends LimitAuthority {
  /** Processes that share the limits; a lease is at most 1 % of a limit over all of them. */
  readonly askers: number;
  /** Resolves when Redis answers, or after `withinMs`; says whether it does. A start need not wait longer than this. */
  ready(withinMs: number): Promise<boolean>;
  stats(): RedisAuthorityStats;
  /** Gives back what is held and leaves; never takes longer than a moment. */
  close(): Promise<void>;
}
