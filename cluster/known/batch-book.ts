// Batches that were begun through this gateway and are not over, as far as it knows: a worker is asked to look after the one whose time
// has come, one of each provider at a time. They are kept over a restart (batches.json of the data folder).
//
//   begun ──► waits ── its time ──► asked of a worker ── over ──► gone
//               ▲                      │ open, failed, no answer
//               └── a longer pause ────┘        begun longer ago than `forMs` ──► gone, and said
import type { BatchPolling, BatchState, BatchWatch } from '../../src/contracts/batch-watch.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { WorkerLook } from '../../src/contracts/worker-look.ts';
import { LineGate } from '../../src/observability/line-gate.ts';
import type { Log } from '../../src/observability/log.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
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

export interface BatchBook {
  begun(watch: BatchWatch): void;
  follow(polling: BatchPolling): void;
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
  { clock, log, totals, look }: BatchBookDeps,
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
  const kept = createKeptText(folder, BATCHES_FILE, {
    text: () => (text ??= JSON.stringify([...open.values()])),
    empty: '[]',
    failed: (err, file) =>
      log.warn({ err, file }, 'batches that are under way cannot be kept over a restart'),
  });
  for (const row of keptRows(kept.read(), isOpen)) open.set(nameOf(row.watch), row);
  kept.start();

  function changed(): void {
    text = null;
    totals.setGauge('headgate_batches_open', [], open.size);
  }

  function giveUp(name: string, { watch: { id, provider } }: Open): void {
    open.delete(name);
    gate.say(
      'warn',
      { provider, batch: id },
      'a batch is not asked after any more: it is charged when it is read',
    );
  }

  /** Those whose time came first, one of each provider that is not being asked. */
  function due(): Open[] {
    const now = clock.wall();
    const first = new Map<string, Open>();
    for (const [name, one] of open) {
      if (one.begunAt + settings.forMs <= now) {
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
      return state === 'open' || state === 'over' ? state : 'failed';
    } catch {
      return 'failed';
    }
  }

  function answered(one: Open, state: BatchState): void {
    totals.inc('headgate_batch_polls_total', [one.watch.provider, state]);
    if (state === 'over') open.delete(nameOf(one.watch));
    else {
      one.pauseMs = Math.min(one.pauseMs * SLOWER, Math.max(settings.maxPollMs, settings.pollMs));
      one.nextAt = clock.wall() + one.pauseMs;
    }
    changed();
  }

  function tick(): void {
    if (!settings.poll || open.size === 0) return;
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
      open.set(nameOf(watch), { watch, begunAt: now, nextAt: now + pollMs, pauseMs: pollMs });
      if (open.size > max)
        for (const [name, oldest] of open) {
          giveUp(name, oldest);
          break;
        }
      changed();
    },
    follow(next) {
      settings = next;
    },
    start() {
      changed();
      timer ??= setInterval(tick, Math.min(TICK_MS, settings.pollMs)).unref();
    },
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
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
