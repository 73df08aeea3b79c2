// How one attempt at a provider is timed and tried again, and for how long a model that fails is passed by.

/** Clocks of one attempt, in ms; 0 = off. */
export interface TimeoutConfig {
  connectMs: number;
  /** Request sent -> response head, for streams. A non-streaming call waits up to totalMs unless this is lower and was set. */
  headersMs: number;
  firstTokenMs: number;
  betweenTokensMs: number;
  /** Least content events a second of a stream, over the last `throughputWindowMs`; absent or 0 = off. */
  minTokensPerSecond?: number;
  /** Over what time the floor is measured; absent = 30 s. */
  throughputWindowMs?: number;
  /** Arrival of the request -> last byte. */
  totalMs: number;
}

export interface RouteTimeouts {
  /** Per client route, e.g. `/v1/chat/completions`. */
  [route: string]: Partial<TimeoutConfig>;
}

export interface RetryConfig {
  /** Further attempts per target after the first. */
  max: number;
  /** First back-off, doubled each time up to maxBackoffMs. */
  backoffMs: number;
  maxBackoffMs: number;
  /** All attempts of one request over all targets. */
  maxAttempts: number;
}

/** How long a model of a provider that says "not now" is passed by while its callers have another target, in ms. */
export interface CooldownConfig {
  /** After a 429 that states no time and that no other key helps with. */
  rateLimitMs: number;
  /** After a 503 or 529 that states no time, once the target's own retries are spent. */
  overloadMs: number;
  /** Longest of all, stated times included; 0 = never. */
  maxMs: number;
}

/** When a model of a provider that fails is passed by, by callers with another target. Times in ms. */
export interface BreakerConfig {
  /** Failures that open its circuit: so many in a row, or so many more than there were answers; 0 = never. */
  failures: number;
  /** First pause before a call tries it again; doubled with each that fails. */
  openMs: number;
  maxOpenMs: number;
  /** Closed again it gets a growing part of its calls for so long; 0 = all of them at once. */
  slowStartMs: number;
}
