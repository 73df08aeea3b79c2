// Gives the ledger time: a want is answered within 50 ms whatever others do (within 2.5 s where the worker has less than its part, since
// its callers would be turned away for another's silence), and a worker that got less than it
// wanted is remembered and served when somebody has idle share again, without asking a second time.
import type { ShareKind, Shares, ToWorker } from '../../src/contracts/ipc.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { type LaneTotals, ShareLedger } from './shares.ts';

/** How long a want waits for other workers' idle share. */
const ANSWER_MS = 50;
/** The same for who has less than an equal part: one that has just started, beside others that stand still. */
const SHORT_ANSWER_MS = 2_500;
/** How often the unserved are tried again, and for how long after they last asked. */
const RETRY_MS = 50;
const RETRY_FOR_MS = 1_000;

interface Unserved {
  member: number;
  lane: string;
  kind: ShareKind;
  count: number;
  until: number;
}

export interface ShareBrokerDeps {
  clock: Clock;
  send(member: number, message: ToWorker): void;
}

/** The primary's side of the share protocol. */
export interface PrimaryShareBroker {
  resize(totals: LaneTotals): void;
  /** Calls back once with the shares for the member's first config; never, if it leaves before. */
  join(member: number, index: number, workers: number, done: (shares: Shares) => void): void;
  leave(member: number): void;
  /** The worker drains: its idle share is for others now. */
  drain(member: number): void;
  want(member: number, lane: string, kind: ShareKind, count: number): void;
  yielded(member: number, lane: string, kind: ShareKind, count: number, id: number): void;
  /** Calls back with absolute shares that are true when the config they go into is sent at once. */
  snapshot(member: number, send: (shares: Shares) => void): void;
  close(): void;
}

/** `index`th of `workers` equal parts; the first ones take the remainder. */
export function fairPart(total: number, index: number, workers: number): number {
  return Math.floor(total / workers) + (index < total % workers ? 1 : 0);
}

export function createShareBroker(deps: ShareBrokerDeps, totals: LaneTotals): PrimaryShareBroker {
  const ledger = new ShareLedger(totals, deps.send);
  const timers = new Set<NodeJS.Timeout>();
  const unserved = new Map<string, Unserved>();
  const snapshots = new Map<number, (shares: Shares) => void>();
  let retry: NodeJS.Timeout | null = null;

  function later(ms: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
    return timer;
  }

  function stop(timer: NodeJS.Timeout | null): void {
    if (timer === null) return;
    clearTimeout(timer);
    timers.delete(timer);
  }

  function serve(entry: Unserved, first: boolean): void {
    const key = `${entry.member} ${entry.kind} ${entry.lane}`;
    let timer: NodeJS.Timeout | null = null;
    let answered = false;
    const opened = ledger.want(entry.member, entry.lane, entry.kind, entry.count, (got) => {
      answered = true;
      stop(timer);
      // The first answer goes out even when it is "nothing"; later ones only when there is something.
      if (first || got > 0) {
        deps.send(entry.member, { t: 'grant', lane: entry.lane, kind: entry.kind, count: got });
      }
      const count = entry.count - got;
      if (count > 0 && deps.clock.now() < entry.until) unserved.set(key, { ...entry, count });
      else unserved.delete(key);
      if (unserved.size > 0 && retry === null) retry = later(RETRY_MS, retryAll);
    });
    if (opened === true && !answered) {
      const ms = ledger.isShort(entry.member, entry.lane, entry.kind) ? SHORT_ANSWER_MS : ANSWER_MS;
      timer = later(ms, () => ledger.expire(entry.member, entry.lane, entry.kind));
    } else if (opened === null) {
      unserved.delete(key);
      if (first) deps.send(entry.member, { t: 'grant', lane: entry.lane, kind: entry.kind, count: 0 });
    }
  }

  function retryAll(): void {
    retry = null;
    for (const entry of [...unserved.values()]) serve(entry, false);
  }

  function trySnapshots(): void {
    for (const [member, send] of [...snapshots]) {
      if (!ledger.freeze(member)) continue;
      snapshots.delete(member);
      send(ledger.sharesOf(member));
      ledger.thaw(member);
    }
  }

  return {
    resize(next): void {
      ledger.resize(next);
      trySnapshots(); // lanes that are gone wait for nobody's answer
    },
    join(member, index, workers, done): void {
      let timer: NodeJS.Timeout | null = null;
      let joined = false;
      ledger.join(
        member,
        (total) => fairPart(total, index, workers),
        () => {
          joined = true;
          stop(timer);
          done(ledger.sharesOf(member));
        },
      );
      if (!joined) timer = later(ANSWER_MS, () => ledger.expireAll(member));
    },
    leave(member): void {
      for (const [key, entry] of unserved) if (entry.member === member) unserved.delete(key);
      snapshots.delete(member);
      ledger.leave(member);
    },
    drain(member): void {
      ledger.askBack(member);
    },
    want(member, lane, kind, count): void {
      serve({ member, lane, kind, count, until: deps.clock.now() + RETRY_FOR_MS }, true);
    },
    yielded(_member, lane, kind, count, id): void {
      ledger.yielded(lane, kind, count, id);
      trySnapshots();
    },
    snapshot(member, send): void {
      snapshots.set(member, send);
      trySnapshots();
    },
    close(): void {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      unserved.clear();
    },
  };
}
