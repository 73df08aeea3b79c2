import { describe, expect, it } from 'vitest';
import { createMetricTotals } from './metric-totals.ts';
import { createRecorder } from './recorder.ts';

/** Value of one printed line, by its exact name and labels. */
function value(text: string, line: string): number | undefined {
  const found = text.split('\n').find((row) => row.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

const REQUESTS =
  'headgate_requests_total{dialect="openai-chat",provider="p",model="m",outcome="ok",error_type=""}';

function worker(requests: number) {
  const recorder = createRecorder();
  const counter = recorder.counter('headgate_requests_total', ['openai-chat', 'p', 'm', 'ok', '']);
  counter.add(requests);
  return { recorder, counter };
}

describe('metric totals', () => {
  it('adds up the counters of all workers', async () => {
    const totals = createMetricTotals();
    totals.merge('0:10', worker(3).recorder.takeDelta());
    totals.merge('1:11', worker(4).recorder.takeDelta());
    expect(value(await totals.text(), REQUESTS)).toBe(7);
  });

  it('never lowers a total when a worker restarts', async () => {
    const totals = createMetricTotals();
    const first = worker(5);
    first.recorder.histogram('headgate_queue_wait_seconds', ['p']).observe(0.2);
    totals.merge('0:10', first.recorder.takeDelta());
    totals.workerGone('0:10');
    expect(value(await totals.text(), REQUESTS)).toBe(5);
    totals.merge('0:12', worker(1).recorder.takeDelta());
    const text = await totals.text();
    expect(value(text, REQUESTS)).toBe(6);
    expect(value(text, 'headgate_queue_wait_seconds_count{provider="p"}')).toBe(1);
  });

  it('keeps series ids of different worker lives apart', async () => {
    const totals = createMetricTotals();
    totals.merge('0:10', worker(2).recorder.takeDelta());
    const other = createRecorder();
    other.counter('headgate_shed_total', ['p']).add(9); // its id is 0 too
    totals.merge('1:11', other.takeDelta());
    const text = await totals.text();
    expect(value(text, REQUESTS)).toBe(2);
    expect(value(text, 'headgate_shed_total{provider="p"}')).toBe(9);
  });

  it('prints cumulative buckets that end in +Inf with the count', async () => {
    const totals = createMetricTotals();
    const recorder = createRecorder();
    const wait = recorder.histogram('headgate_queue_wait_seconds', ['p']);
    wait.observe(0.00005);
    wait.observe(0.02);
    wait.observe(500);
    totals.merge('0', recorder.takeDelta());
    wait.observe(0.02);
    totals.merge('0', recorder.takeDelta());
    const text = await totals.text();
    const bucket = (le: string) => value(text, `headgate_queue_wait_seconds_bucket{le="${le}",provider="p"}`);
    expect([bucket('0.0001'), bucket('0.01'), bucket('0.05'), bucket('60'), bucket('+Inf')]).toEqual([
      1, 1, 3, 3, 4,
    ]);
    expect(value(text, 'headgate_queue_wait_seconds_count{provider="p"}')).toBe(4);
    expect(value(text, 'headgate_queue_wait_seconds_sum{provider="p"}')).toBeCloseTo(500.04005);
  });

  it('adds gauges of living workers and drops those of a dead one', async () => {
    const totals = createMetricTotals();
    const recorders = [createRecorder(), createRecorder()];
    recorders.forEach((recorder, i) => {
      recorder.gauge('headgate_in_flight_requests', ['p']).set(3 + i);
      recorder.gauge('headgate_resident_memory_bytes', [String(i)]).set(100 + i);
      totals.merge(String(i), recorder.takeDelta());
    });
    expect(value(await totals.text(), 'headgate_in_flight_requests{provider="p"}')).toBe(7);
    totals.workerGone('0');
    const text = await totals.text();
    expect(value(text, 'headgate_in_flight_requests{provider="p"}')).toBe(4);
    expect(value(text, 'headgate_resident_memory_bytes{worker="0"}')).toBeUndefined();
    expect(value(text, 'headgate_resident_memory_bytes{worker="1"}')).toBe(101);
  });

  it('revives a gauge that a living worker sets again after all its holders had gone', async () => {
    const totals = createMetricTotals();
    const recorder = createRecorder();
    recorder.gauge('headgate_queue_depth', ['p']).set(1);
    totals.merge('a', recorder.takeDelta());
    totals.workerGone('a');
    const next = createRecorder();
    next.gauge('headgate_queue_depth', ['p']).set(2);
    totals.merge('b', next.takeDelta());
    expect(value(await totals.text(), 'headgate_queue_depth{provider="p"}')).toBe(2);
  });

  it('shows a key that rests on one of two workers as half up', async () => {
    const totals = createMetricTotals();
    [1, 0].forEach((up, i) => {
      const recorder = createRecorder();
      recorder.gauge('headgate_upstream_key_up', ['p', 'k1']).set(up);
      totals.merge(String(i), recorder.takeDelta());
    });
    expect(value(await totals.text(), 'headgate_upstream_key_up{provider="p",key="k1"}')).toBe(0.5);
  });

  it('counts a worker that has met no trouble as one without any, where the mean is of all', async () => {
    const totals = createMetricTotals();
    const recorder = createRecorder();
    recorder.gauge('headgate_targets_cooling', ['p']).set(3);
    totals.merge('0', recorder.takeDelta());
    expect(value(await totals.text(), 'headgate_targets_cooling{provider="p"}')).toBe(3);
    for (const other of ['1', '2']) totals.merge(other, createRecorder().takeDelta());
    expect(value(await totals.text(), 'headgate_targets_cooling{provider="p"}')).toBe(1);
    totals.workerGone('2');
    expect(value(await totals.text(), 'headgate_targets_cooling{provider="p"}')).toBe(1.5);
  });

  it("keeps the primary's own numbers beside those of workers", async () => {
    const totals = createMetricTotals();
    totals.setGauge('headgate_workers', [], 4);
    totals.setGauge('headgate_workers', [], 3);
    totals.inc('headgate_config_reloads_total', ['applied']);
    totals.inc('headgate_worker_restarts_total', [], 2);
    const text = await totals.text();
    expect(value(text, 'headgate_workers')).toBe(3);
    expect(value(text, 'headgate_config_reloads_total{result="applied"}')).toBe(1);
    expect(value(text, 'headgate_worker_restarts_total')).toBe(2);
  });

  it('ignores families and shapes of another release without losing the rest', async () => {
    const totals = createMetricTotals();
    totals.merge('w', {
      series: [
        [0, 'headgate_from_the_future_total', ['x']],
        [1, 'headgate_shed_total', ['a', 'b']],
        [2, 'headgate_shed_total', ['p']],
        [3, 'headgate_queue_wait_seconds', ['p']],
      ],
      counters: [
        [0, 1],
        [1, 1],
        [2, 1],
        [77, 1],
      ],
      histograms: [[3, 1, 1, [1, 0]]],
      gauges: [],
    });
    const text = await totals.text();
    expect(value(text, 'headgate_shed_total{provider="p"}')).toBe(1);
    expect(text).not.toContain('future');
    expect(value(text, 'headgate_queue_wait_seconds_count{provider="p"}')).toBe(0);
  });

  it('lets labels that callers choose push none of the others out, from however many workers they come', async () => {
    const totals = createMetricTotals();
    for (let worker = 0; worker < 20; worker++) {
      const recorder = createRecorder();
      for (let i = 0; i < 100; i++) {
        recorder.modest.counter('headgate_tokens_total', ['p', `made-up-${worker}-${i}`, 'input']).add(1);
      }
      recorder.counter('headgate_tokens_total', ['p', `stated-${worker}`, 'input']).add(1);
      totals.merge(String(worker), recorder.takeDelta());
    }
    const text = await totals.text();
    expect(text.match(/made-up-/g)).toHaveLength(300);
    for (let worker = 0; worker < 20; worker++) {
      const name = `headgate_tokens_total{provider="p",model="stated-${worker}",kind="input"}`;
      expect(value(text, name)).toBe(1);
    }
    const other = 'headgate_tokens_total{provider="_other",model="_other",kind="_other"}';
    expect(value(text, other)).toBe(1_700);
  });

  it('escapes label values', async () => {
    const totals = createMetricTotals();
    totals.inc('headgate_shed_total', ['a"b\\c\nd']);
    expect(await totals.text()).toContain('headgate_shed_total{provider="a\\"b\\\\c\\nd"} 1');
  });

  it('prints every family with its help and type, also before it has a series', async () => {
    const text = await createMetricTotals().text();
    expect(text).toContain('# TYPE headgate_overhead_seconds histogram');
    expect(text).toContain('# HELP headgate_requests_total ');
  });
});
