// Ratios are what a run says: both sides had the same machine at the same time.
import type { Measurement, Metric } from '../contract.ts';
import { median } from '../scenarios/rounds.ts';

export interface Ratio {
  value: number;
  /** Lowest and highest of the rounds, where both sides have the same rounds; else the value twice. */
  low: number;
  high: number;
}

/** A measurement over the one of `metric.against`; null where either is missing. */
export function ratioOf(metric: Metric, target: string, measurements: readonly Measurement[]): Ratio | null {
  if (metric.against === undefined) return null;
  const find = (name: string): Measurement | undefined =>
    measurements.find((row) => row.metric === metric.name && row.target === name);
  const [own, other] = [find(target), find(metric.against)];
  if (own?.value == null || !other?.value) return null;
  const value = own.value / other.value;
  if (own.rounds.length !== other.rounds.length || own.rounds.length === 0)
    return { value, low: value, high: value };
  const rounds = own.rounds.map((round, at) => round / other.rounds[at]!);
  return { value: median(rounds) ?? value, low: Math.min(...rounds), high: Math.max(...rounds) };
}

export interface BarState {
  metric: Metric;
  target: string;
  /** In words: `at most 2 x nginx`. */
  bar: string;
  /** What was measured, in the bar's terms; null when nothing was. */
  value: number | null;
  met: boolean;
}

/** What a scenario's bars ask for and whether they are met. */
export function barsOf(metrics: readonly Metric[], measurements: readonly Measurement[]): BarState[] {
  return metrics.flatMap((metric) => {
    const { bar } = metric;
    if (bar === undefined) return [];
    const value =
      bar.ratio === true
        ? ratioOf(metric, bar.target, measurements)?.value
        : measured(metric, bar.target, measurements);
    const unit = bar.ratio === true ? `x ${metric.against}` : metric.unit;
    const parts = [
      bar.most === undefined ? '' : `at most ${bar.most} ${unit}`,
      bar.least === undefined ? '' : `at least ${bar.least} ${unit}`,
    ];
    const met = value != null && value <= (bar.most ?? Infinity) && value >= (bar.least ?? -Infinity);
    return [
      {
        metric,
        target: bar.target,
        bar: parts.filter((part) => part !== '').join(', '),
        value: value ?? null,
        met,
      },
    ];
  });
}

function measured(
  metric: Metric,
  target: string,
  measurements: readonly Measurement[],
): number | null | undefined {
  return measurements.find((row) => row.metric === metric.name && row.target === target)?.value;
}
