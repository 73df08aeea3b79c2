// A text of the primary's that outlives it: written into a file of the data folder once a second where it changed, and as it ends.
// A primary that is killed forgets its last second.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

const EACH_MS = 1_000;

export interface KeptText {
  /** Null: there was none. */
  read(): string | null;
  /** From now on what changes is written. */
  start(): void;
  /** Writes what is left to write. */
  close(): void;
}

export interface KeptTextDeps {
  /** As it is now; `empty` is not worth a file. */
  readonly text: () => string;
  readonly empty: string;
  /** Once for each time that it begins to fail. */
  readonly failed: (err: unknown, file: string) => void;
}

export function createKeptText(
  folder: string,
  name: string,
  { text, empty, failed }: KeptTextDeps,
): KeptText {
  const file = path.join(folder, name);
  const next = `${file}.next`;
  let written = '';
  let writing = false;
  let failing = false;
  let timer: NodeJS.Timeout | null = null;

  const fault = (err: unknown): void => {
    if (!failing) failed(err, file);
    failing = true;
  };
  const same = (now: string): boolean => now === written || (written === '' && now === empty);
  const write = async (): Promise<void> => {
    if (writing) return;
    const now = text();
    if (same(now)) return;
    writing = true;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await writeFile(next, now, { mode: 0o600 });
      await rename(next, file);
      written = now;
      failing = false;
    } catch (err) {
      fault(err);
    } finally {
      writing = false;
    }
  };

  return {
    read() {
      try {
        written = readFileSync(file, 'utf8');
        return written;
      } catch {
        return null; // nothing was kept yet
      }
    },
    start() {
      timer ??= setInterval(() => void write(), EACH_MS).unref();
    },
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      const now = text();
      if (same(now)) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        // Not the name that a write under way has.
        writeFileSync(`${next}.last`, now, { mode: 0o600 });
        renameSync(`${next}.last`, file);
      } catch (err) {
        fault(err);
      }
    },
  };
}

/** The rows of a list that was kept as JSON; what nobody of us wrote is passed over. */
export function keptRows<T>(text: string | null, isRow: (row: unknown) => row is T): T[] {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isRow) : [];
  } catch {
    return [];
  }
}
