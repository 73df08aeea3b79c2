// What is spent of budgets, over a restart of a gateway that keeps its counters itself: written into a file of the data folder
// once a second where it changed, and read before the first worker asks. A primary that is killed forgets its last second.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LogPort } from '../src/contracts/ports.ts';
import type { SpentRow } from '../src/limits/ledger.ts';

/** Name of the file in the data folder. */
export const SPEND_FILE = 'spend.json';
const EACH_MS = 1_000;

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
  const file = path.join(folder, SPEND_FILE);
  const next = `${file}.next`;
  let written = '';
  let writing = false;
  let failed = false;
  let timer: NodeJS.Timeout | null = null;

  const textNow = (): string =>
    JSON.stringify([...spent()].map(({ id, nano, endsAtMs }) => [id, nano, endsAtMs]));
  const fault = (err: unknown): void => {
    if (!failed) log.warn({ err, file }, 'budgets: what is spent cannot be kept over a restart');
    failed = true;
  };
  const write = async (): Promise<void> => {
    const text = textNow();
    if (writing || text === written || (written === '' && text === '[]')) return;
    writing = true;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await writeFile(next, text, { mode: 0o600 });
      await rename(next, file);
      written = text;
      failed = false;
    } catch (err) {
      fault(err);
    } finally {
      writing = false;
    }
  };

  return {
    read() {
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
      } catch {
        return []; // nothing was spent yet
      }
      const rows = rowsOf(text);
      if (rows === null) {
        log.warn({ file }, 'budgets: what was spent cannot be read; they begin anew');
        return [];
      }
      written = text;
      const now = wall();
      return rows.filter(({ endsAtMs }) => endsAtMs === 0 || endsAtMs > now);
    },
    start() {
      timer ??= setInterval(() => void write(), EACH_MS).unref();
    },
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      const text = textNow();
      if (text === written || (written === '' && text === '[]')) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        // Not the name that a write under way has.
        writeFileSync(`${next}.last`, text, { mode: 0o600 });
        renameSync(`${next}.last`, file);
      } catch (err) {
        fault(err);
      }
    },
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
