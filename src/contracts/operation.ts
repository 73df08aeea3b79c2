// What a route asks of a model, whatever its dialect spells it like. One frozen record each in src/operations/; stages
// read what a record says and never ask for its name.

export type OperationName = 'chat' | 'token-count';

/** Stages a flow may name; pipeline/flows.ts has one entry for each. */
export type StageName = 'identify' | 'plan' | 'admit' | 'count' | 'dispatch';

/** What of a call is counted: limits and prices are stated in these. */
export type Meter = 'requests' | 'tokens';

export interface Operation {
  readonly name: OperationName;
  /** What comes back: `deltas` is an answer that may be streamed, `json` a whole one that is passed on as it came. */
  readonly answer: 'deltas' | 'json';
  /**
   * What the upstream refuses says something of its keys and models: they rest and cool down. An operation with limits of
   * its own at the provider says nothing of the others'.
   */
  readonly refusable: boolean;
  /** The gateway has an answer of its own, an estimate, where the target's vendor has none. */
  readonly estimated: boolean;
  readonly meters: readonly Meter[];
  /** Stages in order, behind authentication. One that the configuration switches off is left out when it is compiled. */
  readonly flow: readonly StageName[];
}
