// Whether a row fits a filter: what the database does for pages, for rows that come by.
import type { LogFilter, LoggedRow } from '../../src/contracts/log-store.ts';
import { isCharged } from '../../src/observability/requests/cells.ts';

export function fits(row: LoggedRow, filter: LogFilter): boolean {
  if (filter.attempts !== true && !row.final) return false;
  if (filter.since !== undefined && row.at < filter.since) return false;
  if (filter.until !== undefined && row.at >= filter.until) return false;
  if (filter.unpriced === true && (row.costNano !== null || !isCharged(row))) return false;
  for (const [field, values] of Object.entries(filter.values)) {
    if (field === 'tag') {
      if (!values.some((value) => (value === '' ? row.tags.length === 0 : row.tags.includes(value))))
        return false;
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
