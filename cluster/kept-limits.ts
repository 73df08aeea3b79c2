// The primary's books of limits, with what is spent of budgets kept in the data folder (spend-file.ts).
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import { LimitLedger } from '../src/limits/ledger.ts';
import { createPrimaryLimits, type PrimaryLimits } from './limit-authority.ts';
import { createSpendFile } from './spend-file.ts';

export interface KeptLimits extends PrimaryLimits {
  /** Nobody asks any more: writes what is left to write. */
  close(): void;
}

export function createKeptLimits(
  { clock, log }: { readonly clock: Clock; readonly log: Pick<LogPort, 'warn'> },
  folder: string,
): KeptLimits {
  const wall = (): number => clock.wall();
  const ledger = new LimitLedger({ wall });
  const file = createSpendFile(folder, { log, wall, spent: () => ledger.spent() });
  ledger.restore(file.read(), clock.now());
  file.start();
  return { ...createPrimaryLimits(clock, ledger), close: () => file.close() };
}
