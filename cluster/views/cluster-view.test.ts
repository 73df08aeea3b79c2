import { expect, it } from 'vitest';
import type { MetricDelta } from '../../src/contracts/ipc.ts';
import type { Rest } from '../../src/contracts/rests.ts';
import { createMetricTotals } from '../../src/observability/metric-totals.ts';
import { createActivityBook, DURATION_BOUNDS, quantile } from './activity.ts';
import { createClusterViews } from './cluster-view.ts';
import { fakeClock, makeConfig } from '../fakes.fixture.ts';
import { Life } from '../crew/life.ts';

const zeros = DURATION_BOUNDS.map(() => 0);

/** Attempts of one provider: `ok` that went well, `bad` it failed, `gone` whose client left. */
function attempts(ok: number, bad: number, gone: number, series: boolean): MetricDelta {
  const labels = (type: string): string[] => ['openai', 'm', type === '' ? '2xx' : '5xx', type];
  const name = 'headgate_upstream_requests_total';
  return {
    series: series
      ? [
          [0, name, labels('')],
          [1, name, labels('provider_overloaded')],
          [2, name, labels('caller_cancelled')],
          [3, 'headgate_upstream_duration_seconds', ['openai', 'm']],
          [4, 'headgate_in_flight_requests', ['openai']],
          [5, 'headgate_upstream_key_up', ['openai', 'openai-1']],
          [6, 'headgate_resident_memory_bytes', ['0']],
        ]
      : [],
    counters: [
      [0, ok],
      [1, bad],
      [2, gone],
    ],
    histograms: [[3, ok * 0.015, ok, [0, ok, ...zeros.slice(1)]]],
    gauges: [
      [4, 3],
      [5, 0],
      [6, 5_000_000],
    ],
  };
}

function gateway() {
  const clock = fakeClock();
  const totals = createMetricTotals();
  const life = new Life(1, 0, 0);
  life.process = { pid: 4711, send: () => undefined, kill: () => undefined };
  life.said();
  life.serves(0);
  const rests: Rest[] = [
    {
      kind: 'key',
      lane: 'openai',
      model: 'm',
      print: 'p',
      key: 'openai-1',
      forMs: 900.4,
      stated: true,
      limited: true,
    },
    { kind: 'target', lane: 'openai', model: 'slow', print: 'p', forMs: 50, stated: false },
    { kind: 'target', lane: 'elsewhere', model: 'm', print: 'p', forMs: 50, stated: false },
  ];
  const config = makeConfig();
  const views = createClusterViews({
    clock,
    version: '1.2.3',
    activity: createActivityBook(totals),
    config: () => config,
    configVersion: () => 7,
    lives: () => [life],
    status: () => 'ok',
    rests: () => rests,
    circuits: () => [{ provider: 'openai', model: 'm', state: 'open', since: 12 }],
  });
  return { clock, totals, life, views };
}

it('shows what each lane did in the window, and what of it rests', () => {
  const { clock, totals, views } = gateway();
  totals.merge('1', attempts(100, 100, 0, true));
  views.look();
  clock.time = 10_000;
  totals.merge('1', attempts(6, 2, 2, false));
  const [lane] = views.view().lanes;
  expect(lane).toMatchObject({
    provider: 'openai',
    inFlight: 3,
    windowMs: 10_000,
    ratePerSecond: 1,
    errorRate: 0.2,
    p95Ms: DURATION_BOUNDS[1]! * 1_000,
    p99Ms: DURATION_BOUNDS[1]! * 1_000,
    keys: [{ alias: 'openai-1', up: 0, resting: [{ model: 'm', forMs: 900, limited: true }] }],
    cooling: [{ model: 'slow', forMs: 50, stated: false }],
    circuits: [{ model: 'm', state: 'open', since: 12 }],
  });
});

it('forgets what is longer ago than the window', () => {
  const { clock, totals, views } = gateway();
  totals.merge('1', attempts(0, 0, 0, true));
  for (clock.time = 0; clock.time <= 200_000; clock.time += 1_000) {
    if (clock.time === 50_000) totals.merge('1', attempts(0, 40, 0, false));
    views.look();
  }
  const [lane] = views.view().lanes;
  expect(lane).toMatchObject({ ratePerSecond: 0, errorRate: null, p95Ms: null, p99Ms: null });
  expect(lane!.windowMs).toBeGreaterThanOrEqual(60_000);
  expect(lane!.windowMs).toBeLessThan(70_000);
});

it('shows workers with their process, memory and how often their place was filled again', () => {
  const { clock, totals, life, views } = gateway();
  totals.merge('1', attempts(0, 0, 0, true));
  views.replaced(life);
  views.replaced(life);
  clock.time = 500;
  const [node] = views.view().nodes;
  expect(node).toMatchObject({ version: '1.2.3', configVersion: 7, restarts: 2, pid: process.pid });
  expect(node!.workers).toEqual([
    expect.objectContaining({
      index: 0,
      pid: 4711,
      state: 'serving',
      restarts: 2,
      uptimeMs: 500,
      memoryBytes: 5_000_000,
      loopDelayMs: null,
    }),
  ]);
});

it('takes a quantile from the bucket it lies in', () => {
  expect(quantile([0, 0, 0], [1, 2], 0.5)).toBeNull();
  expect(quantile([9, 1, 0], [1, 2], 0.5)).toBe(1);
  expect(quantile([9, 1, 0], [1, 2], 0.95)).toBe(2);
  expect(quantile([0, 0, 5], [1, 2], 0.5)).toBe(2);
});
