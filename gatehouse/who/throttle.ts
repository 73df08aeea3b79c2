// Failed logins, by account and by address: after a few of them each further one has to wait, twice as long each time.

export interface Throttle {
  /** ms until another try may be made; 0 = now. */
  waitMs(subject: string): number;
  /** @param free so many failures cost no wait */
  failed(subject: string, free: number): void;
  succeeded(subject: string): void;
}

/** Failures of one account that are free: people mistype. */
export const FREE_OF_ACCOUNT = 5;
/** Of one address, which may be that of a whole office. */
export const FREE_OF_ADDRESS = 20;
const FIRST_MS = 1_000;
const LONGEST_MS = 900_000;
/** Forgotten after so long without another. */
const MEMORY_MS = 3_600_000;
/** Beyond that the oldest are forgotten: a flood of names must not fill the memory. */
const MAX_SUBJECTS = 10_000;

interface Tries {
  count: number;
  until: number;
  last: number;
}

/** @param now monotonic ms */
export function createThrottle(now: () => number): Throttle {
  const subjects = new Map<string, Tries>();
  return {
    waitMs(subject) {
      const tries = subjects.get(subject);
      return tries === undefined ? 0 : Math.max(0, Math.ceil(tries.until - now()));
    },
    failed(subject, free) {
      const before = subjects.get(subject);
      const fresh = before === undefined || now() - before.last > MEMORY_MS;
      const count = fresh ? 1 : before.count + 1;
      const waitMs = count < free ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(count - free, 20));
      subjects.delete(subject);
      subjects.set(subject, { count, until: now() + waitMs, last: now() });
      if (subjects.size > MAX_SUBJECTS) subjects.delete(subjects.keys().next().value!);
    },
    succeeded: (subject) => void subjects.delete(subject),
  };
}
