// How budgets and limits stand, as the API tells it (docs/budgets.md).
import { get } from './client.ts';

export interface BudgetStanding {
  readonly name: string;
  readonly owner: string;
  readonly window: string;
  readonly align: string;
  readonly timezone: string;
  readonly softAt: number;
  readonly amountNano: number;
  readonly spentNano: number;
  /** Set aside by calls under way, and held by workers for the next ones; null = not told apart from what is spent. */
  readonly reservedNano: number | null;
  readonly remainingNano: number;
  readonly startsAt: string | null;
  readonly resetsAt: string | null;
  readonly soft: boolean;
  /** What the window comes to if it goes on like that; null = it does not end. */
  readonly forecastUsd: number | null;
  /** When it is used up then; null = not in this window. */
  readonly exhaustedAt: string | null;
}

export interface LimitStanding {
  readonly name: string;
  readonly dimension: string;
  readonly owner: string;
  readonly limit: number;
  readonly periodMs: number;
  readonly remaining: number;
  readonly resetsAt: string;
}

export interface Standings {
  readonly budgets: readonly BudgetStanding[];
  readonly limits: readonly LimitStanding[];
}

/** Of all that counts calls of one key, team, …; without one, of all that has one counter. */
export function readStandings(of: string, signal: AbortSignal): Promise<Standings> {
  return get<Standings>(of === '' ? '/api/budgets/standing' : `/api/${of}/budgets`, signal);
}
