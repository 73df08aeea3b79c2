// Compares a run with a stored one by ratios to what ran beside it: machines and days differ, ratios hardly do.
import type { Measurement, Metric } from '../contract.ts';
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

/** All ratios of Headgate that the run measured: to a yardstick, or metrics that are ratios themselves. */
export function baselineOf(run: BenchRun, target = 'headgate'): Baseline {
  const ratios = run.scenarios.flatMap(({ name, metrics, result }) =>
    metrics.flatMap((metric): WatchedRatio[] => {
      const { against = 'itself', better } = metric;
      const ratio = ratioIn(metric, target, result?.measurements ?? []);
      if (ratio === null || against === target) return [];
      return [{ scenario: name, metric: metric.name, target, against, better, ...ratio }];
    }),
  );
  return { at: run.at, commit: run.machine.commit, ratios };
}

function ratioIn(metric: Metric, target: string, measurements: readonly Measurement[]): Ratio | null {
  if (metric.unit !== 'x') return ratioOf(metric, target, measurements);
  const own = measurements.find((row) => row.metric === metric.name && row.target === target);
  if (own?.value == null) return null;
  const rounds = own.rounds.length === 0 ? [own.value] : own.rounds;
  return { value: own.value, low: Math.min(...rounds), high: Math.max(...rounds) };
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
