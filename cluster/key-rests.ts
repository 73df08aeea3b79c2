// Which keys of providers rest, so that a worker that starts later knows it too: without, a refused key would be tried
// once more by each new worker.

/** A key that rests for so long, as one worker learned it. */
export interface KeyRest {
  lane: string;
  key: string;
  model: string;
  forMs: number;
}

/** More keys than any configuration has; the one that ends first goes when there are more. */
const MAX_RESTS = 1000;

export interface KeyRests {
  add(rest: KeyRest): void;
  /** Those that still rest, with what is left of their time. */
  current(): KeyRest[];
}

/** @param now monotonic ms. */
export function createKeyRests(now: () => number): KeyRests {
  const ends = new Map<string, { rest: KeyRest; until: number }>();

  function forget(): void {
    const moment = now();
    for (const [id, { until }] of ends) if (until <= moment) ends.delete(id);
  }

  return {
    add(rest) {
      const id = JSON.stringify([rest.lane, rest.key, rest.model]);
      const until = Math.max(now() + rest.forMs, ends.get(id)?.until ?? 0);
      ends.set(id, { rest, until });
      if (ends.size <= MAX_RESTS) return;
      forget();
      if (ends.size <= MAX_RESTS) return;
      const [first] = [...ends].sort(([, a], [, b]) => a.until - b.until);
      if (first !== undefined) ends.delete(first[0]);
    },
    current() {
      forget();
      const moment = now();
      return [...ends.values()].map(({ rest, until }) => ({ ...rest, forMs: until - moment }));
    },
  };
}
