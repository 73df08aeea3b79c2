// Statistics as the API tells them (docs/api-logs.md).

export const OWNERS = ['caller', 'policy', 'provider', 'gateway'] as const;
export type Owner = (typeof OWNERS)[number];

export interface Percentiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Sums of a window; money in whole nanodollars. */
export interface Cell {
  readonly requests: number;
  readonly ok: number;
  readonly cancelled: number;
  readonly errors: Readonly<Record<Owner, number>>;
  readonly attempts: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costNano: number;
  readonly unpriced: number;
  readonly savedNano: number;
  /** Whole ms. */
  readonly savedMs: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly ttftMs: Percentiles;
  readonly totalMs: Percentiles;
  readonly overheadMs: Percentiles;
  readonly tokensPerSecond: Percentiles;
}

export interface Group {
  /** Null: all others together, or all where there is no group. */
  readonly value: string | null;
  readonly total: Cell;
  readonly before: Cell | null;
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface Stats {
  readonly since: number;
  readonly until: number;
  readonly step: 'minute' | 'hour' | 'day';
  readonly starts: readonly number[];
  readonly total: Cell;
  readonly before: Cell | null;
  readonly groups: readonly Group[];
}

export function errorsOf({ errors }: Pick<Cell, 'errors'>): number {
  return OWNERS.reduce((sum, owner) => sum + errors[owner], 0);
}

export function errorShare(cell: Pick<Cell, 'errors' | 'requests'>): number | null {
  return cell.requests === 0 ? null : errorsOf(cell) / cell.requests;
}
