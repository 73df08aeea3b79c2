// Batches that were begun through this gateway and are not over, as far as it knows: a worker is asked to look after the one whose time
// has come, one of each provider at a time. They are kept over a restart (batches.json of the data folder).
//
//   begun ──► waits ── its time ──► asked of a worker ── over ──► gone
//               ▲                      │ open, failed, unread, no answer
//               └── a longer pause ────┘        begun longer ago than `forMs` ──► gone, and said
//
// With Redis they lie there too: one that is long overdue, since the gateway that began it is gone, is taken over by another.
import type { LookupFunction } from 'node:net';
import type { BatchPolling, BatchState, BatchWatch } from '../../src/contracts/batch-watch.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { WorkerLook } from '../../src/contracts/worker-look.ts';
import { LineGate } from '../../src/observability/line-gate.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import type { SharedBatches } from '../../src/redis/objects/shared-batches.ts';
import { Followed } from '../config/followed-redis.ts';
import { createKeptText, keptRows } from '../limits/kept-text.ts';

/** Name of the file in the data folder. */
export const BATCHES_FILE = 'batches.json';
/** Some 500 bytes each. Who would be given up first anyway goes first. */
const MAX_BATCHES = 10_000;
/** Questions at a time, each of another provider: one that does not answer holds up nobody else's. */
const MAX_ASKED = 4;
/** Reading the results of a large one takes minutes. */
const ANSWER_MS = 900_000;
const TICK_MS = 1_000;
const SLOWER = 1.5;
const STATES: ReadonlySet<BatchState> = new Set(['open', 'over', 'unread']);

export interface BatchBook {
  begun(watch: BatchWatch): void;
  /** @param redis where they are shared; null = nowhere. */
  follow(polling: BatchPolling, redis: RedisConfig | null): void;
  /** Somebody serves: from now on the workers are asked. */
  start(): void;
  /** Looks whether the time of one has come; called each second by itself. */
  tick(): void;
  /** Writes what is left to write. */
  close(): void;
}

export interface BatchBookDeps {
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  readonly log: Log;
  readonly totals: Pick<MetricTotals, 'inc' | 'setGauge'>;
  readonly lookup?: LookupFunction | undefined;
  /** Asks a worker. */
  look(what: WorkerLook, withinMs: number): Promise<unknown>;
}

interface Open {
  readonly watch: BatchWatch;
  /** ms since 1970, as all here. */
  readonly begunAt: number;
  nextAt: number;
  pauseMs: number;
}

export function createBatchBook(
  { clock, log, lookup, totals, look }: BatchBookDeps,
  folder: string,
  polling: BatchPolling,
  max = MAX_BATCHES,
): BatchBook {
  const open = new Map<string, Open>();
  const gate = new LineGate(log, clock);
  let settings = polling;
  let text: string | null = null;
  /** Providers that are being asked. */
  const asked = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  /** Those that Redis has. */
  let shared = new WeakSet<Open>();
  /** When others' are looked for next. */
  let takeAt = 0;
  const followed = new Followed<SharedBatches>({
    async open(redis) {
      const { createSharedBatches } = await import('../../src/redis/objects/shared-batches.ts');
      shared = new WeakSet();
      return createSharedBatches(redis, { clock, log, lookup });
    },
    failed: (err) => log.error({ err }, 'batches under way cannot be shared with other nodes'),
  });
  const kept = createKeptText(folder, BATCHES_FILE, {
    text: () => (text ??= JSON.stringify([...open.values()])),
    empty: '[]',
    failed: (err, file) =>
      log.warn({ err, file }, 'batches that are under way cannot be kept over a restart'),
  });
  for (const row of keptRows(kept.read(), isOpen)) open.set(nameOf(row.watch), row);
  kept.start();

  function share(one: Open): void {
    const { here } = followed;
    if (here === null) return;
    const at = Math.max(one.nextAt, clock.wall());
    const told = (there: boolean): unknown => (there ? shared.add(one) : shared.delete(one));
    void here.put(nameOf(one.watch), JSON.stringify(one), at).then(told);
  }

  /** Those that nobody asked after for two pauses longer than was to be: who began them is gone. */
  async function takeOver(here: SharedBatches): Promise<void> {
    const now = clock.wall();
    if (now < takeAt) return;
    takeAt = now + settings.pollMs;
    // What waits here to be asked after is not overdue for others, and what waited for a connection is told now.
    for (const one of open.values()) if (!shared.has(one) || one.nextAt < now) share(one);
    const rows = await here.take(now - 2 * settings.pollMs, now + settings.pollMs);
    for (const row of rows.flatMap((text) => keptRows(`[${text}]`, isOpen))) {
      const name = nameOf(row.watch);
      // Who has too many already leaves it to another.
      if (!open.has(name) && open.size < max) open.set(name, { ...row, nextAt: now });
    }
    if (rows.length > 0) changed();
  }

  function changed(): void {
    text = null;
    totals.setGauge('headgate_batches_open', [], open.size);
  }

  function giveUp(name: string, { watch }: Open): void {
    const { id, provider } = watch;
    open.delete(name);
    followed.here?.drop(name);
    gate.say(
      'warn',
      { provider, batch: id },
      watch.forMs === undefined
        ? 'a batch is not asked after any more: it is charged when it is read'
        : 'a batch job is not asked after any more: what it used is charged to nobody',
    );
  }

  /** Those whose time came first, one of each provider that is not being asked. */
  function due(): Open[] {
    const now = clock.wall();
    const first = new Map<string, Open>();
    for (const [name, one] of open) {
      if (one.begunAt + Math.max(settings.forMs, one.watch.forMs ?? 0) <= now) {
        giveUp(name, one);
        changed();
        continue;
      }
      const { provider } = one.watch;
      const before = first.get(provider)?.nextAt ?? Number.POSITIVE_INFINITY;
      if (one.nextAt <= now && one.nextAt < before && !asked.has(provider)) first.set(provider, one);
    }
    return [...first.values()];
  }

  async function ask({ watch }: Open): Promise<BatchState> {
    try {
      const state = await look({ do: 'batch', watch }, ANSWER_MS);
      return STATES.has(state as BatchState) ? (state as BatchState) : 'failed';
    } catch {
      return 'failed';
    }
  }

  function answered(one: Open, state: BatchState): void {
    totals.inc('headgate_batch_polls_total', [one.watch.provider, state]);
    if (state === 'over') {
      open.delete(nameOf(one.watch));
      followed.here?.drop(nameOf(one.watch));
    } else {
      one.pauseMs = Math.min(one.pauseMs * SLOWER, Math.max(settings.maxPollMs, settings.pollMs));
      one.nextAt = clock.wall() + one.pauseMs;
      share(one);
    }
    changed();
  }

  function tick(): void {
    if (!settings.poll) return;
    if (followed.here !== null) void takeOver(followed.here);
    if (open.size === 0) return;
    for (const one of due()) {
      if (asked.size >= MAX_ASKED) return;
      asked.add(one.watch.provider);
      void ask(one).then((state) => {
        asked.delete(one.watch.provider);
        answered(one, state);
      });
    }
  }

  return {
    tick,
    begun(watch) {
      if (!settings.poll) return;
      const now = clock.wall();
      const { pollMs } = settings;
      const one = { watch, begunAt: now, nextAt: now + pollMs, pauseMs: pollMs };
      open.set(nameOf(watch), one);
      share(one);
      if (open.size > max)
        for (const [name, oldest] of open) {
          giveUp(name, oldest);
          break;
        }
      changed();
    },
    follow(next, redis) {
      settings = next;
      followed.follow(redis);
    },
    start() {
      changed();
      timer ??= setInterval(tick, Math.min(TICK_MS, settings.pollMs)).unref();
    },
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      followed.close();
      gate.close();
      kept.close();
    },
  };
}

const nameOf = ({ provider, id }: BatchWatch): string => `${provider} ${id}`;

function isOpen(row: unknown): row is Open {
  if (typeof row !== 'object' || row === null) return false;
  const { watch, begunAt, nextAt, pauseMs } = row as Partial<Record<keyof Open, unknown>>;
  const numbers = [begunAt, nextAt, pauseMs].every((one) => Number.isFinite(one));
  if (!numbers || typeof watch !== 'object' || watch === null) return false;
  const { id, provider, path, holder, headers } = watch as Partial<Record<keyof BatchWatch, unknown>>;
  const texts = [id, provider, path].every((one) => typeof one === 'string');
  return texts && typeof holder === 'object' && holder !== null && Array.isArray(headers);
}
