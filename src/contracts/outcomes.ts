// What a cache and guardrails had to say of a call, as log, metrics and answer headers tell it.

/** How a cache took part. `bypass`: it was on, and the call asked to go without, or may not be kept. */
export interface CacheOutcome {
  readonly result: 'hit' | 'miss' | 'stale' | 'bypass';
  readonly type: 'exact' | 'semantic';
  /** Of a semantic hit, 0 to 1; null = exact, or none. */
  readonly similarity: number | null;
  /** What the answer would have cost, in whole nanodollars; null = nothing was saved, or its price is not known. */
  readonly savedNano: number | null;
  /** How long the answer took when it was made, ms; null = nothing was saved. */
  readonly madeMs: number | null;
}

/** What one guardrail did to a call. `unchecked`: there were pictures, sound or files that none of its checks looks at; beside what else it did. */
export interface GuardrailOutcome {
  readonly name: string;
  /** Where it looked. */
  readonly at: 'request' | 'answer';
  readonly action: 'pass' | 'flag' | 'mask' | 'block' | 'error' | 'unchecked';
}
