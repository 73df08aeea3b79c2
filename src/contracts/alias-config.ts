// One alias as it is configured: its targets, what falls back to which, and what becomes of a stream that breaks.
import type { CachePolicy } from './cache.ts';
import type { CapabilityChange } from './capability.ts';
import type { Strategy } from './strategy.ts';

/**
 * What becomes of a stream that breaks after its client has seen part of it. `resume`: another target, or the same one once
 * more, goes on with it, else it ends in an error event; `error`: an error event, also when it stands still; `off`: an
 * error event once the ordinary clocks run out.
 */
export type RescuePolicy = 'resume' | 'error' | 'off';

export interface RescueConfig {
  /** Absent: `resume` where the call has another target, else `off`. */
  policy?: RescuePolicy;
  /** A stream that stands still for so long is broken, whatever `betweenTokensMs` says; 0 = it alone counts. */
  stallMs: number;
  /** What is kept of a stream to go on from; a longer one is not gone on with. */
  maxBytes: number;
}

/** Failures that a fallback may be for. */
export const FALLBACK_KINDS = ['error', 'rate_limit', 'context_window', 'content_policy', 'timeout'] as const;
export type FallbackKind = (typeof FALLBACK_KINDS)[number];

/** A target for certain failures of those before it. */
export interface FallbackRule {
  on: FallbackKind[];
  /** `provider/model` or an alias. */
  to: string;
}

/** A second attempt beside one whose first token is late. */
export interface HedgeConfig {
  /** Never before so many ms behind the sending, whatever the model's own p95 says. */
  minMs: number;
  /** Part of the calls that may have one, 0 to 1. */
  budget: number;
}

/** Copies of calls to another model, for nobody to hear. */
export interface ShadowConfig {
  /** `provider/model` or an alias. */
  to: string;
  /** Of the calls, 0 to 100. */
  percent: number;
  /** Copies under way at once, for the whole gateway. */
  concurrency: number;
  /** Of a day (UTC). */
  budgetUsd: number;
}

/** Where some of an alias's sessions go. */
export interface SplitArm {
  /** `provider/model` or an alias. */
  to: string;
  /** Of the sessions, 0 to 100. */
  percent: number;
}

export interface AliasConfig {
  /** `provider/model`; the order is the fallback order, or how those are listed that a strategy chooses from. */
  targets: string[];
  /** One for each target, where they are stated. */
  weights?: number[];
  /** `order` if absent. */
  strategy?: Strategy;
  /** What holds here in sum; absent = as everywhere. */
  cache?: CachePolicy;
  capabilities?: CapabilityChange;
  fallbacks?: FallbackRule[];
  /** Hold the head of a stream until its first content, also with one target. */
  gate?: boolean;
  rescue?: RescuePolicy;
  /** Absent: nothing is asked twice. */
  hedge?: HedgeConfig;
  /** Absent: nothing is copied. */
  shadow?: ShadowConfig;
  /** Absent: all go to `targets`. Its percentages make 100 at most. */
  split?: SplitArm[];
}
