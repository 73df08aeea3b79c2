// The primary's books of limits and charges, kept in the data folder: what is spent of budgets (spend-file.ts), and what was charged once
// and is not to be charged again (once-book.ts).
import { LimitLedger } from '../../src/limits/ledger.ts';
import { createPrimaryLimits, type PrimaryLimits } from './limit-authority.ts';
import { createOnceBook, type OnceBook, type OnceBookDeps } from './once-book.ts';
import { createSpendFile } from './spend-file.ts';

export interface KeptLimits extends PrimaryLimits {
  readonly once: OnceBook;
  /** Nanodollars of a budget: what calls were charged, and what workers hold for those under way or for the next ones. */
  booked(bucketId: string): { spent: number; held: number };
  /** Nobody asks any more: writes what is left to write. */
  close(): void;
}

export function createKeptLimits(deps: OnceBookDeps, folder: string): KeptLimits {
  const { clock, log } = deps;
  const wall = (): number => clock.wall();
  const ledger = new LimitLedger({ wall });
  const file = createSpendFile(folder, { log, wall, spent: () => ledger.spent() });
  ledger.restore(file.read(), clock.now());
  file.start();
  const once = createOnceBook(deps, folder);
  return {
    ...createPrimaryLimits(clock, ledger),
    once,
    booked: (bucketId) => ledger.booked(bucketId),
    close() {
      file.close();
      once.close();
    },
  };
}
