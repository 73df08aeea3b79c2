// The spool of this worker's request log, where the primary says there is a log: begun when it is, ended when it is not.
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { RequestSpool } from '../src/contracts/gateway.ts';
import type { SpoolPlace } from '../src/contracts/ipc.ts';
import type { Journal } from '../src/contracts/journal.ts';
import { Spool } from '../src/observability/requests/spool.ts';

export interface RequestSpoolHolder {
  /** Null: none is kept. */
  readonly current: RequestSpool | null;
  follow(place: SpoolPlace | null): void;
  /** Resolves when what was taken is written, or cannot be. */
  close(): Promise<void>;
}

/** @param now ms since 1970. @param journal keeps rows that are not in a file yet, should this process be killed; null = nobody does */
export function createRequestSpool(
  worker: number,
  now: () => number,
  journal: Journal | null = null,
): RequestSpoolHolder {
  const node = hostname();
  let at: SpoolPlace | null = null;
  let spool: Spool | null = null;
  /** Those before this one, which writes behind them. */
  let ended: Promise<unknown> | null = null;
  const end = (): void => {
    if (spool !== null) ended = Promise.all([ended, spool.close()]);
    spool = null;
  };
  return {
    get current() {
      return spool;
    },
    follow(place) {
      if (isDeepStrictEqual(place, at)) return;
      end();
      at = place;
      if (place !== null) spool = new Spool({ ...place, node, worker, now, journal, after: ended });
    },
    async close() {
      end();
      await ended;
    },
  };
}
