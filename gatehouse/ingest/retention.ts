// Forgets what is older than the configuration says, and adds up what is over: in steps that are short, with rests between, so that
// nobody who reads or writes waits long.
import type { RequestLogConfig } from '../../src/contracts/admin.ts';
import type { Logger } from '../../src/observability/logger.ts';
import type { LogStore } from '../../src/stores/log/log-store.ts';
import { type Bounds, forgettings } from '../../src/stores/log/retention.ts';
import { buildBlocks } from './block-builder.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../logs/window.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 60_000;
/** Longest step that is aimed at, and the rest behind each. */
const STEP_MS = 25;
const REST_MS = 50;
/** Behind a page of days that are added up. */
const PAGE_REST_MS = 10;
const FIRST_COUNT = 100;
const MAX_COUNT = 5_000;

export interface RetentionDeps {
  readonly store: Pick<LogStore, 'driver'>;
  readonly keep: Pick<RequestLogConfig, 'retentionDays' | 'bodyRetentionDays' | 'ledgerRetentionDays'>;
  readonly log: Pick<Logger, 'warn'>;
  /** ms since 1970. */
  now(): number;
}

export interface Retention {
  start(): void;
  /** All there is to forget now, and to add up. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

export function createRetention({ store, keep, log, now }: RetentionDeps): Retention {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  /** Rows of a step: as many as were quick. */
  let count = FIRST_COUNT;

  const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  async function round(): Promise<void> {
    const bounds = boundsOf(keep, now());
    for (const forget of forgettings(bounds)) {
      for (let left = true; left && !stopped; ) {
        const begun = performance.now();
        const asked = count;
        const done = await store.driver.write(() => forget(asked));
        count = paced(asked, performance.now() - begun);
        left = done === asked;
        if (done > 0) await rest(REST_MS);
      }
    }
    const deps = { driver: store.driver, rest: () => rest(PAGE_REST_MS), stopped: () => stopped };
    await buildBlocks(deps, bounds.ledger, now());
  }

  function next(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round().then(next, (err: unknown) => {
        log.warn({ err }, 'old rows of the request log could not be deleted or added up');
        next();
      });
    }, EVERY_MS).unref();
  }

  return {
    start: next,
    round,
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}

/** How many rows the next step takes, by how long the last one took. */
function paced(count: number, ms: number): number {
  if (ms > STEP_MS) return Math.max(10, Math.floor((count * STEP_MS) / ms));
  return Math.min(MAX_COUNT, Math.ceil(count * 1.5));
}

function boundsOf(keep: RetentionDeps['keep'], now: number): Bounds {
  return {
    rows: now - keep.retentionDays * DAY_MS,
    bodies: now - keep.bodyRetentionDays * DAY_MS,
    ledger: now - keep.ledgerRetentionDays * DAY_MS,
    minutes: now - MINUTES_KEPT_MS,
    hours: now - HOURS_KEPT_MS,
  };
}
