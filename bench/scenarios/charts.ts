// Charts out of measurements.
import type { Chart, Measurement } from '../contract.ts';

export interface Bars {
  title: string;
  yLabel: string;
  /** One colour each. */
  metrics: readonly string[];
  logY?: boolean;
}

/** Groups of bars by target; what has no value has no bar. */
export function barsOf(measurements: readonly Measurement[], bars: Bars): Chart {
  return {
    title: bars.title,
    kind: 'bars',
    xLabel: '',
    yLabel: bars.yLabel,
    ...(bars.logY === true && { logY: true }),
    series: bars.metrics.map((metric) => ({
      name: metric,
      points: measurements.flatMap((one) =>
        one.metric === metric && one.value !== null ? [[one.target, one.value] as const] : [],
      ),
    })),
  };
}
