import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRIC_FAMILIES } from './metric-families.ts';
import { createRecorder } from './recorder.ts';

describe('recorder', () => {
  it('hands over increments once and names each series once', () => {
    const recorder = createRecorder();
    const shed = recorder.counter('headgate_shed_total', ['openai']);
    shed.add(2);
    shed.add(1);
    expect(recorder.takeDelta()).toEqual({
      series: [[0, 'headgate_shed_total', ['openai']]],
      counters: [[0, 3]],
      histograms: [],
      gauges: [],
    });
    expect(recorder.takeDelta()).toEqual({ series: [], counters: [], histograms: [], gauges: [] });
    shed.add(5);
    expect(recorder.takeDelta()).toMatchObject({ series: [], counters: [[0, 5]] });
  });

  it('gives the same handle for the same labels', () => {
    const recorder = createRecorder();
    const labels = ['openai', 'first'] as const;
    expect(recorder.counter('headgate_attempts_total', labels)).toBe(
      recorder.counter('headgate_attempts_total', labels),
    );
  });

  it('puts a value equal to a bound into that bucket and one above the last into +Inf', () => {
    const recorder = createRecorder();
    const wait = recorder.histogram('headgate_queue_wait_seconds', ['openai']);
    const { buckets } = METRIC_FAMILIES.headgate_queue_wait_seconds;
    wait.observe(buckets[0]!);
    wait.observe(buckets.at(-1)! + 1);
    wait.observeMany(buckets[1]!, 4);
    const [, sum, count, counts] = recorder.takeDelta().histograms[0]!;
    expect(count).toBe(6);
    expect(sum).toBeCloseTo(buckets[0]! + buckets.at(-1)! + 1 + 4 * buckets[1]!);
    expect(counts).toHaveLength(buckets.length + 1);
    expect([counts[0], counts[1], counts.at(-1)]).toEqual([1, 4, 1]);
  });

  it('puts every value into the first bucket that can hold it', () => {
    const bounds = METRIC_FAMILIES.headgate_overhead_seconds.buckets;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2, noNaN: true }), (value) => {
        const recorder = createRecorder();
        recorder.histogram('headgate_overhead_seconds', ['openai-chat', 'true', 'false']).observe(value);
        const expected = bounds.findIndex((bound) => value <= bound);
        const counts = recorder.takeDelta().histograms[0]![3];
        expect(counts.indexOf(1)).toBe(expected === -1 ? bounds.length : expected);
      }),
    );
  });

  it('reports a gauge only when its value changed', () => {
    const recorder = createRecorder();
    const depth = recorder.gauge('headgate_queue_depth', ['openai']);
    depth.set(3);
    expect(recorder.takeDelta().gauges).toEqual([[0, 3]]);
    depth.set(3);
    expect(recorder.takeDelta().gauges).toEqual([]);
    depth.set(0);
    expect(recorder.takeDelta().gauges).toEqual([[0, 0]]);
  });

  it('counts under _other once a family is full, and loses nothing', () => {
    const recorder = createRecorder({ seriesPerFamily: 3 });
    for (let i = 0; i < 10; i++) recorder.counter('headgate_shed_total', [`p${i}`]).add(1);
    const { series, counters } = recorder.takeDelta();
    expect(series.map(([, , labels]) => labels[0])).toEqual(['p0', 'p1', 'p2', '_other']);
    expect(counters.reduce((sum, [, value]) => sum + value, 0)).toBe(10);
  });

  it('gives label sets of callers half of a family, and the rest to others', () => {
    const recorder = createRecorder({ seriesPerFamily: 6 });
    for (let i = 0; i < 10; i++) recorder.modest.counter('headgate_shed_total', [`free${i}`]).add(1);
    for (let i = 0; i < 2; i++) recorder.counter('headgate_shed_total', [`p${i}`]).add(1);
    const { series, counters } = recorder.takeDelta();
    expect(series.map(([, , labels, modest]) => [labels[0], modest])).toEqual([
      ['free0', true],
      ['free1', true],
      ['free2', true],
      ['_other', undefined],
      ['p0', undefined],
      ['p1', undefined],
    ]);
    expect(counters.reduce((sum, [, value]) => sum + value, 0)).toBe(12);
  });

  it('keeps counts of many series apart over page borders', () => {
    const recorder = createRecorder();
    const handles = Array.from({ length: 300 }, (_, i) =>
      recorder.histogram('headgate_queue_wait_seconds', [`p${i}`]),
    );
    for (const [i, handle] of handles.entries()) handle.observeMany(0.2, i + 1);
    const { histograms } = recorder.takeDelta();
    expect(histograms.map(([, , count]) => count)).toEqual(handles.map((_, i) => i + 1));
  });
});
