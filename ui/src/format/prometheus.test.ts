import { expect, test } from 'vitest';
import { quantileBetween, readMetrics, sumOf, valuesOf } from './prometheus.ts';

const text = (a: number, b: number) => `# HELP x y
# TYPE headgate_in_flight_requests gauge
headgate_in_flight_requests{provider="open\\"ai"} 3
headgate_in_flight_requests{provider="azure"} 1
other{provider="azure"} 9
up 1
d_bucket{provider="p",le="0.1"} ${a}
d_bucket{provider="p",le="0.5"} ${b}
d_bucket{provider="p",le="+Inf"} ${b}
`;
const wanted = new Set(['headgate_in_flight_requests', 'up', 'd_bucket']);

test('samples by name and labels', () => {
  const metrics = readMetrics(text(0, 0), wanted);
  expect(valuesOf(metrics, 'headgate_in_flight_requests', 'provider')).toEqual(['open"ai', 'azure']);
  expect(sumOf(metrics, 'headgate_in_flight_requests')).toBe(4);
  expect(sumOf(metrics, 'headgate_in_flight_requests', { provider: 'azure' })).toBe(1);
  expect(sumOf(metrics, 'up')).toBe(1);
  expect(sumOf(metrics, 'other')).toBeNull();
});

test('a quantile of what was counted in between', () => {
  const [before, after] = [readMetrics(text(10, 20), wanted), readMetrics(text(15, 30), wanted)];
  expect(quantileBetween(before, after, 'd', { provider: 'p' }, 0.75)).toBeCloseTo(0.3);
  expect(quantileBetween(before, before, 'd', { provider: 'p' }, 0.5)).toBeNull();
});
