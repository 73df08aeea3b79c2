import { describe, expect, test } from 'vitest';
import { encoded } from '../../../tests/kit/told.ts';
import type { Delta, Usage } from '../../contracts/chat.ts';
import type { ClientHabits } from '../../contracts/client-habits.ts';
import { createEncoder } from './stream-encode.ts';

const context = { requestId: 'req-1', model: 'asked', now: 1700000000.7, includeUsage: false };
const usage: Usage = {
  input: 10,
  cacheRead: 4,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: 6,
  reasoning: 2,
};
const start: Delta = { kind: 'start', id: 'msg_1', model: 'claude-x', created: null, usage: null };

function messages(deltas: Delta[], includeUsage = false): Record<string, never>[] {
  const encoder = createEncoder({ ...context, includeUsage });
  const text = encoded(encoder, ...deltas);
  return text
    .split('\n\n')
    .filter((message) => message !== '')
    .map((message) => {
      expect(message.startsWith('data: ')).toBe(true);
      expect(message.includes('\n')).toBe(false);
      const data = message.slice(6);
      return data === '[DONE]' ? data : JSON.parse(data);
    });
}

const whole: Delta[] = [
  start,
  { kind: 'open', index: 0, block: 'text' },
  { kind: 'text', index: 0, text: 'a\n"b"' },
  { kind: 'close', index: 0 },
  { kind: 'open', index: 1, block: 'tool_call', id: 'toolu_1', name: 'f' },
  { kind: 'arguments', index: 1, text: '{"n":12345678901234567890' },
  { kind: 'arguments', index: 1, text: '}' },
  { kind: 'close', index: 1 },
  { kind: 'open', index: 2, block: 'tool_call', id: 'toolu_2', name: 'g' },
  { kind: 'close', index: 2 },
  { kind: 'stop', reason: 'tool_use', stopSequence: null },
  { kind: 'usage', usage },
  { kind: 'end' },
];

describe('encoding a chat completion stream', () => {
  test('a proof without text stands on the call behind it, too, and on no other', () => {
    const proof: Delta[] = [
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'signature', index: 0, signature: 'c2ln' },
      { kind: 'close', index: 0 },
    ];
    const call = (index: number): Delta[] => [
      { kind: 'open', index, block: 'tool_call', id: `c${index}`, name: 'f' },
      { kind: 'close', index },
    ];
    const calls = (deltas: Delta[]) =>
      JSON.stringify(messages([start, ...deltas, { kind: 'end' }])).match(/"tool_calls":\[\{[^\]]*/g);
    const extra = '"extra_content":{"google":{"thought_signature":"c2ln"}}';
    expect(calls([...proof, ...call(1), ...call(2)])).toEqual([
      expect.stringContaining(extra),
      expect.not.stringContaining('extra_content'),
    ]);
    const between: Delta[] = [
      { kind: 'open', index: 3, block: 'text' },
      { kind: 'close', index: 3 },
    ];
    const withText: Delta[] = [proof[0]!, { kind: 'text', index: 0, text: 'hm' }, ...proof.slice(1)];
    for (const deltas of [[...proof, ...between], withText])
      expect(calls([...deltas, ...call(1)])).toEqual([expect.not.stringContaining('extra_content')]);
  });

  test.each([
    ['refusal', 'stop'],
    ['text', 'content_filter'],
  ] as const)('a refusal told as %s ends with %s', (block, finish) => {
    const list = messages([
      start,
      { kind: 'open', index: 0, block },
      { kind: 'text', index: 0, text: 'no' },
      { kind: 'close', index: 0 },
      { kind: 'stop', reason: 'refusal', stopSequence: null },
      { kind: 'end' },
    ]);
    expect(list.at(-2)).toMatchObject({ choices: [{ finish_reason: finish }] });
  });

  test('one role chunk first, one name in all, choices in each, exactly [DONE] last', () => {
    const list = messages(whole);
    expect(list.at(-1)).toBe('[DONE]');
    const chunks = list.slice(0, -1) as Record<string, unknown>[];
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        id: 'chatcmpl-msg_1',
        object: 'chat.completion.chunk',
        created: 1700000000,
        model: 'claude-x',
      });
      expect(Array.isArray(chunk['choices'])).toBe(true);
      expect('usage' in chunk).toBe(false);
    }
    const roles = chunks.map((chunk) => JSON.stringify(chunk).includes('"role"'));
    expect(roles).toEqual([true, ...roles.slice(1).map(() => false)]);
  });

  test('tool calls are numbered among themselves; id and name stand once, arguments as they came', () => {
    const calls = messages(whole).flatMap((chunk) => {
      const { choices } = chunk as unknown as { choices?: { delta: { tool_calls?: unknown[] } }[] };
      return choices?.[0]?.delta.tool_calls ?? [];
    });
    expect(calls).toEqual([
      { index: 0, id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 0, function: { arguments: '{"n":12345678901234567890' } },
      { index: 0, function: { arguments: '}' } },
      { index: 1, id: 'toolu_2', type: 'function', function: { name: 'g', arguments: '' } },
    ]);
  });

  test('a client that asked for usage gets it in a last chunk without choices, null before', () => {
    const list = messages(whole, true) as unknown as Record<string, unknown>[];
    const last = list.at(-2);
    expect(last).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 6,
        total_tokens: 16,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
    expect(list.slice(0, -2).every((chunk) => chunk['usage'] === null)).toBe(true);
  });

  test('usage told in pieces is put together, and none is made up', () => {
    const none: Usage = { ...usage, input: null, cacheRead: null, output: null, reasoning: null };
    const early: Delta = { ...start, usage: { ...none, input: 10, output: 1 } } as Delta;
    const late: Delta = { kind: 'usage', usage: { ...none, output: 6 } };
    const list = messages([early, late, { kind: 'end' }], true);
    expect(list.at(-2)).toMatchObject({
      usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 },
    });
    expect(messages([start, { kind: 'end' }], true)).toHaveLength(2);
  });

  test('reasoning is text piece by piece, and its proof comes whole when the block closes', () => {
    const list = messages([
      start,
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'h' },
      { kind: 'text', index: 0, text: 'm' },
      { kind: 'signature', index: 0, signature: 'sig' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'redacted', data: 'opaque' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'refusal' },
      { kind: 'text', index: 2, text: 'no' },
      { kind: 'close', index: 2 },
    ]);
    const deltas = list.map(
      (chunk) => (chunk as unknown as { choices: { delta: object }[] }).choices[0]?.delta,
    );
    expect(deltas.slice(1)).toEqual([
      { reasoning_content: 'h' },
      { reasoning_content: 'm' },
      { reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'opaque', index: 1 }] },
      { refusal: 'no' },
    ]);
  });

  test.each([
    ['end', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['context_full', 'length'],
    ['pause', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['content_filter', 'content_filter'],
    ['unknown:x', 'stop'],
  ] as const)('stop reason %s is finish_reason %s', (reason, finish) => {
    const list = messages([start, { kind: 'stop', reason, stopSequence: null }]);
    expect(list[1]).toMatchObject({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  });

  test('a ping writes nothing, and no comment either', () => {
    expect(encoded(createEncoder(context), { kind: 'ping' })).toBe('');
  });

  test('a source that names neither id nor model gets ours', () => {
    const list = messages([{ kind: 'start', id: '', model: '', created: 5, usage: null }]);
    expect(list[0]).toMatchObject({ id: 'chatcmpl-req-1', model: 'asked', created: 5 });
  });
});

describe('encoding a stream for a vendor’s own clients', () => {
  interface Chunk {
    choices: { index: number; delta: { tool_calls?: object[] }; finish_reason: string | null }[];
    usage?: object;
  }
  const told = (deltas: Delta[], habits: ClientHabits): Chunk[] =>
    encoded(createEncoder({ ...context, habits }), ...deltas)
      .split('\n\n')
      .filter((message) => message.startsWith('data: {'))
      .map((message) => JSON.parse(message.slice(6)));

  test('the usage is in the chunk that ends it, and in no other', () => {
    const chunks = told(whole, { usage: 'finish' });
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
      usage: { prompt_tokens: 10, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 4 } },
    });
    expect(chunks.filter((chunk) => 'usage' in chunk)).toHaveLength(1);
    expect(told(whole, { usage: 'x_groq' }).at(-1)).toMatchObject({
      x_groq: { id: 'req-1', usage: { prompt_tokens: 10, completion_tokens: 6 } },
      usage: { total_tokens: 16 },
    });
  });

  test('each answer of several ends, and one without usage too', () => {
    const stop = (choice: number): Delta => ({ kind: 'stop', choice, reason: 'end', stopSequence: null });
    const chunks = told([start, stop(0), stop(1), { kind: 'usage', usage }, { kind: 'end' }], {
      usage: 'finish',
    });
    const ends = chunks.filter(({ choices }) => choices[0]?.finish_reason !== null);
    expect(ends.map(({ choices, usage }) => [choices[0]!.index, usage !== undefined])).toEqual([
      [0, false],
      [1, true],
    ]);
    const silent = told([start, stop(0), { kind: 'end' }], { usage: 'finish' });
    expect(silent.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
    expect(silent.at(-1)).not.toHaveProperty('usage');
  });

  test('a call comes whole where its clients read it so, one without arguments too', () => {
    const calls = told(whole, { wholeCalls: true }).flatMap(
      ({ choices }) => choices[0]?.delta.tool_calls ?? [],
    );
    expect(calls).toEqual([
      {
        index: 0,
        id: 'toolu_1',
        type: 'function',
        function: { name: 'f', arguments: '{"n":12345678901234567890}' },
      },
      { index: 1, id: 'toolu_2', type: 'function', function: { name: 'g', arguments: '{}' } },
    ]);
  });

  test('no more than 4 MiB of calls wait to be whole', () => {
    const piece = 'x'.repeat(3 << 20);
    const encoder = createEncoder({ ...context, habits: { wholeCalls: true } });
    const [open] = whole.slice(4);
    encoded(encoder, start, { ...open!, index: 0 } as Delta, { kind: 'arguments', index: 0, text: piece });
    expect(() => encoded(encoder, { kind: 'arguments', index: 0, text: piece })).toThrow(
      expect.objectContaining({ code: 'GW_UPSTREAM_TOO_LARGE' }),
    );
  });
});
