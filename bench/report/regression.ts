// Compares a run with a stored one by ratios to what ran beside it: machines and days differ, ratios hardly do.
import type { BenchRun } from '../result.ts';
import { type Ratio, ratioOf } from './ratio.ts';

/** One ratio that is watched. */
export interface WatchedRatio extends Ratio {
  scenario: string;
  metric: string;
  target: string;
  against: string;
  better: 'lower' | 'higher';
}

export interface Baseline {
  /** ISO date and time of the run. */
  at: string;
  commit: string | null;
  ratios: readonly WatchedRatio[];
}

export interface Comparison {
  before: WatchedRatio;
  /** Null when the run did not measure it. */
  now: Ratio | null;
  /** Change for the worse as a share of the baseline; negative is better. */
  worse: number | null;
  /** What counts as noise: the wider of the two runs' own spreads, and never less than `NOISE_LEAST`. */
  noise: number;
  regressed: boolean;
}

/** Two good runs on a quiet machine differ by this much. */
const NOISE_LEAST = 0.08;
/** A run with rounds so far apart cannot excuse everything. */
const NOISE_MOST = 0.25;

/** All ratios of Headgate to a yardstick that the run measured. */
export function baselineOf(run: BenchRun, target = 'headgate'): Baseline {
  const ratios = run.scenarios.flatMap(({ name, metrics, result }) =>
    metrics.flatMap((metric) => {
      const ratio = ratioOf(metric, target, result?.measurements ?? []);
      if (ratio === null || metric.against === undefined || metric.against === target) return [];
      const { against, better } = metric;
      return [{ scenario: name, metric: metric.name, target, against, better, ...ratio }];
    }),
  );
  return { at: run.at, commit: run.machine.commit, ratios };
}

export function compare(before: Baseline, run: BenchRun): Comparison[] {
  const now = baselineOf(run).ratios;
  return before.ratios.map((old) => {
    const same = now.find(
      ({ scenario, metric, target, against }) =>
        scenario === old.scenario &&
        metric === old.metric &&
        target === old.target &&
        against === old.against,
    );
    const noise = Math.min(
      NOISE_MOST,
      Math.max(NOISE_LEAST, spread(old), same === undefined ? 0 : spread(same)),
    );
    if (same === undefined) return { before: old, now: null, worse: null, noise, regressed: false };
    const change = same.value / old.value - 1;
    const worse = old.better === 'lower' ? change : -change;
    return { before: old, now: same, worse, noise, regressed: worse > noise };
  });
}

/** Half the distance between the lowest and the highest round, as a share of the median. */
function spread({ value, low, high }: Ratio): number {
  return (high - low) / 2 / value;
}
