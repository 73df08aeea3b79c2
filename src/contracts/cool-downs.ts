// The port to what cools down in a lane.

/** Longest time anything rests or cools, in ms, whatever a provider says: a day. */
export const LONGEST_REST_MS = 86_400_000;

/** The models of one provider that cool down, on one worker. */
export interface CoolDowns {
  /** 0: nothing cools, and nothing else needs to be asked. */
  readonly size: number;
  /** ms until `model` may be asked again; 0 = now. */
  leftMs(model: string): number;
  /** At least until `forMs` from now. @returns whether it cools longer than before. */
  cool(model: string, forMs: number, stated: boolean): boolean;
  /**
   * For a time nobody stated: `baseMs`, as many times as this has happened in a row, ten at most. Nothing if it cools
   * already. @returns ms it cools.
   */
  guess(model: string, baseMs: number, mostMs: number): number;
  /** A call sent at `sentAt` (monotonic ms) was served: what was only guessed before it is over. */
  served(model: string, sentAt: number): void;
  /** How many cool down now; forgets what is over. */
  count(): number;
}
