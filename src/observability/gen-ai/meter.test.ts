import { expect, it } from 'vitest';
import { createGenAiMeter } from './meter.ts';
import { createMetricTotals } from '../metric-totals.ts';
import { genAiReadings } from '../otlp/gen-ai-metrics.ts';
import { createRecorder } from '../recorder.ts';
import { attempt, settledCall } from '../settled-call.fixture.ts';

const usage = {
  input: 100,
  cacheRead: 30,
  cacheWriteShort: 4,
  cacheWriteLong: 6,
  output: 20,
  reasoning: null,
};

/** What is sent of a call that failed once and then streamed 11 pieces, by name. */
function sent(names: 'v1.41' | 'latest') {
  const recorder = createRecorder();
  const meter = createGenAiMeter(recorder);
  meter.settled(
    settledCall({
      attempts: [
        // One that was never sent was no operation.
        attempt({ sentAt: 0, errorType: 'gateway_overloaded' }),
        attempt({ errorType: 'provider_overloaded', status: 503, endAt: 105 }),
        attempt({ usage, sentAt: 110 }),
      ],
    }),
  );
  const totals = createMetricTotals();
  totals.merge('w', recorder.takeDelta());
  const named = [...totals.read()].flatMap((reading) => genAiReadings(reading, names) ?? []);
  return new Map(
    named.map(({ name, unit, row, series }) => [name, { unit, type: row.type, series: [...series] }]),
  );
}
const of = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' };

it('measures each attempt under the names of the conventions', () => {
  const metrics = sent('v1.41');
  expect([...metrics.keys()].sort()).toEqual([
    'gen_ai.client.operation.duration',
    'gen_ai.client.operation.time_per_output_chunk',
    'gen_ai.client.operation.time_to_first_chunk',
    'gen_ai.client.token.usage',
  ]);
  const model = { 'gen_ai.request.model': 'gpt-4o-mini-2024' };
  expect(metrics.get('gen_ai.client.operation.duration')).toMatchObject({
    unit: 's',
    series: [
      { labels: { ...of, ...model, 'error.type': 'provider_overloaded' }, count: 1, sum: 0.1 },
      { labels: { ...of, ...model }, count: 1, sum: 0.89 },
    ],
  });
  const [input, output, ...others] = metrics.get('gen_ai.client.token.usage')!.series;
  expect(input).toMatchObject({ labels: { 'gen_ai.token.type': 'input' }, sum: 100, count: 1 });
  expect(output).toMatchObject({ labels: { 'gen_ai.token.type': 'output' }, sum: 20 });
  expect(others).toEqual([]);
  expect(metrics.get('gen_ai.client.operation.time_to_first_chunk')!.series[0]!.sum).toBeCloseTo(0.2);
  expect(metrics.get('gen_ai.client.operation.time_per_output_chunk')!.series[0]).toMatchObject({
    count: 10,
    sum: 0.69,
  });
});

it('has the newer names where they are asked for', () => {
  const metrics = sent('latest');
  const sums = [...metrics].flatMap(([name, { type, series }]) =>
    type === 'counter' ? [[name.replace('gen_ai.client.inference.usage.', ''), series[0]!.value]] : [],
  );
  expect(Object.fromEntries(sums)).toEqual({
    input_tokens: 100,
    output_tokens: 20,
    'cache_read.input_tokens': 30,
    'cache_write.input_tokens': 10,
  });
  expect(metrics.get('gen_ai.client.inference.operation.input_tokens')!.series[0]!.count).toBe(1);
  expect(metrics.get('gen_ai.client.inference.duration')!.series).toHaveLength(2);
  expect(metrics.has('gen_ai.client.operation.duration')).toBe(false);
});
