// What a page shows of the API. What is known stays while it is asked for again: nothing spins, nothing jumps.
import { useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type Problem } from './problem.ts';

export interface Loaded<T> {
  /** Null: never came. */
  readonly data: T | null;
  readonly problem: Problem | null;
  again(): void;
}

export interface LoadOptions {
  /** Asks again after so long, while the page is looked at. */
  readonly everyMs?: number;
  /** What is there is of another thing, not an older state of this one: away with it. */
  readonly fresh?: string;
}

/** @param key what it depends on: another key is asked for anew; null = nothing to ask for */
export function useLoad<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs = 0, fresh = '' }: LoadOptions = {},
): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; problem: Problem | null; fresh: string }>({
    data: null,
    problem: null,
    fresh,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (key === null) return;
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const later = (ms: number): void => {
      if (!gone.signal.aborted && ms > 0) timer = setTimeout(ask, ms);
    };
    const ask = (): void => {
      if (document.hidden && everyMs > 0) {
        later(everyMs);
        return;
      }
      latest.current(gone.signal).then(
        (data) => {
          if (gone.signal.aborted) return;
          setState({ data, problem: null, fresh });
          later(everyMs);
        },
        (error: unknown) => {
          if (gone.signal.aborted) return;
          const problem = asProblem(error);
          setState((before) => ({ data: before.fresh === fresh ? before.data : null, problem, fresh }));
          // What is away comes back: asked for again without a click.
          later(
            everyMs > 0
              ? Math.max(everyMs, 3_000)
              : problem.status === 0 || problem.status === 503
                ? 5_000
                : 0,
          );
        },
      );
    };
    ask();
    return () => {
      gone.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [key, round, everyMs]);
  const stale = state.fresh !== fresh;
  return {
    data: stale ? null : state.data,
    problem: stale ? null : state.problem,
    again: () => setRound((before) => before + 1),
  };
}
