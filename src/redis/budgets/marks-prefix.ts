// Keys of what is spent of budgets: one hash for each window of one, whose `n` is whole nanodollars (marks-script.ts).
import { taggedPrefix } from '../key-prefix.ts';

/** @param prefix as the place of the Redis says it; null = ours */
export function marksPrefix(prefix: string | null): string {
  return `${taggedPrefix(prefix ?? 'headgate')}:bm:`;
}
