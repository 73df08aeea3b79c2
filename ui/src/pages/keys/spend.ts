// What keys, teams and others used in the last 30 days, by name.
import { get } from '../../api/client.ts';
import { type Loaded, useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { Cell, Stats } from '../../api/stats.ts';

/** Fields of the log that are kinds of objects. */
const FIELDS = ['key', 'team', 'user', 'customer', 'organization', 'project'] as const;

export type Spend = ReadonlyMap<string, Cell>;

/** By `kind/name`. */
export function useSpend(): Loaded<Spend> {
  return useLoad(may('log', 'read') ? 'spend' : null, async (signal) => {
    const found = await Promise.all(
      FIELDS.map(async (field) => {
        const { groups } = await get<Stats>(
          `/api/stats?since=30d&step=day&group=${field}&top=100&by=costNano&metrics=requests`,
          signal,
        );
        return groups.flatMap(({ value, total }): [string, Cell][] =>
          value === null || value === '' ? [] : [[`${field}/${value}`, total]],
        );
      }),
    );
    return new Map(found.flat());
  });
}
