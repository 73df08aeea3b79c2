// When a worker's journal is written: once for all calls that are settled in one turn of the event loop. A write each costs 2.5 to 3 us in a
// gateway that is busy (twice what it does in a loop), one for eight of them a third of that; what is at risk by it is of the same millisecond.
import type { Call } from '../contracts/call.ts';
import type { Journal } from '../contracts/journal.ts';

/** So many are not left to the end of the turn, which may be far: whoever kills a worker that stands still finds all but these. */
export const CALLS_A_WRITE = 8;

/** An observer of settled calls, behind those that note something in the journal: without budgets and a log nobody does. */
export function createSealTurns(journal: Pick<Journal, 'noted' | 'seal'>): { settled(call: Call): void } {
  let waiting = 0;
  let due = false;
  const seal = (): void => {
    waiting = 0;
    journal.seal();
  };
  const turnEnds = (): void => {
    due = false;
    seal();
  };
  return {
    settled() {
      if (!journal.noted) return;
      waiting++;
      if (waiting >= CALLS_A_WRITE) seal();
      else if (!due) {
        due = true;
        setImmediate(turnEnds);
      }
    },
  };
}
