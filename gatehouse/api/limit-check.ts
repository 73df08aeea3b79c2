// What the schema of a limit cannot say.
import type { StoredData } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import { isRecord } from './checked.ts';

/** @param place of the limit in the body; '' = it is the body. @throws ApiError 400 */
export function checkLimit(limit: StoredData, place: string): void {
  const { requests, tokens, concurrent, burst, per } = limit;
  const bad = (field: string, message: string): ApiError => {
    const param = [place, field].filter((part) => part !== '').join('.');
    return new ApiError(400, 'invalid_value', param === '' ? message : `${param}: ${message}`, { param });
  };
  if (requests === undefined && tokens === undefined && concurrent === undefined)
    throw bad('', 'nothing is limited: state `requests`, `tokens` or `concurrent`');
  if (burst !== undefined && requests === undefined && tokens === undefined)
    throw bad('burst', 'a burst belongs to `requests` or `tokens`');
  if (!Array.isArray(per)) return;
  if (per.length === 0) throw bad('per', 'the list is empty; at least one entry is needed');
  if (per.includes('gateway') && per.length > 1)
    throw bad('per', '`gateway` stands alone: it is one count for all');
  if (new Set(per).size < per.length) throw bad('per', 'the same thing stands twice');
}

/** @throws ApiError 400 */
export function checkOwnLimits({ limits }: StoredData): void {
  if (!Array.isArray(limits)) return;
  for (const [index, limit] of limits.entries())
    if (isRecord(limit)) checkLimit(limit as StoredData, `limits[${index}]`);
}
