// The last day of the gateway's processes, as `/api/cluster/history` tells it.

type Values = readonly (number | null)[];

export interface ProcessHistory {
  readonly node: string;
  /** Null: the primary. */
  readonly worker: number | null;
  readonly values: {
    readonly loopDelayMs: Values;
    readonly memoryBytes: Values;
    readonly connections: Values;
    readonly restarts: Values;
  };
}

export interface ClusterHistory {
  /** ms since 1970; null = there is none yet. */
  readonly since: number | null;
  readonly stepMs: number;
  readonly starts: readonly number[];
  readonly processes: readonly ProcessHistory[];
}
