// What the limiter counts, as it wants to be told: by rule name, which is the operator's and bounded.

export interface RuleMeter {
  admitted(): void;
  refused(): void;
  /** The counters could not be asked and nothing was decided by them. */
  unknown(): void;
  /** A lease was fetched. */
  refilled(): void;
}

export interface LimitMeter {
  /** @param lease units a worker may hold ahead of its calls. */
  rule(name: string, lease: number): RuleMeter;
}
