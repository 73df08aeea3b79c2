// From a rate as an operator writes it to the numbers of GCRA (faults.md 2.6).

/** Share of a limit that may come at once when nobody stated a burst. */
const QUIET_BURST = 0.02;
/**
 * Of a small limit a little more: with a burst of one, every moment between a unit falling due and the next call is
 * lost, which at three times the load is a quarter of the limit. This costs 5 % of it at most.
 */
const SMALL_BURST = 4;
const SMALL_SHARE = 0.05;

export interface Pace {
  /** B: units that may come at once. */
  burst: number;
  /** T: ms per unit. */
  spacingMs: number;
}

/**
 * Without a stated burst no window of one period holds more than `limit`: B is 2 % of it (of a small limit up to 4), and T is slower by just as
 * much (GCRA admits fewer than B + period/T whole units in a window of one period). With one, the pace is even and the
 * burst comes on top: at most `limit + burst` in a period.
 */
export function paceOf(limit: number, periodMs: number, stated: number | null): Pace {
  if (stated !== null) return { burst: Math.max(1, stated), spacingMs: periodMs / limit };
  const burst = Math.max(
    Math.floor(limit * QUIET_BURST),
    Math.min(SMALL_BURST, Math.ceil(limit * SMALL_SHARE)),
  );
  return { burst, spacingMs: periodMs / (limit - burst + 1) };
}
