// What the limiter counts, as it wants to be told: by rule name. Rules of the configuration are few, those that come with keys may be as many
// as there are keys.

export interface RuleMeter {
  admitted(): void;
  refused(): void;
  /** The counters could not be asked and nothing was decided by them. */
  unknown(): void;
  /** A lease was fetched. */
  refilled(): void;
}

export interface LimitMeter {
  /** @param lease units a worker may hold ahead of its calls. @param ofKey it came with a key */
  rule(name: string, lease: number, ofKey: boolean): RuleMeter;
}
