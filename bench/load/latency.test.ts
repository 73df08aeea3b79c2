import { describe, expect, it } from 'vitest';
import { createLatencies } from './latency.ts';

describe('latencies', () => {
  it('gives percentiles to three digits', () => {
    const latencies = createLatencies();
    for (let micros = 1; micros <= 10_000; micros++) latencies.record(micros);
    const { p50, p90, p99, p999, max, mean } = latencies.percentiles();
    const within = (value: number, wanted: number): void =>
      expect(Math.abs(value - wanted) / wanted).toBeLessThan(0.002);
    within(p50, 5000);
    within(p90, 9000);
    within(p99, 9900);
    within(p999, 9990);
    within(max, 10_000);
    within(mean, 5000.5);
    expect(latencies.count).toBe(10_000);
  });

  it('keeps tenths of a microsecond, and takes what is out of range at its border', () => {
    const latencies = createLatencies();
    latencies.record(12.3);
    expect(latencies.percentiles().p50).toBe(12.3);
    latencies.record(-5);
    latencies.record(1e12);
    expect(latencies.percentiles().max).toBeGreaterThan(119_000_000);
  });

  it('is all zeros without any', () => {
    expect(createLatencies().percentiles()).toEqual({ p50: 0, p90: 0, p99: 0, p999: 0, max: 0, mean: 0 });
  });
});
