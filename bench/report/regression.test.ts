import { expect, it } from 'vitest';
import type { Measurement, Metric } from '../contract.ts';
import type { BenchRun } from '../result.ts';
import { barsOf, ratioOf } from './ratio.ts';
import { baselineOf, compare } from './regression.ts';

const cost: Metric = {
  name: 'CPU',
  unit: 'us',
  better: 'lower',
  against: 'nginx',
  bar: { target: 'headgate', most: 2, ratio: true },
};

function row(target: string, rounds: readonly number[]): Measurement {
  return {
    target,
    metric: 'CPU',
    value: [...rounds].sort((a, b) => a - b)[rounds.length >> 1] ?? null,
    rounds,
  };
}

function runOf(own: readonly number[], nginx: readonly number[] = [10, 10, 10], metric = cost): BenchRun {
  const result = { measurements: [row('headgate', own), row('nginx', nginx)] };
  return {
    at: '2026-01-01T00:00:00.000Z',
    machine: { cpu: 'c', cores: 2, memoryBytes: 1, kernel: 'k', node: 'n', uws: 'u', commit: null },
    settings: {
      rounds: 3,
      seconds: 4,
      quick: false,
      gatewayCores: [0],
      loadCores: [1],
      scenarios: 'all',
      versus: 'all',
    },
    ceiling: null,
    peers: [],
    scenarios: [
      {
        name: 'cpu',
        title: 't',
        method: 'm',
        metrics: [metric],
        tookSeconds: 1,
        result,
        error: null,
        warnings: [],
      },
    ],
  };
}

it('takes the ratio of each round, so that a slow moment for both sides does not count', () => {
  const rows = [row('headgate', [20, 40, 22]), row('nginx', [10, 20, 11])];
  expect(ratioOf(cost, 'headgate', rows)).toEqual({ value: 2, low: 2, high: 2 });
});

it('has no ratio without a value on either side', () => {
  expect(ratioOf(cost, 'headgate', [row('headgate', [20])])).toBeNull();
  expect(ratioOf(cost, 'headgate', [row('headgate', []), row('nginx', [10])])).toBeNull();
  expect(ratioOf(cost, 'headgate', [row('headgate', [20]), row('nginx', [0])])).toBeNull();
});

it('judges a bar by the ratio where the bar is one, and says when nothing was measured', () => {
  const [met] = barsOf([cost], [row('headgate', [19]), row('nginx', [10])]);
  expect(met).toMatchObject({ bar: 'at most 2 x nginx', value: 1.9, met: true });
  const [missed] = barsOf([cost], [row('headgate', [21]), row('nginx', [10])]);
  expect(missed).toMatchObject({ value: 2.1, met: false });
  const [unknown] = barsOf([cost], []);
  expect(unknown).toMatchObject({ value: null, met: false });
});

it('judges a bar of the value itself, at least and at most', () => {
  const rate: Metric = {
    name: 'CPU',
    unit: 'req/s',
    better: 'higher',
    bar: { target: 'headgate', least: 3200 },
  };
  expect(barsOf([rate], [row('headgate', [3200])])[0]).toMatchObject({
    bar: 'at least 3200 req/s',
    met: true,
  });
  expect(barsOf([rate], [row('headgate', [3199])])[0]).toMatchObject({ met: false });
});

it('finds a regression beyond noise, and none within', () => {
  const before = baselineOf(runOf([20, 20, 20]));
  expect(compare(before, runOf([21.4, 21.4, 21.4]))[0]).toMatchObject({ regressed: false });
  expect(compare(before, runOf([22, 22, 22]))[0]).toMatchObject({ regressed: true });
  expect(compare(before, runOf([15, 15, 15]))[0]).toMatchObject({ regressed: false });
});

it('does not blame a machine on which everything is twice as slow', () => {
  const before = baselineOf(runOf([20, 20, 20]));
  expect(compare(before, runOf([40, 40, 40], [20, 20, 20]))[0]).toMatchObject({ regressed: false });
});

it('allows for rounds far apart, but not for any', () => {
  const before = baselineOf(runOf([20, 20, 20]));
  expect(compare(before, runOf([18, 22.5, 24]))[0]).toMatchObject({ regressed: false });
  expect(compare(before, runOf([10, 26, 90]))[0]).toMatchObject({ regressed: true });
});

it('takes less for worse where more is better', () => {
  const rate: Metric = { ...cost, better: 'higher' };
  const before = baselineOf(runOf([20, 20, 20], [10, 10, 10], rate));
  expect(compare(before, runOf([15, 15, 15], [10, 10, 10], rate))[0]).toMatchObject({ regressed: true });
  expect(compare(before, runOf([25, 25, 25], [10, 10, 10], rate))[0]).toMatchObject({ regressed: false });
});

it('watches a metric that is a ratio itself', () => {
  const { against: _, ...own } = cost;
  const share: Metric = { ...own, unit: 'x' };
  const before = baselineOf(runOf([1.5, 1.5, 1.5], [10], share));
  expect(before.ratios).toMatchObject([{ against: 'itself', value: 1.5 }]);
  expect(compare(before, runOf([1.8, 1.8, 1.8], [10], share))[0]).toMatchObject({ regressed: true });
});

it('says what a run did not measure instead of taking it for equal', () => {
  const before = baselineOf(runOf([20, 20, 20]));
  expect(compare(before, { ...runOf([20]), scenarios: [] })[0]).toMatchObject({
    now: null,
    regressed: false,
  });
});
