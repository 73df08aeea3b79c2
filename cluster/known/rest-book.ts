// What rests at the moment, as far as this node knows, so that a worker that starts later knows it too: without, a
// refused key would be tried once more by each new worker.
import type { Rest } from '../../src/contracts/rests.ts';

/** More than any configuration has keys and models in trouble; the one that ends first goes when there are more. */
const MAX_RESTS = 1000;
/** An end that moves by less is no news. */
const NEWS_MS = 500;

export interface RestBook {
  /** @returns whether it is news: unknown, or longer than what is known. */
  add(rest: Rest): boolean;
  /** Cool-downs and rests of keys, of one model or of all (null). @returns how many there were. */
  forget(lane: string, model: string | null): number;
  /** Those that still rest, with what is left of their time. */
  current(): Rest[];
}

/** Of a circuit: which opening, and whether it is over, since that does not end with what was known before. */
function openingOf(rest: Rest): (number | boolean)[] {
  return rest.kind === 'circuit' ? [rest.at, rest.state === 'closed'] : [];
}

/** @param now monotonic ms. */
export function createRestBook(now: () => number): RestBook {
  const ends = new Map<string, { rest: Rest; until: number }>();

  function forget(): void {
    const moment = now();
    for (const [id, { until }] of ends) if (until <= moment) ends.delete(id);
  }

  return {
    add(rest) {
      const moment = now();
      const id = JSON.stringify([rest.kind, rest.lane, rest.print, rest.model, ...openingOf(rest)]);
      const known = ends.get(id);
      const before = known !== undefined && known.until > moment ? known.until : 0;
      const until = Math.max(moment + rest.forMs, before);
      if (!(until > moment)) return false;
      ends.set(id, { rest: { ...rest, stated: rest.stated || (before > 0 && known!.rest.stated) }, until });
      if (ends.size > MAX_RESTS) forget();
      if (ends.size > MAX_RESTS) {
        const [first] = [...ends].sort(([, a], [, b]) => a.until - b.until);
        if (first !== undefined) ends.delete(first[0]);
      }
      return until - Math.max(before, moment) >= NEWS_MS || before === 0;
    },
    forget(lane, model) {
      forget();
      let count = 0;
      for (const [id, { rest }] of ends) {
        if (rest.kind === 'circuit' || rest.lane !== lane || (model !== null && rest.model !== model))
          continue;
        ends.delete(id);
        count += 1;
      }
      return count;
    },
    current() {
      forget();
      const moment = now();
      return [...ends.values()].map(({ rest, until }) => ({ ...rest, forMs: until - moment }));
    },
  };
}
