// The rate at which a gateway breaks.
import type { LoadResult } from '../contract.ts';

/** A p99 above this is a queue that grows. */
const BROKEN_P99_MICROS = 1_000_000;

export interface RateStep {
  perSecond: number;
  broken: string | null;
}

/** @returns why the rate is more than the gateway can do, or null. */
export function brokenAt(perSecond: number, result: LoadResult): string | null {
  if (result.failed > 0) return `${result.failed} of ${result.requests + result.failed} calls failed`;
  if (result.latencyMicros.p99 > BROKEN_P99_MICROS)
    return `p99 ${(result.latencyMicros.p99 / 1000).toFixed(0)} ms`;
  // Too few answers for the rate, even if those that came were quick.
  if (result.perSecond < perSecond * 0.9) return `only ${result.perSecond.toFixed(0)}/s answered`;
  return null;
}

/**
 * Doubles the rate until the gateway breaks, then halves the way back once, so that the rate is right within a third.
 *
 * @param least first rate, requests/s
 * @param most gives up above it
 * @returns the lowest rate seen to break, with all steps; null where it bears `most`
 */
export async function findBreakingRate(
  least: number,
  most: number,
  load: (perSecond: number) => Promise<LoadResult>,
): Promise<{ rate: number | null; steps: RateStep[] }> {
  const steps: RateStep[] = [];
  const attempt = async (perSecond: number): Promise<boolean> => {
    const broken = brokenAt(perSecond, await load(perSecond));
    steps.push({ perSecond, broken });
    return broken !== null;
  };
  for (let rate = least; rate <= most; rate *= 2) {
    if (!(await attempt(rate))) continue;
    const between = Math.round(rate * 0.75);
    return { rate: rate > least && (await attempt(between)) ? between : rate, steps };
  }
  return { rate: null, steps };
}
