// What the limiter is made of, and what a configuration says of all limits together.
import type { Clock } from '../contracts/ports.ts';
import type { BudgetTally } from './budget-tally.ts';
import type { LimitMeter } from './meter.ts';

export interface LimiterDeps {
  clock: Clock;
  meter: LimitMeter;
  /** Unlike that of any other worker, also of one that had its place before. */
  origin: string;
  /** Hears what calls do with budgets. */
  tally?: BudgetTally | null;
}

export interface LimiterOptions {
  /** Workers that share each limit; an authority that knows of more says so. */
  holders: number;
  /** While the authority cannot be reached it grants by itself, and what it refuses is refused by a limit. */
  failOpen: boolean;
  /** Every call asks, with all its buckets in one question. */
  strict: boolean;
  ietf: boolean;
  /** Of the configuration; 0 when absent. */
  version?: number;
  /** Keys may come with rules of their own. */
  keyRules?: boolean | undefined;
  /** Calls under a budget whose model has no known price; absent = refused. */
  unknownPrice?: 'refuse' | 'allow' | undefined;
}
