// Gives the ledger time: a want is answered within 50 ms whatever others do (within 2.5 s where the worker has less than its part and
// nothing was found yet, since its callers would be turned away for another's silence), and a worker that got less than it wanted is
// remembered and served when somebody has idle share again, without asking a second time.
import type { ShareKind, Shares, ToWorker } from '../../src/contracts/ipc.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import { behindReads, type Deadline } from '../../src/ipc/behind-reads.ts';
import { type LaneTotals, ShareLedger } from './shares.ts';

/** How long a want waits for other workers' idle share. */
const ANSWER_MS = 50;
/** The same for who has less than an equal part: one that has just started, beside others that stand still. */
const SHORT_ANSWER_MS = 2_500;
/** How often the unserved are tried again, and for how long after they last asked. */
const RETRY_MS = 50;
const RETRY_FOR_MS = 1_000;

/** A want of the ledger that is not closed. */
interface Open {
  readonly member: number;
  readonly lane: string;
  readonly kind: ShareKind;
  /** Its worker waits for a word, also when it is "nothing". */
  asked: boolean;
  timer: Deadline | null;
}

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
  const timers = new Set<Deadline>();
  const unserved = new Map<string, Unserved>();
  const opened = new Map<string, Open>();
  const snapshots = new Map<number, (shares: Shares) => void>();
  let retry: Deadline | null = null;

  function later(ms: number, run: () => void): Deadline {
    const timer = behindReads(ms, () => {
      timers.delete(timer);
      run();
    });
    timers.add(timer);
    return timer;
  }

  function stop(timer: Deadline | null): void {
    if (timer === null) return;
    timer.clear();
    timers.delete(timer);
  }

  /** @param asked by the worker itself just now: it hears of it in any case, of what is tried again only when there is something. */
  function serve(entry: Unserved, asked: boolean): void {
    const { member, lane, kind } = entry;
    const key = `${member} ${kind} ${lane}`;
    const open: Open = { member, lane, kind, asked, timer: null };
    let closed = false;
    const isNew = ledger.want(member, lane, kind, entry.count, (got) => {
      closed = true;
      if (opened.get(key) === open) opened.delete(key);
      stop(open.timer);
      if (open.asked || got > 0) deps.send(member, { t: 'grant', lane, kind, count: got });
      const count = entry.count - got;
      if (count > 0 && deps.clock.now() < entry.until) unserved.set(key, { ...entry, count });
      else unserved.delete(key);
      if (unserved.size > 0 && retry === null) retry = later(RETRY_MS, retryAll);
    });
    if (isNew === null) {
      unserved.delete(key);
      if (asked) deps.send(member, { t: 'grant', lane, kind, count: 0 });
    } else if (!isNew) {
      // One that is tried again is open: its answer is the answer to this one too.
      const before = opened.get(key);
      if (before !== undefined) before.asked ||= asked;
    } else if (!closed) {
      opened.set(key, open);
      expire(open, deps.clock.now() + SHORT_ANSWER_MS);
    }
  }

  /** Lets it wait for who keeps silent: no longer than 50 ms, unless its worker is short of share. */
  function expire(open: Open, shortUntil: number): void {
    open.timer = later(ANSWER_MS, () => {
      const { member, lane, kind } = open;
      if (deps.clock.now() < shortUntil && ledger.isShort(member, lane, kind)) expire(open, shortUntil);
      else ledger.expire(member, lane, kind);
    });
  }

  /** The ledger does not know it any more, and never closes it. */
  function forget(key: string, { timer }: Open): void {
    opened.delete(key);
    stop(timer);
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
      for (const [key, open] of opened) {
        if (next.has(open.lane)) continue;
        forget(key, open);
        // Before it hears that the lane is gone: who waits there is not to wait for an answer that never comes.
        if (open.asked) deps.send(open.member, { t: 'grant', lane: open.lane, kind: open.kind, count: 0 });
      }
      trySnapshots(); // lanes that are gone wait for nobody's answer
    },
    join(member, index, workers, done): void {
      let timer: Deadline | null = null;
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
      for (const [key, open] of opened) if (open.member === member) forget(key, open);
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
      for (const timer of timers) timer.clear();
      timers.clear();
      unserved.clear();
    },
  };
}
