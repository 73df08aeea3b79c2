// Charges are with workers and in the spool for a moment before they are in the ledger: who says something of all of them waits for those.
import { behindReads, type Deadline } from '../../src/ipc/behind-reads.ts';
import type { ApiContext } from './context.ts';

/** What waits to be read may be much: nobody is held up longer. */
const CATCH_UP_MS = 8_000;

/** Workers leave what they have, and it is read. @returns whether all calls that ended until now are in the ledger. */
export async function allCharged({ ask, catchUp }: Pick<ApiContext, 'ask' | 'catchUp'>): Promise<boolean> {
  const { behind } = (await ask({ do: 'written' })) as { behind: number }; // as the primary answers
  let late: Deadline | undefined;
  const given = new Promise<false>((resolve) => {
    late = behindReads(CATCH_UP_MS, () => resolve(false));
  });
  const caughtUp = await Promise.race([catchUp(), given]);
  late?.clear();
  return behind === 0 && caughtUp;
}
