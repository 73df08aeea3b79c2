// What is spent of budgets, over a restart of a gateway that keeps its counters itself: written into a file of the data folder
// once a second where it changed, and read before the first worker asks. A primary that is killed forgets its last second.
import type { LogPort } from '../../src/contracts/ports.ts';
import type { SpentRow } from '../../src/limits/ledger.ts';
import { createKeptText } from './kept-text.ts';

/** Name of the file in the data folder. */
export const SPEND_FILE = 'spend.json';

export interface SpendFile {
  /** What was spent before, of windows that are not over. */
  read(): SpentRow[];
  /** From now on what changes is written. */
  start(): void;
  /** Writes what is left to write. */
  close(): void;
}

export interface SpendFileDeps {
  readonly log: Pick<LogPort, 'warn'>;
  /** ms since 1970. */
  readonly wall: () => number;
  readonly spent: () => Iterable<SpentRow>;
}

export function createSpendFile(folder: string, { log, wall, spent }: SpendFileDeps): SpendFile {
  const kept = createKeptText(folder, SPEND_FILE, {
    text: () => JSON.stringify([...spent()].map(({ id, nano, endsAtMs }) => [id, nano, endsAtMs])),
    empty: '[]',
    failed: (err, file) => log.warn({ err, file }, 'budgets: what is spent cannot be kept over a restart'),
  });
  return {
    read() {
      const text = kept.read();
      if (text === null) return [];
      const rows = rowsOf(text);
      if (rows === null) {
        log.warn({ file: SPEND_FILE }, 'budgets: what was spent cannot be read; they begin anew');
        return [];
      }
      const now = wall();
      return rows.filter(({ endsAtMs }) => endsAtMs === 0 || endsAtMs > now);
    },
    start: kept.start,
    close: kept.close,
  };
}

/** Null: it is none of ours, or broken. */
function rowsOf(text: string): SpentRow[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const rows: SpentRow[] = [];
  for (const row of value as unknown[]) {
    if (!Array.isArray(row)) return null;
    const [id, nano, endsAtMs] = row as unknown[];
    if (typeof id !== 'string' || !isCount(nano) || !isCount(endsAtMs)) return null;
    rows.push({ id, nano, endsAtMs });
  }
  return rows;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
