// A deadline for what others say. A process that stood still finds its timers due and the answers unread: the timers come first.

/** A deadline that runs. */
export interface Deadline {
  /** Nothing runs any more, also in the turn in which it is due. Idempotent. */
  clear(): void;
  /** It begins anew, with the time it had. */
  refresh(): void;
  /** It keeps no process alive. */
  unref(): this;
}

/** By so much a timer is late on a busy machine, ms; by more where the process stood still. */
const LATE_MS = 200;
/** Of several turns, with peers that are far away. */
const MORE_MS = 2_000;

/**
 * Runs behind `ms`, and behind the reads of that turn of the event loop: what lies in a channel or socket by then was in time, it was this process
 * that stood still.
 */
export function behindReads(ms: number, run: () => void): Deadline {
  let due: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    due = setImmediate(run);
  }, ms);
  return {
    clear() {
      clearTimeout(timer);
      clearImmediate(due);
    },
    refresh() {
      clearImmediate(due);
      timer.refresh();
    },
    unref() {
      timer.unref();
      return this;
    },
  };
}

/**
 * As `behindReads`, for what takes turns: names, handshakes, questions that follow from answers. Where this process stood still until behind `ms`, what
 * was read now may go on for as long again, and at most for two seconds.
 */
export function behindTurns(ms: number, run: () => void): Deadline {
  let [stood, held, over] = [false, true, false];
  let last: Deadline | null = null;
  // Due in one turn with the other only where this process stood still.
  const mark = setTimeout(() => (stood = true), ms + LATE_MS);
  const first = behindReads(ms, () => {
    // Not ended: it may begin anew.
    mark.unref();
    if (stood && last === null) last = again();
    else run();
  });
  function again(): Deadline {
    const more = behindReads(Math.min(ms, MORE_MS), run);
    return held ? more : more.unref();
  }
  return {
    clear() {
      over = true;
      clearTimeout(mark);
      first.clear();
      last?.clear();
    },
    refresh() {
      if (over) return;
      stood = false;
      mark.refresh();
      last?.clear();
      last = null;
      first.refresh();
    },
    unref() {
      held = false;
      mark.unref();
      first.unref();
      last?.unref();
      return this;
    },
  };
}

/** As `AbortSignal.timeout`, as `behindTurns` has it. Keeps no process alive. */
export function abortBehindTurns(ms: number): AbortSignal {
  const aborting = new AbortController();
  behindTurns(ms, () => {
    aborting.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }).unref();
  return aborting.signal;
}
