// Watches what is spent of budgets, and tells of their marks: the book of it, and whom to tell, put together.
import type { LookupFunction } from 'node:net';
import type { BudgetUse } from '../../src/contracts/budget.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import { createAlerts } from './alerts.ts';
import { createBudgetBook } from './budget-book.ts';

export interface BudgetWatch {
  heard(uses: readonly BudgetUse[]): void;
  /** Counts and tells as the configuration now says. */
  follow(config: Pick<Config, 'redis' | 'alerts'>): void;
  /** Nobody says anything any more. Resolves when what waits is told or given up. */
  close(): Promise<void>;
}

export interface BudgetWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly lookup?: LookupFunction | undefined;
  readonly totals: MetricTotals;
  /** Nanodollars of a budget whose counters are kept here. */
  booked(bucketId: string): { spent: number; held: number };
}

export function createBudgetWatch(
  { clock, log, lookup, totals, booked }: BudgetWatchDeps,
  folder: string,
): BudgetWatch {
  const alerts = createAlerts(totals, clock, log);
  const book = createBudgetBook({ clock, log, lookup, booked, tell: alerts.tell }, folder);
  return {
    heard: book.heard,
    follow(config) {
      book.follow(config.redis);
      alerts.configure(config.alerts);
    },
    close() {
      book.close();
      return alerts.close();
    },
  };
}
