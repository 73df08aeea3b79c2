// From a rate as an operator writes it to the numbers of GCRA (faults.md 2.6).

/** Share of a limit that may come at once when nobody stated a burst. */
const QUIET_BURST = 0.02;

export interface Pace {
  /** B: units that may come at once. */
  burst: number;
  /** T: ms per unit. */
  spacingMs: number;
}

/**
 * Without a stated burst no window of one period holds more than `limit`: B is 2 % of it, and T is slower by just as
 * much (GCRA admits fewer than B + period/T whole units in a window of one period). With one, the pace is even and the
 * burst comes on top: at most `limit + burst` in a period.
 */
export function paceOf(limit: number, periodMs: number, stated: number | null): Pace {
  if (stated !== null) return { burst: Math.max(1, stated), spacingMs: periodMs / limit };
  const burst = Math.max(1, Math.floor(limit * QUIET_BURST));
  return { burst, spacingMs: periodMs / (limit - burst + 1) };
}
