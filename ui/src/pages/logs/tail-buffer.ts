// Rows of a live tail, newest first, so many and no more: an hour of it takes what a minute does.
import type { LogRow } from '../../api/logs.ts';

/** Rows that are shown or wait: some 2 kB each. */
export const MAX_ROWS = 5_000;

export interface TailBuffer {
  readonly rows: readonly LogRow[];
  readonly waiting: number;
  readonly leftOut: number;
  /** Changes with every row. */
  readonly version: number;
  take(row: LogRow): void;
  /** The gateway did not send so many. */
  skipped(count: number): void;
  /** True: what comes waits. False: what waited is shown. */
  hold(on: boolean): void;
  release(): void;
}

export function createTailBuffer(most = MAX_ROWS): TailBuffer {
  // In the order of arrival; shown from the end.
  let shown: LogRow[] = [];
  let held: LogRow[] = [];
  let holding = false;
  let leftOut = 0;
  let version = 0;
  let view: { version: number; rows: readonly LogRow[] } = { version: -1, rows: [] };
  const add = (rows: LogRow[], row: LogRow): LogRow[] => {
    rows.push(row);
    // Cut seldom, and by much: not an array of thousands for each row.
    return rows.length > most * 1.2 ? rows.slice(-most) : rows;
  };
  const release = (): void => {
    holding = false;
    if (held.length === 0) return;
    shown = [...shown, ...held].slice(-most);
    held = [];
    version += 1;
  };
  return {
    get rows() {
      if (view.version !== version) view = { version, rows: shown.slice(-most).reverse() };
      return view.rows;
    },
    get waiting() {
      return Math.min(held.length, most);
    },
    get leftOut() {
      return leftOut;
    },
    get version() {
      return version;
    },
    take(row) {
      version += 1;
      if (holding) held = add(held, row);
      else shown = add(shown, row);
    },
    skipped(count) {
      leftOut += count;
      version += 1;
    },
    hold(on) {
      if (on) holding = true;
      else release();
    },
    release,
  };
}
