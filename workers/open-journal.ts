// The journal that the primary gave this worker along, as a descriptor of a file without a name.
import { fstatSync } from 'node:fs';
import type { Journal } from '../src/contracts/journal.ts';
import { FileJournal } from '../src/journal/journal.ts';

/** Null: there is none, or what stands under the number is something else. */
export function openJournal(env: NodeJS.ProcessEnv): Journal | null {
  const fd = Number(env['HEADGATE_JOURNAL_FD'] ?? '');
  if (!Number.isInteger(fd) || fd <= 2) return null;
  try {
    return fstatSync(fd).isFile() ? new FileJournal(fd) : null;
  } catch {
    return null;
  }
}
