// What was told to others already: of a thousand calls that one refusal hits at the same time, one is news.
import type { Clock } from '../contracts/ports.ts';

/** An end that moves by less is no news. */
const NEWS_MS = 1_000;
/** Beyond this the one told first is forgotten, and told once more. */
const MAX_TOLD = 1_000;

export interface ToldRests {
  /** True once for each end worth telling. */
  isNews(id: string, forMs: number): boolean;
}

export function createToldRests(clock: Clock): ToldRests {
  const ends = new Map<string, number>();
  return {
    isNews(id, forMs) {
      const now = clock.now();
      const end = now + forMs;
      const told = ends.get(id) ?? 0;
      if (told > now && end - told < NEWS_MS) return false;
      ends.delete(id);
      ends.set(id, end);
      if (ends.size > MAX_TOLD) for (const [first] of ends) return ends.delete(first);
      return true;
    },
  };
}
