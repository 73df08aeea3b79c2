// What guardrails did, counted over rows of the log.
import type { LogRow } from '../../api/logs.ts';

export interface Deed {
  readonly name: string;
  /** `input`, `output`. */
  readonly at: string;
  readonly action: string;
  readonly count: number;
  /** Request id of the newest. */
  readonly call: string;
}

/** @param rows newest first @returns most frequent first */
export function deedsOf(rows: readonly Pick<LogRow, 'guardrails' | 'call'>[]): Deed[] {
  const found = new Map<string, Deed>();
  for (const { guardrails, call } of rows)
    for (const { name, at, action } of guardrails) {
      const key = `${name}\n${at}\n${action}`;
      const before = found.get(key);
      found.set(key, { name, at, action, count: (before?.count ?? 0) + 1, call: before?.call ?? call });
    }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
