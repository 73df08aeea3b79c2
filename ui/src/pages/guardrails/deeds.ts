// What guardrails did, out of statistics by guardrail: each value is name, place and action.
import type { Group } from '../../api/stats.ts';

export interface Deed {
  readonly name: string;
  /** `request`, `answer`. */
  readonly at: string;
  readonly action: string;
  /** Calls. */
  readonly count: number;
  /** As a filter of the log. */
  readonly value: string;
}

/** @returns by name, what it did most first */
export function deedsOf(groups: readonly Pick<Group, 'value' | 'total'>[]): Deed[] {
  return groups
    .flatMap(({ value, total }): Deed[] => {
      if (value === null || total.requests === 0) return [];
      // A name may have colons of its own.
      const parts = value.split(':');
      const [at = '', action = ''] = parts.slice(-2);
      return [{ name: parts.slice(0, -2).join(':'), at, action, count: total.requests, value }];
    })
    .sort((one, other) => one.name.localeCompare(other.name) || other.count - one.count);
}
