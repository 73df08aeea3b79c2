// Pages of the log for the filters and the range of the address. Rows that are there stay while more come.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, urlOf } from '../../api/client.ts';
import type { FacetValue, LogPage, LogRow } from '../../api/logs.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { windowQuery } from '../../api/use-stats.ts';

const LIMIT = 100;
/** Pages with few rows follow each other: the work for one is bounded, not its rows. */
const MAX_EMPTY = 5;
/** Rows that are kept; further down the window has to be narrowed. */
const MAX_ROWS = 20_000;

interface State {
  readonly key: string;
  readonly rows: readonly LogRow[];
  readonly next: string | null;
  readonly total: number | null;
  readonly facets: Readonly<Record<string, readonly FacetValue[]>>;
  readonly problem: Problem | null;
  readonly loading: boolean;
}

const NONE: State = { key: '', rows: [], next: null, total: null, facets: {}, problem: null, loading: true };

export interface LogPages extends State {
  more(): void;
  again(): void;
}

export function useLogPages(filters: Readonly<Record<string, string>>, attempts: boolean): LogPages {
  const params = new URLSearchParams({
    ...windowQuery(),
    ...(attempts ? { rows: 'attempts' } : {}),
    ...filters,
    limit: String(LIMIT),
  });
  const key = `/api/logs?${params.toString()}`;
  const [state, setState] = useState<State>(NONE);
  const [round, setRound] = useState(0);
  const asking = useRef(false);
  useEffect(() => {
    const gone = new AbortController();
    asking.current = true;
    setState((before) => ({ ...before, loading: true }));
    readOn(key, gone.signal).then(
      ({ rows, next, total = null, facets = {} }) => {
        asking.current = false;
        setState({ key, rows, next, total, facets, problem: null, loading: false });
      },
      (error: unknown) => {
        asking.current = false;
        if (!gone.signal.aborted) setState({ ...NONE, key, problem: asProblem(error), loading: false });
      },
    );
    return () => gone.abort();
  }, [key, round]);
  return {
    ...state,
    more() {
      if (state.next === null || asking.current || state.key !== key || state.rows.length >= MAX_ROWS) return;
      asking.current = true;
      get<LogPage>(urlOf(key, {}).concat(`&facets=false&cursor=${encodeURIComponent(state.next)}`)).then(
        (page) => {
          asking.current = false;
          setState((before) =>
            before.key === key
              ? { ...before, rows: [...before.rows, ...page.rows], next: page.next }
              : before,
          );
        },
        (error: unknown) => {
          asking.current = false;
          setState((before) => ({ ...before, problem: asProblem(error) }));
        },
      );
    },
    again: () => setRound((before) => before + 1),
  };
}

/** The first page that has rows, with the counts of the very first. */
async function readOn(key: string, signal: AbortSignal): Promise<LogPage> {
  const first = await get<LogPage>(key, signal);
  let page = first;
  for (let round = 0; page.rows.length === 0 && page.next !== null && round < MAX_EMPTY; round += 1)
    page = await get<LogPage>(`${key}&facets=false&cursor=${encodeURIComponent(page.next)}`, signal);
  return { ...first, rows: page.rows, next: page.next };
}
