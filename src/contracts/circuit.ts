// The circuit breaker of one model at one provider, as workers, nodes and people hear of it.

export type CircuitState = 'closed' | 'open' | 'half-open';

/** What became of one opening. */
export interface CircuitChange {
  readonly state: CircuitState;
  /** Of the opening, ms since 1970: a later one counts. */
  readonly at: number;
  /** How long others hold to it, ms. */
  readonly forMs: number;
}

/** As it is shown. */
export interface CircuitView {
  readonly provider: string;
  /** Name at the upstream. */
  readonly model: string;
  readonly state: CircuitState;
  /** ms since 1970. */
  readonly since: number;
}
