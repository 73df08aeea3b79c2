// Whether a row fits a filter: what the database does for pages, for rows that come by.
import type { LogFilter, LoggedRow } from '../../src/contracts/log-store.ts';
import { isCharged } from '../../src/observability/requests/cells.ts';
import { isListFacet, isPassed, listValues } from '../../src/observability/requests/list-facets.ts';

export function fits(row: LoggedRow, filter: LogFilter): boolean {
  if (filter.attempts !== true && !row.final) return false;
  if (filter.since !== undefined && row.at < filter.since) return false;
  if (filter.until !== undefined && row.at >= filter.until) return false;
  if (filter.unpriced === true && (row.costNano !== null || !isCharged(row))) return false;
  for (const [field, values] of Object.entries(filter.values)) {
    if (isListFacet(field)) {
      const own = listValues(row, field)!; // a whole row knows both
      const none = field === 'guardrail' ? [...own].every(isPassed) : own.size === 0;
      if (!values.some((value) => (value === '' ? none : own.has(value)))) return false;
    } else if (!values.includes(String(row[field as keyof LoggedRow]))) return false; // a field of the row, as LogFilter has it
  }
  for (const [field, [min, max]] of Object.entries(filter.ranges)) {
    const value = field === 'tokens' ? tokensOf(row) : row[field as 'totalMs'];
    if (value === null || (min !== null && value < min) || (max !== null && value > max)) return false;
  }
  return true;
}

export const tokensOf = (row: Pick<LoggedRow, 'inputTokens' | 'outputTokens'>): number | null =>
  row.inputTokens === null && row.outputTokens === null
    ? null
    : (row.inputTokens ?? 0) + (row.outputTokens ?? 0);
