// Fields of which a row has any number of values, each of which it counts by.
import type { LogListFacet } from '../../contracts/log-store.ts';
import type { GuardrailOutcome } from '../../contracts/outcomes.ts';
import type { LogRow } from '../../contracts/request-log.ts';

const PASSED = ':pass';

/** What a guardrail did, as one value: `pii:request:mask`. */
export const deedOf = ({ name, at, action }: GuardrailOutcome): string => `${name}:${at}:${action}`;

/** Whether it did no more than look, as with nearly every call. */
export const isPassed = (deed: string): boolean => deed.endsWith(PASSED);

/** Each once; null = the row does not know. */
export function listValues(
  row: Partial<Pick<LogRow, 'tags' | 'guardrails'>>,
  field: LogListFacet,
): ReadonlySet<string> | null {
  if (field === 'tag') return row.tags === undefined ? null : new Set(row.tags);
  return row.guardrails === undefined ? null : new Set(row.guardrails.map(deedOf));
}

export const isListFacet = (field: string): field is LogListFacet => field === 'tag' || field === 'guardrail';
