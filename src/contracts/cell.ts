// The port to one model at one provider on one worker: what is known of it here, and whether to ask it now.

import type { CircuitChange } from './circuit.ts';

/** Longest time anything rests or cools, in ms, whatever a provider says: a day. */
export const LONGEST_REST_MS = 86_400_000;

/**
 * A place to look at one model of a lane, compiled into its targets. What it shows belongs to the lane: any two cells of
 * one model tell the same, however long each is kept. Whatever else is to be known of a model here has its place behind it.
 */
export interface Cell {
  /** Name at the upstream. */
  readonly model: string;
  /** ms until the model may be asked again; 0 = now. */
  leftMs(): number;
  /** At least until `forMs` from now. @returns whether it cools longer than before. */
  cool(forMs: number, stated: boolean): boolean;
  /**
   * For a time nobody stated: `baseMs`, as many times as this has happened in a row, ten at most. Nothing if it cools
   * already. @returns ms it cools.
   */
  guess(baseMs: number, mostMs: number): number;
  /** A call goes to this model, as its first choice or as a fallback; while its circuit is open it may be the one that finds out. */
  arrived(nowMs: number): void;
  /** A call that went there was given up before it was known whether it is served. */
  released(nowMs: number): void;
  /** A call failed here by the provider's fault: so many, and its circuit opens. */
  failed(): void;
  /** A call was answered here, if only by a refusal: whoever answers is there. */
  answered(nowMs: number): void;
  /** What another worker or node found out of its circuit. @returns whether that is news. */
  learn(change: CircuitChange): boolean;
  /** Whether a call may be repeated here now; if so the repeat counts (lanes/retry-budget.ts). */
  mayRepeat(nowMs: number): boolean;
  /** A call sent at `sentAt` (monotonic ms) was served: what was only guessed before it is over. */
  served(sentAt: number): void;
}
