// How far a recalculation is, as it stands in the database.
import type { Recharge } from '../../src/contracts/recharge.ts';

/** Which charges are priced anew: any of the values, all of the fields; an empty list = all. A `*` at the end fits any rest. */
export interface RecalculateFilter {
  /** ms since 1970; `until` exclusive. */
  readonly since: number;
  readonly until: number;
  /** Public name, `provider/model`, or the model at its provider. */
  readonly models: readonly string[];
  readonly providers: readonly string[];
  readonly keys: readonly string[];
  readonly teams: readonly string[];
}

/** What changes for one key or team. */
export interface Difference {
  readonly charges: number;
  readonly differenceNano: number;
}

export interface RecalculateState extends RecalculateFilter {
  /** Nothing is written: it says what would be. */
  readonly dryRun: boolean;
  /** Who asked, and when (ms since 1970). */
  readonly by: string;
  readonly createdAt: number;
  /** Print of the prices it goes by: with others it would correct one half like this and the other like that. '' = not begun. */
  readonly prices: string;
  /** Number of the charge that was looked at last; null = none was. */
  readonly cursor: number | null;
  /** When that one was made, ms since 1970. */
  readonly at: number;
  /** Charges that fit. */
  readonly charges: number;
  /** Of them, those that come to something else. */
  readonly corrected: number;
  /** Of these, those that had no price before. */
  readonly priced: number;
  /** Charges that had no price and have none now. */
  readonly unpriced: number;
  /** Charges that have a price and would have none now: they are left as they are. */
  readonly kept: number;
  readonly beforeNano: number;
  readonly afterNano: number;
  readonly byKey: Readonly<Record<string, Difference>>;
  readonly byTeam: Readonly<Record<string, Difference>>;
  /** Steps that corrected something: each has a number. */
  readonly steps: number;
  /** What budgets have yet to hear of the last of them. */
  readonly untold: readonly Recharge[];
  /** Gatehouse that works on it; '' = none. */
  readonly owner: string;
  /** Why it ended before its end. */
  readonly error: string;
}

export function freshState(
  filter: RecalculateFilter,
  { dryRun, by, createdAt }: Pick<RecalculateState, 'dryRun' | 'by' | 'createdAt'>,
): RecalculateState {
  return {
    ...filter,
    dryRun,
    by,
    createdAt,
    prices: '',
    cursor: null,
    at: filter.since,
    charges: 0,
    corrected: 0,
    priced: 0,
    unpriced: 0,
    kept: 0,
    beforeNano: 0,
    afterNano: 0,
    byKey: {},
    byTeam: {},
    steps: 0,
    untold: [],
    owner: '',
    error: '',
  };
}

const EVERY: RecalculateFilter = { since: 0, until: 0, models: [], providers: [], keys: [], teams: [] };

/** Only `freshState` makes them; another version may have made others. */
export function isRecalculateState(state: object): state is RecalculateState {
  return Object.keys(freshState(EVERY, { dryRun: true, by: '', createdAt: 0 })).every((key) => key in state);
}
