// What `edge setup` did, so that `undo` can take it back: for each agent its files, what they were (a copy beside this book)
// and what was written. For its owner alone: keys stand in it as they stand in the agents' own files.
import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { readIfThere, replaceFile } from './plain-file.ts';
import type { Setting } from './setting.ts';

export interface BookedFile {
  readonly file: string;
  /** Name of the copy in `backups/`; null = there was no such file. */
  readonly backup: string | null;
  /** SHA-256 of what was written. */
  readonly written: string;
  readonly settings: readonly Setting[];
}

export interface Booked {
  readonly gate: string;
  readonly subscription: boolean;
  /** ISO 8601. */
  readonly at: string;
  readonly files: readonly BookedFile[];
}

export interface SetupBook {
  of(agent: string): Booked | null;
  /** Keeps copies of `before` first: a crash between leaves a copy too many, and never one too few. */
  put(agent: string, booked: Omit<Booked, 'files'>, files: readonly NewFile[]): void;
  remove(agent: string): void;
  /** Of a file of an agent, before it was first written; '' = there was none. */
  before(file: BookedFile): string;
  backupPath(file: BookedFile): string | null;
}

export interface NewFile {
  readonly file: string;
  /** Null = there is none. */
  readonly before: string | null;
  readonly after: string;
  readonly settings: readonly Setting[];
}

export const digestOf = (text: string): string => hash('sha256', text);

/** @param folder of the edge on this machine: `~/.headgate/edge`. */
export function createSetupBook(folder: string): SetupBook {
  const file = path.join(folder, 'setup.json');
  const backups = path.join(folder, 'backups');
  const read = (): Record<string, Booked> => {
    const text = readIfThere(file);
    if (text === null) return {};
    // Written by us alone.
    return JSON.parse(text) as Record<string, Booked>;
  };
  const write = (book: Record<string, Booked>): void =>
    replaceFile(file, `${JSON.stringify(book, null, 2)}\n`);
  const backupPath = ({ backup }: BookedFile): string | null =>
    backup === null ? null : path.join(backups, backup);
  return {
    of(agent) {
      const book = read();
      return Object.hasOwn(book, agent) ? book[agent]! : null;
    },
    put(agent, booked, files) {
      const book = read();
      const known = new Map(book[agent]?.files.map((one) => [one.file, one]));
      book[agent] = {
        ...booked,
        files: files.map(({ file: name, before, after, settings }) => {
          const earlier = known.get(name);
          // Set up once more: the first copy is the one without us, as long as nobody else wrote since.
          const ours = earlier !== undefined && before !== null && digestOf(before) === earlier.written;
          return {
            file: name,
            backup: ours ? earlier.backup : copyOf(agent, name, before),
            written: digestOf(after),
            settings,
          };
        }),
      };
      write(book);
    },
    remove(agent) {
      const book = read();
      const backupsOf = book[agent]?.files ?? [];
      delete book[agent];
      write(book);
      for (const one of backupsOf)
        if (one.backup !== null) rmSync(path.join(backups, one.backup), { force: true });
    },
    before(one) {
      const copy = backupPath(one);
      return copy === null ? '' : (readIfThere(copy) ?? '');
    },
    backupPath,
  };

  function copyOf(agent: string, name: string, before: string | null): string | null {
    if (before === null) return null;
    const copy = `${agent}-${path.basename(name)}-${digestOf(before).slice(0, 12)}`;
    replaceFile(path.join(backups, copy), before);
    return copy;
  }
}
