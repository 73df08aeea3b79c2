import { describe, expect, it } from 'vitest';
import type { PluginView } from '../../src/contracts/plugin-port.ts';
import { createMetricTotals } from '../../src/observability/metric-totals.ts';
import { type Activity, createActivityBook, HOOK_BOUNDS } from './activity.ts';
import { pluginViews } from './plugin-view.ts';

const view = (more: Partial<PluginView> = {}): PluginView => ({
  name: 'soft',
  mode: 'grpc',
  state: 'on',
  hooks: ['onRequest'],
  reason: '',
  fault: '',
  since: 5,
  ...more,
});
const quiet: Pick<Activity, 'plugin' | 'windowMs'> = {
  windowMs: 60_000.4,
  plugin: () => ({ outcomes: {}, durations: [] }),
};
const serving = (...plugins: PluginView[]) => ({ state: 'serving' as const, plugins });
const soft = { name: 'soft', mode: 'grpc' } as const;

describe('a plugin over all workers', () => {
  it('is as it is where it is worst, and says on how many it is on', () => {
    const rests = view({ state: 'resting', reason: 'errors', fault: 'refused', since: 9 });
    const lives = [serving(view()), serving(rests), { state: 'draining' as const, plugins: [view()] }];
    expect(pluginViews([soft], lives, quiet)).toEqual([
      {
        ...rests,
        workers: { on: 1, of: 2 },
        windowMs: 60_000,
        calls: 0,
        errors: 0,
        timeouts: 0,
        passedBy: 0,
        p50Ms: null,
        p95Ms: null,
      },
    ]);
  });

  it('that no worker told of yet is starting, and one that is no longer configured is not shown', () => {
    expect(pluginViews([soft], [serving()], quiet)).toMatchObject([
      { name: 'soft', mode: 'grpc', state: 'starting', hooks: [], since: 0, workers: { on: 0, of: 1 } },
    ]);
    expect(pluginViews([], [serving(view())], quiet)).toEqual([]);
  });

  it('keeps the names of its hooks where one worker could not make it', () => {
    const off = view({ state: 'off', reason: 'start', fault: 'no such module', hooks: [] });
    expect(pluginViews([soft], [serving(view()), serving(off)], quiet)).toMatchObject([
      { state: 'off', reason: 'start', hooks: ['onRequest'] },
    ]);
  });
});

it('counts what its hooks did in the window alone, and tells no other plugin of it', () => {
  const totals = createMetricTotals();
  const book = createActivityBook(totals);
  const zeros = HOOK_BOUNDS.map(() => 0);
  const push = (ok: number, series: boolean): void =>
    totals.merge('1', {
      series: series
        ? [
            [0, 'headgate_plugin_hooks_total', ['soft', 'onRequest', 'ok']],
            [1, 'headgate_plugin_hooks_total', ['soft', 'onDelta', 'timeout']],
            [2, 'headgate_plugin_hooks_total', ['soft', 'onRequest', 'error']],
            [3, 'headgate_plugin_hooks_total', ['soft', 'onRequest', 'passed_by']],
            [4, 'headgate_plugin_hook_duration_seconds', ['soft', 'onRequest']],
          ]
        : [],
      counters: [
        [0, ok],
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      histograms: [[4, 1, ok, [0, ok, ...zeros.slice(1)]]],
      gauges: [],
    });
  push(1_000, true);
  book.look(0);
  push(5, false);
  const [seen, other] = pluginViews([soft, { name: 'other', mode: 'process' }], [], book.read(10_000));
  expect(seen).toMatchObject({
    windowMs: 10_000,
    calls: 8,
    errors: 2,
    timeouts: 1,
    passedBy: 3,
    p50Ms: HOOK_BOUNDS[1]! * 1_000,
  });
  expect(other).toMatchObject({ calls: 0, p50Ms: null });
});
