// What the schema of a limit cannot say.
import { isTimeZone } from '../../src/budgets/zone-clock.ts';
import type { StoredData } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import { isRecord } from './checked.ts';

function badAt(place: string): (field: string, message: string) => ApiError {
  return (field, message) => {
    const param = [place, field].filter((part) => part !== '').join('.');
    return new ApiError(400, 'invalid_value', param === '' ? message : `${param}: ${message}`, { param });
  };
}

/** @param place of the limit in the body; '' = it is the body. @throws ApiError 400 */
export function checkLimit(limit: StoredData, place: string): void {
  const { requests, tokens, concurrent, burst } = limit;
  const bad = badAt(place);
  if (requests === undefined && tokens === undefined && concurrent === undefined)
    throw bad('', 'nothing is limited: state `requests`, `tokens` or `concurrent`');
  if (burst !== undefined && requests === undefined && tokens === undefined)
    throw bad('burst', 'a burst belongs to `requests` or `tokens`');
  checkPer(limit, place);
}

/** What is counted apart. @throws ApiError 400 */
export function checkPer({ per }: StoredData, place: string): void {
  const bad = badAt(place);
  if (!Array.isArray(per)) return;
  if (per.length === 0) throw bad('per', 'the list is empty; at least one entry is needed');
  if (per.includes('gateway') && per.length > 1)
    throw bad('per', '`gateway` stands alone: it is one count for all');
  if (new Set(per).size < per.length) throw bad('per', 'the same thing stands twice');
}

/** What the schema of a budget cannot say. @throws ApiError 400 */
export function checkBudget({ timezone, anchor, override }: StoredData, place: string): void {
  const bad = badAt(place);
  const { from, windows } = isRecord(override) ? override : {};
  if (typeof timezone === 'string' && !isTimeZone(timezone))
    throw bad('timezone', 'there is no such time zone');
  for (const [field, time] of [
    ['anchor', anchor],
    ['override.from', from],
  ] as const)
    if (typeof time === 'string' && Number.isNaN(Date.parse(time)))
      throw bad(field, 'there is no such day or time');
  if (windows !== undefined && from === undefined)
    throw bad('override.windows', 'from when on? State `from` as well');
}

/** @throws ApiError 400 */
export function checkOwnLimits({ limits, budgets }: StoredData): void {
  if (Array.isArray(budgets))
    for (const [index, budget] of budgets.entries())
      if (isRecord(budget)) checkBudget(budget as StoredData, `budgets[${index}]`);
  if (!Array.isArray(limits)) return;
  for (const [index, limit] of limits.entries())
    if (isRecord(limit)) checkLimit(limit as StoredData, `limits[${index}]`);
}
