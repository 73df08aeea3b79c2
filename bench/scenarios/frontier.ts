// The throughput frontier: out of one sweep, the most a gateway does while its p99 stays under a bound.

/** One step of a sweep. */
export interface Step {
  concurrency: number;
  perSecond: number;
  p99Micros: number;
  failed: number;
  /** Why the step must not count, or null. */
  void: string | null;
}

/** @returns null when no step without a failure stays under the bound (ms; null = any latency). */
export function frontier(steps: readonly Step[], boundMs: number | null): Step | null {
  let best: Step | null = null;
  for (const step of steps) {
    if (step.void !== null || step.failed > 0) continue;
    if (boundMs !== null && step.p99Micros >= boundMs * 1000) continue;
    if (best === null || step.perSecond > best.perSecond) best = step;
  }
  return best;
}

export function firstFailure(steps: readonly Step[]): Step | null {
  return steps.find(({ failed }) => failed > 0) ?? null;
}
