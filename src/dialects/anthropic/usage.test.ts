import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../contracts/json.ts';
import { StreamFacts } from './stream-event.ts';
import { decodeUsage, UsageReader } from './usage.ts';

const told = (...steps: JsonObject[]) => {
  const reader = new UsageReader();
  for (const step of steps) reader.add(step);
  return reader.usage;
};
const writes = (total: number | null, short: number | null, long: number | null): JsonObject => ({
  input_tokens: 1,
  ...(total === null ? {} : { cache_creation_input_tokens: total }),
  ...(short === null && long === null
    ? {}
    : { cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long } }),
});

describe('cache writes', () => {
  it.each([
    ['a split of zeros beside a total', 512, 0, 0, 512, 0],
    ['a split that adds up', 30, 10, 20, 10, 20],
    ['a split that lacks some', 30, 10, 5, 25, 5],
    ['a split that has too much', 30, 10, 40, 0, 30],
    ['a total alone', 30, null, null, 30, null],
    ['a split alone', null, 10, 20, 10, 20],
    ['nothing written', 0, 0, 0, 0, 0],
    ['a split beside a total of zero', 0, 10, 20, 10, 20],
  ])('%s: the total counts', (_, total, short, long, toldShort, toldLong) => {
    const usage = decodeUsage(writes(total, short, long));
    expect([usage!.cacheWriteShort, usage!.cacheWriteLong]).toEqual([toldShort, toldLong]);
    expect(usage!.input).toBe(1 + (toldShort ?? 0) + (toldLong ?? 0));
  });

  it('are kept by a later total that says the same or nothing', () => {
    for (const later of [writes(30, null, null), writes(0, null, null), writes(0, 0, 0)]) {
      expect(told(writes(30, 10, 20), later)).toMatchObject({ cacheWriteShort: 10, cacheWriteLong: 20 });
    }
    expect(told(writes(30, 10, 20), writes(50, null, null))).toMatchObject({ cacheWriteShort: 50 });
  });
});

describe('usage over a stream', () => {
  it('is not overwritten by a later 0, but by a later count', () => {
    const start = { input_tokens: 50, cache_read_input_tokens: 20, output_tokens: 1 };
    expect(told(start, { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 9 })).toMatchObject({
      input: 70,
      cacheRead: 20,
      output: 9,
    });
    expect(told(start, { input_tokens: 60 })).toMatchObject({ input: 80 });
  });

  const counts = { input_tokens: 50, output_tokens: 7 };
  it.each<[string, { type: string; body: JsonObject }]>([
    ['message_start', { type: 'message_start', body: { message: { usage: counts } } }],
    ['message_delta', { type: 'message_delta', body: { delta: {}, usage: counts } }],
    ['the delta of message_delta', { type: 'message_delta', body: { delta: { usage: counts } } }],
    ['message_stop', { type: 'message_stop', body: { usage: counts } }],
    [
      "Bedrock's metrics",
      {
        type: 'message_stop',
        body: { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 50, outputTokenCount: 7 } },
      },
    ],
  ])('is found in %s', (_, event) => {
    const facts = new StreamFacts();
    facts.read(event);
    expect(facts.usage).toMatchObject({ input: 50, output: 7 });
  });
});
