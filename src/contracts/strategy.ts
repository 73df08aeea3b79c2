// How one of several targets of equal rank is chosen.

/**
 * `order` as listed: the fallback order. `weighted` and `round-robin` share calls out exactly; `least-busy` by calls under
 * way; `latency` by time to the first byte; `cost` the cheapest; `usage` by requests and tokens of the last minute;
 * `hash` the same one for the same session or prompt prefix; `adaptive` the better of two by latency, errors and load.
 */
export const STRATEGIES = [
  'order',
  'weighted',
  'round-robin',
  'least-busy',
  'latency',
  'cost',
  'usage',
  'hash',
  'adaptive',
] as const;
export type Strategy = (typeof STRATEGIES)[number];
