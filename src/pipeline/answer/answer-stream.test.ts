import { describe, expect, it } from 'vitest';
import type { ChatAnswer, Delta } from '../../contracts/chat.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { sse } from '../../wire/sse.ts';
import { streamAnswer } from './answer-stream.ts';

const ANSWER: ChatAnswer = {
  id: 'msg_1',
  model: 'm',
  created: 7,
  parts: [
    { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: null },
    { kind: 'reasoning', text: '', signature: null, redacted: 'data' },
    { kind: 'text', text: 'é "x"', cache: null },
    { kind: 'tool_call', id: 'c', name: 'f', arguments: '{"n":12345678901234567890}', cache: null },
  ],
  stop: 'tool_use',
  stopSequence: null,
  usage: { input: 3, cacheRead: 1, cacheWriteShort: 0, cacheWriteLong: 0, output: 2, reasoning: 1 },
};

describe('streamAnswer', () => {
  it.each(['openai-chat', 'anthropic'] as const)('tells the whole answer as a complete %s stream', (name) => {
    const dialect = dialectByName(name);
    const encoder = dialect.chat.createEncoder({ requestId: 'r', model: 'm', now: 1, includeUsage: true });
    const decoder = dialect.chat.createDecoder();
    const batch = sse
      .createScanner({ maxEventBytes: 1 << 20 })
      .push(Buffer.from(streamAnswer(ANSWER, encoder, sse)));
    const deltas: Delta[] = [];
    for (let i = 0; i < batch.count; i++) {
      const data = batch.data[i];
      if (typeof data === 'string') deltas.push(...decoder.decode(batch.event[i]!, data));
    }
    expect(decoder.complete).toBe(true);
    expect(decoder.facts.stop).toBe('tool_use');
    expect(decoder.facts.usage).toMatchObject({ input: 3, output: 2 });
    const told = (kind: Delta['kind']) => deltas.filter((delta) => delta.kind === kind);
    expect(told('text').map((delta) => (delta as { text: string }).text)).toEqual(['hm', 'é "x"']);
    expect(told('signature')).toMatchObject([{ signature: 'sig' }]);
    expect(told('arguments')).toMatchObject([{ text: '{"n":12345678901234567890}' }]);
    expect(deltas).toContainEqual(expect.objectContaining({ block: 'redacted', data: 'data' }));
    expect(deltas.at(-1)).toEqual({ kind: 'end' });
  });
});
