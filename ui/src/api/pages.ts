// Lists of the API: `{ items, next }`, read page by page.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, urlOf } from './client.ts';
import { asProblem, type Problem } from './problem.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PagedList<T> {
  /** Null: the first page never came. */
  readonly items: readonly T[] | null;
  readonly problem: Problem | null;
  readonly whole: boolean;
  more(): void;
  again(): void;
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

/** Grows while it is scrolled; begins anew when the query changes. */
export function usePages<T>(path: string, query: Query, limit = 100): PagedList<T> {
  const key = urlOf(path, { ...query, limit });
  const [state, setState] = useState<{
    key: string;
    items: readonly T[] | null;
    next: string | null;
    problem: Problem | null;
  }>({
    key: '',
    items: null,
    next: null,
    problem: null,
  });
  const [round, setRound] = useState(0);
  const asking = useRef(false);
  useEffect(() => {
    const gone = new AbortController();
    asking.current = true;
    get<Page<T>>(key, gone.signal).then(
      ({ items, next }) => {
        asking.current = false;
        setState({ key, items, next, problem: null });
      },
      (error: unknown) => {
        asking.current = false;
        if (!gone.signal.aborted) setState({ key, items: null, next: null, problem: asProblem(error) });
      },
    );
    return () => gone.abort();
  }, [key, round]);
  return {
    items: state.items,
    problem: state.problem,
    whole: state.next === null,
    more() {
      const { next } = state;
      if (next === null || asking.current || state.key !== key) return;
      asking.current = true;
      get<Page<T>>(urlOf(path, { ...query, limit, cursor: next })).then(
        (page) => {
          asking.current = false;
          setState((before) =>
            before.key === key
              ? { ...before, items: [...(before.items ?? []), ...page.items], next: page.next }
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

/** All pages of a list that is not long. @param most items at most: a store may have more than a page can show */
export async function allOf<T>(
  path: string,
  query: Query = {},
  most = 2_000,
  signal?: AbortSignal,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(urlOf(path, { ...query, limit: 500, cursor }), signal);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && items.length < most);
  return items;
}
