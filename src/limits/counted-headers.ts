// Headers of a call by whose values budgets count it: nobody could tell them of it later.
import type { HeaderBag } from '../contracts/headers.ts';
import type { LimitTable } from '../contracts/limits.ts';
import type { CountedHeaders } from '../contracts/request-log.ts';
import { hashedValue } from './bucket-id.ts';

const NONE: CountedHeaders = [];

/** With their values as counters name them. */
export function countedHeaders(limits: LimitTable | null, headers: HeaderBag): CountedHeaders {
  if (limits === null || limits.budgetHeaders.length === 0) return NONE;
  return limits.budgetHeaders.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, hashedValue(value)] as const];
  });
}
