// The authority as a worker in embedded mode sees it: the primary, asked over IPC. All that a turn of the event loop has
// to say goes in one message.
import type { LimitAnswer, LimitBatch } from '../contracts/ipc.ts';
import type { Journal } from '../contracts/journal.ts';
import type { Ask, Bucket, Grant, LimitAuthority } from '../contracts/limits.ts';
import { behindReads } from '../ipc/behind-reads.ts';
import { bucketWire } from '../limits/bucket-wire.ts';

/**
 * A primary that does not answer in this time is treated as gone, for this question. Longer than one stands still that only finds no core
 * on a busy machine: its answer a moment later is better than a refusal.
 */
const ANSWER_MS = 3_000;
/** One that is gone for good is noticed by then. */
const LOOK_MS = 250;
/** What is spent for good is told in passing, at the latest after this; at once by a worker that has said nothing for as long. */
const COMMIT_MS = 500;
const MAX_COMMITS = 1_000;
/** Questions given up, remembered so that a late grant goes back. */
const MAX_LATE = 10_000;

export interface LimitLink {
  readonly connected: boolean;
  /** @param sent nothing that happens to this process can take it away any more */
  send(batch: LimitBatch, sent: () => void): void;
}

export interface RemoteAuthority extends LimitAuthority {
  answered(answers: readonly LimitAnswer[]): void;
  /** Sends what waits, for a worker that is about to end. */
  flush(): void;
}

/** What was spent of a bucket and is not told yet. */
interface Spent {
  amount: number;
}

interface Asked {
  asks: readonly Ask[];
  resolve(grants: readonly Grant[]): void;
  by: number;
}

/**
 * While the primary is gone, or stands still, limits are closed: what this worker has leased it spends, what it would have to ask for is
 * refused (503). Such a worker only finishes what is open; new calls reach the gateway's next start.
 * @param journal notes what is spent until it is told; null: a worker that is killed takes it along
 */
export function createRemoteAuthority(
  link: LimitLink,
  now: () => number,
  journal: Journal | null = null,
): RemoteAuthority {
  const waiting = new Map<number, Asked>();
  let batch: LimitBatch = { back: [], spent: [], asks: [] };
  const late = new Map<number, readonly Ask[]>();
  const spent = new Map<string, Spent>();
  let nextId = 1;
  let scheduled = false;
  let commitTimer: NodeJS.Timeout | null = null;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let looking = false;
  let healthy = true;

  function flush(): void {
    scheduled = false;
    flushedAt = now();
    if (commitTimer !== null) clearTimeout(commitTimer);
    commitTimer = null;
    const full = batch;
    batch = { back: [], spent: [], asks: [] };
    full.spent = Array.from(spent, ([id, { amount }]): [string, number] => [id, amount]);
    spent.clear();
    const number = journal === null ? undefined : (full.number = journal.nextBatch());
    if (link.connected)
      link.send(full, () => {
        if (number !== undefined) journal!.batchTold(number);
      });
  }

  function soon(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  function over(id: number, asked: Asked, grants: readonly Grant[]): void {
    waiting.delete(id);
    asked.resolve(grants);
  }

  function lookLater(): void {
    behindReads(LOOK_MS, lookForOverdue).unref();
  }

  function lookForOverdue(): void {
    const time = now();
    for (const [id, asked] of waiting) {
      if (asked.by > time && link.connected) continue;
      healthy = false;
      if (late.size < MAX_LATE) late.set(id, asked.asks);
      over(
        id,
        asked,
        asked.asks.map(() => NOTHING),
      );
    }
    looking = waiting.size > 0;
    if (looking) lookLater();
  }

  function giveBack(bucket: Bucket, amount: number): void {
    if (amount < 0) note(bucket, amount);
    batch.back.push([bucketWire(bucket), amount]);
    soon();
  }

  /** Of rates half a second may be forgotten: they are there again in as long. */
  function note(bucket: Bucket, amount: number): void {
    if (bucket.rule.dimension === 'cost') journal?.charged(bucket.id, amount);
  }

  return {
    get healthy() {
      return healthy && link.connected;
    },
    ask(asks, token) {
      // While it does not answer one question at a time finds out whether it does again; nobody else waits.
      if (!link.connected || (!healthy && waiting.size > 0)) return Promise.resolve(asks.map(() => NOTHING));
      const id = nextId++;
      batch.asks.push({
        id,
        token,
        parts: asks.map(({ bucket, need, want }) => [bucketWire(bucket), need, want]),
      });
      soon();
      if (!looking) {
        looking = true;
        lookLater();
      }
      return new Promise((resolve) => waiting.set(id, { asks, resolve, by: now() + ANSWER_MS }));
    },
    giveBack,
    commit(bucket, amount) {
      if (amount <= 0) return;
      note(bucket, amount);
      const known = spent.get(bucket.id);
      if (known !== undefined) {
        known.amount += amount;
        return;
      }
      spent.set(bucket.id, { amount });
      // Who looks after a single call is to see what it cost; of many the first is told so, and the others each half a second.
      if (spent.size >= MAX_COMMITS || now() - flushedAt >= COMMIT_MS) soon();
      else commitTimer ??= setTimeout(flush, COMMIT_MS).unref();
    },
    answered(answers) {
      healthy = true;
      for (const { id, grants } of answers) {
        const asked = waiting.get(id);
        if (asked === undefined) {
          const asks = late.get(id) ?? [];
          late.delete(id);
          for (let at = 0; at < asks.length; at++) {
            const granted = grants[at]?.[0] ?? 0;
            if (granted > 0) giveBack(asks[at]!.bucket, granted);
          }
          continue;
        }
        over(
          id,
          asked,
          grants.map(([granted, retryAfterMs, remaining, resetMs, lifeMs, spent]) => ({
            granted,
            retryAfterMs,
            remaining,
            resetMs,
            lifeMs,
            ...(spent === undefined ? undefined : { spent }),
          })),
        );
      }
    },
    flush,
  };
}

const NOTHING: Grant = {
  granted: 0,
  retryAfterMs: 0,
  remaining: 0,
  resetMs: 0,
  lifeMs: 0,
  degraded: true,
};
