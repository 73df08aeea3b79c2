import { describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../contracts/chat.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { streamAnswer } from './answer-stream.ts';
import { gatherStream } from './gather-stream.ts';

const ANSWER: ChatAnswer = {
  id: 'msg_1',
  model: 'm',
  created: null,
  parts: [
    { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: null },
    { kind: 'reasoning', text: '', signature: null, redacted: 'data' },
    { kind: 'text', text: 'é "x"', cache: null },
    { kind: 'tool_call', id: 'c', name: 'f', arguments: '{"n":12345678901234567890}', cache: null },
    { kind: 'tool_call', id: 'd', name: 'g', arguments: '{}', cache: null },
  ],
  stop: 'tool_use',
  stopSequence: null,
  usage: { input: 3, cacheRead: 1, cacheWriteShort: 0, cacheWriteLong: null, output: 2, reasoning: 1 },
};
const CONTEXT = { requestId: 'r', model: 'm', now: 1, includeUsage: true };

describe.each(['openai-chat', 'anthropic'] as const)('a stream of %s', (name) => {
  const { chat } = dialectByName(name);
  const stream = streamAnswer(ANSWER, chat.createEncoder(CONTEXT), chat.framing).toString();

  it('is gathered into the answer it tells', () => {
    const { created, usage, ...rest } = gatherStream(Buffer.from(stream), chat.framing, chat.createDecoder());
    const { created: _, usage: told, ...whole } = ANSWER;
    // Under the prefix of the vendor whose stream it is.
    const id = name === 'anthropic' ? 'msg_1' : 'chatcmpl-msg_1';
    expect(rest).toEqual({ ...whole, id });
    expect(usage).toMatchObject({ input: told!.input, cacheRead: 1, output: 2, reasoning: 1 });
    expect(created).toBe(name === 'anthropic' ? null : 1);
  });

  it('that breaks off or holds an error is no answer', () => {
    const half = stream.slice(0, stream.length / 2);
    expect(() => gatherStream(Buffer.from(half), chat.framing, chat.createDecoder())).toThrow();
    const events = stream.split('\n\n');
    const error = `event: error\ndata: {"type":"error","error":{"type":"api_error","message":"broke"}}`;
    const broken = [...events.slice(0, 3), error].join('\n\n');
    expect(() => gatherStream(Buffer.from(`${broken}\n\n`), chat.framing, chat.createDecoder())).toThrow(
      'broke',
    );
    const cut = events.slice(0, 3).join('\n\n');
    expect(() => gatherStream(Buffer.from(`${cut}\n\n`), chat.framing, chat.createDecoder())).toThrow(
      'broke off',
    );
  });
});
