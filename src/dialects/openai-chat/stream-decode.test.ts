import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Delta } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createDecoder } from './stream-decode.ts';

const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  JSON.stringify({
    id: 'c1',
    created: 9,
    model: 'gpt-x',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });

const call = (index: number, more: object): object => ({ tool_calls: [{ index, ...more }] });
const args = (index: number, text: string): object => call(index, { function: { arguments: text } });
const start: Delta = { kind: 'start', id: 'c1', model: 'gpt-x', created: 9, usage: null };
const end: Delta = { kind: 'end' };
const stop = (reason: 'end' | 'tool_use' | 'refusal'): Delta => ({
  kind: 'stop',
  reason,
  stopSequence: null,
});

function decode(...events: string[]): Delta[] {
  const decoder = createDecoder();
  return [...events.flatMap((data) => decoder.decode('', data)), ...decoder.finish()];
}

describe('decoding a chat completion stream', () => {
  test('blocks are opened and closed where the kind of content changes', () => {
    expect(
      decode(
        chunk({ role: 'assistant', content: '' }),
        chunk({ reasoning_content: 'hm' }),
        chunk({ reasoning_content: 'm' }),
        chunk({ content: 'a' }),
        chunk({ refusal: 'no' }),
        chunk({}, 'stop'),
        '[DONE]',
      ),
    ).toEqual([
      start,
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm' },
      { kind: 'text', index: 0, text: 'm' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'text' },
      { kind: 'text', index: 1, text: 'a' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'refusal' },
      { kind: 'text', index: 2, text: 'no' },
      { kind: 'close', index: 2 },
      stop('refusal'),
      end,
    ]);
  });

  test('the end waits for the usage chunk behind finish_reason', () => {
    const decoder = createDecoder();
    decoder.decode('', chunk({ content: 'a' }));
    expect(decoder.decode('', chunk({}, 'stop'))).toEqual([]);
    expect(decoder.complete).toBe(true);
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    expect(decoder.decode('', JSON.stringify({ choices: [], usage }))).toEqual([]);
    const tail = decoder.decode('', '[DONE]');
    expect(tail.map((delta) => delta.kind)).toEqual(['close', 'stop', 'usage', 'end']);
    expect(tail[2]).toMatchObject({ usage: { input: 3, output: 2, cacheRead: null } });
    expect(decoder.finish()).toEqual([]);
    expect(decoder.decode('', chunk({ content: 'late' }))).toEqual([]);
  });

  test('parallel tool calls interleave, each by its own block, arguments byte for byte', () => {
    const deltas = decode(
      chunk({ content: 'let me see' }),
      chunk(call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } })),
      chunk(call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '{"n":' } })),
      chunk(args(0, '{"x": 1.0')),
      chunk(args(1, '12345678901234567890}')),
      chunk(args(0, '}')),
      chunk({}, 'tool_calls'),
    );
    expect(deltas.slice(4)).toEqual([
      { kind: 'open', index: 1, block: 'tool_call', id: 'a', name: 'f' },
      { kind: 'open', index: 2, block: 'tool_call', id: 'b', name: 'g' },
      { kind: 'arguments', index: 2, text: '{"n":' },
      { kind: 'arguments', index: 1, text: '{"x": 1.0' },
      { kind: 'arguments', index: 2, text: '12345678901234567890}' },
      { kind: 'arguments', index: 1, text: '}' },
      { kind: 'close', index: 1 },
      { kind: 'close', index: 2 },
      stop('tool_use'),
      end,
    ]);
  });

  test('text between the pieces of a tool call is not lost: it follows the call', () => {
    const deltas = decode(
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{' } })),
      chunk({ content: '\n' }),
      chunk(args(0, '}')),
      chunk({}, 'tool_calls'),
    );
    expect(deltas.slice(1)).toEqual([
      { kind: 'open', index: 0, block: 'tool_call', id: 'a', name: 'f' },
      { kind: 'arguments', index: 0, text: '{' },
      { kind: 'arguments', index: 0, text: '}' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'text' },
      { kind: 'text', index: 1, text: '\n' },
      { kind: 'close', index: 1 },
      stop('tool_use'),
      end,
    ]);
  });

  test('a call whose first piece lacks an id gets one; without a name yet, it waits for the name', () => {
    const deltas = decode(
      chunk(args(0, '{"a"')),
      chunk(call(0, { function: { name: 'f', arguments: ':1}' } })),
      chunk({}, 'tool_calls'),
    );
    const open = deltas[1];
    expect(open).toMatchObject({ kind: 'open', block: 'tool_call', name: 'f' });
    expect(open?.kind === 'open' && open.block === 'tool_call' && open.id).toMatch(/^call_[0-9a-f]{24}$/);
    expect(deltas[2]).toEqual({ kind: 'arguments', index: 0, text: '{"a":1}' });
  });

  test('parallel calls that all say index 0 are told apart by their ids', () => {
    const deltas = decode(
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } })),
      chunk(call(0, { id: 'b', function: { name: 'f', arguments: '{"b":1}' } })),
      chunk({}, 'tool_calls'),
    );
    const opened = deltas.filter((delta) => delta.kind === 'open');
    expect(opened.map((delta) => delta.block === 'tool_call' && delta.id)).toEqual(['a', 'b']);
  });

  test('an id and name repeated in every piece do not open a second call', () => {
    const piece = (text: string) => chunk(call(0, { id: 'a', function: { name: 'f', arguments: text } }));
    const deltas = decode(piece('{'), piece('}'), chunk({}, 'tool_calls'));
    expect(deltas.filter((delta) => delta.kind === 'open')).toHaveLength(1);
  });

  test('a forced call that ends with "stop" is a tool use all the same', () => {
    const deltas = decode(
      chunk(call(0, { id: 'a', function: { name: 'f', arguments: '{}' } })),
      chunk({}, 'stop'),
    );
    expect(deltas.at(-2)).toEqual(stop('tool_use'));
  });

  test('the text of reasoning is read once when both reasoning and reasoning_details carry it', () => {
    const detail = (text: string, more: object = {}) => ({
      reasoning: text,
      reasoning_details: [{ type: 'reasoning.text', text, index: 0, ...more }],
    });
    const deltas = decode(
      chunk(detail('a')),
      chunk(detail('b')),
      chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0 }] }),
      chunk({ content: 'x' }),
      chunk({}, 'stop'),
    );
    expect(deltas.slice(1, 6)).toEqual([
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'a' },
      { kind: 'text', index: 0, text: 'b' },
      { kind: 'signature', index: 0, signature: 'sig' },
      { kind: 'close', index: 0 },
    ]);
  });

  test('reasoning behind a signature is another block, and encrypted reasoning is a redacted one', () => {
    const detail = (more: object) => chunk({ reasoning_details: [more] });
    const deltas = decode(
      detail({ type: 'reasoning.text', text: 'a', index: 0 }),
      detail({ type: 'reasoning.text', signature: 's1', index: 0 }),
      detail({ type: 'reasoning.encrypted', data: 'opaque', index: 1 }),
      detail({ type: 'reasoning.text', text: 'b', signature: 's2', index: 2 }),
      chunk({}, 'stop'),
    );
    expect(deltas.slice(1, -2)).toEqual([
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'a' },
      { kind: 'signature', index: 0, signature: 's1' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'redacted', data: 'opaque' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'reasoning' },
      { kind: 'text', index: 2, text: 'b' },
      { kind: 'signature', index: 2, signature: 's2' },
      { kind: 'close', index: 2 },
    ]);
  });

  test("Mistral's chunk lists are read as text and reasoning", () => {
    const deltas = decode(
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }),
      chunk({ content: [{ type: 'text', text: 'a' }] }, 'stop'),
    );
    expect(deltas.filter((delta) => delta.kind === 'open').map((delta) => delta.block)).toEqual([
      'reasoning',
      'text',
    ]);
  });

  test("Azure's first chunk starts nothing", () => {
    const decoder = createDecoder();
    expect(decoder.decode('', '{"id":"","model":"","choices":[],"prompt_filter_results":[]}')).toEqual([]);
    expect(decoder.decode('', chunk({ role: 'assistant', content: '' }))).toEqual([start]);
  });

  test.each([[[] as string[]], [['[DONE]']]])(
    'a stream cut before finish_reason has no end, whatever follows: %j',
    (tail) => {
      const decoder = createDecoder();
      decoder.decode('', chunk({ content: 'a' }));
      expect(tail.flatMap((data) => decoder.decode('', data))).toEqual([]);
      expect(decoder.finish()).toEqual([]);
      expect(decoder.complete).toBe(false);
    },
  );

  test('an error event throws an error that carries the fault', () => {
    const thrown = capture(() =>
      createDecoder().decode('', '{"error":{"message":"busy","type":"server_error","code":503}}'),
    );
    expect([thrown.code, thrown.fault?.status, thrown.fault?.message]).toEqual([
      'GW_UPSTREAM_OVERLOADED',
      503,
      'busy',
    ]);
    expect(capture(() => createDecoder().decode('error', '{"message":"x"}')).fault?.message).toBe('x');
    expect(capture(() => createDecoder().decode('', chunk({}, 'error'))).code).toBe('GW_UPSTREAM_ERROR');
  });

  test('a malformed event throws, and what follows makes no end of it', () => {
    const decoder = createDecoder();
    decoder.decode('', chunk({ content: 'a' }));
    expect(capture(() => decoder.decode('', '{"cho')).code).toBe('GW_UPSTREAM_BAD_OUTPUT');
    expect([decoder.complete, decoder.settled, decoder.ended]).toEqual([false, false, false]);
  });

  test('calls may be numbered behind blocks of text, but without a gap', () => {
    const whole = (index: number) =>
      chunk(call(index, { id: `c${index}`, function: { name: 'f', arguments: '{}' } }));
    const opened = (...events: string[]) => decode(...events).filter(({ kind }) => kind === 'open').length;
    expect(opened(chunk({ content: 'a' }), whole(1), whole(2), chunk({}, 'tool_calls'))).toBe(3);
    expect(capture(() => decode(chunk({ content: 'a' }), whole(0), whole(2))).code).toBe(
      'GW_UPSTREAM_BAD_OUTPUT',
    );
    expect(capture(() => decode(whole(1))).code).toBe('GW_UPSTREAM_BAD_OUTPUT');
  });

  test('a tool call that never gets a name is bad output', () => {
    const decoder = createDecoder();
    decoder.decode('', chunk(args(0, '{}')));
    decoder.decode('', chunk({}, 'tool_calls'));
    for (let again = 0; again < 2; again++) {
      expect(capture(() => decoder.finish()).code).toBe('GW_UPSTREAM_BAD_OUTPUT');
      expect(decoder.ended).toBe(false);
    }
  });

  test('an unknown finish_reason is kept as it was written', () => {
    expect(decode(chunk({ content: 'a' }, 'bored')).at(-2)).toMatchObject({
      kind: 'stop',
      reason: 'unknown:bored',
    });
  });
});

function capture(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('chunks that are alike but for their text', () => {
  const said = (deltas: readonly Delta[]): string[] =>
    deltas.flatMap((delta) => (delta.kind === 'text' ? [`${delta.index} ${delta.text}`] : []));

  test('say what each of them says, whatever it is spelled like', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }), (texts) => {
        const deltas = decode(...texts.map((content) => chunk({ content })), chunk({}, 'stop'), '[DONE]');
        expect(said(deltas)).toEqual(texts.map((text) => `0 ${text}`));
      }),
    );
  });

  test('belong to the block that is open when they come', () => {
    const deltas = decode(
      ...['a', 'b'].map((content) => chunk({ content })),
      chunk({ reasoning_content: 'hm' }),
      ...['c', 'd'].map((content) => chunk({ content })),
      chunk(call(0, { id: 'x', function: { name: 'f', arguments: '{}' } })),
      ...['e', 'f'].map((content) => chunk({ content })),
      chunk({}, 'tool_calls'),
      '[DONE]',
    );
    expect(said(deltas)).toEqual(['0 a', '0 b', '1 hm', '2 c', '2 d', '4 e', '4 f']);
  });

  test('still show what is told beside the text', () => {
    const logprobs = (token: string) => ({
      choices: [
        {
          index: 0,
          delta: { content: token },
          logprobs: { content: [{ token, logprob: -1, bytes: null, top_logprobs: [] }] },
          finish_reason: null,
        },
      ],
    });
    const deltas = decode(
      ...['a', 'b'].map((content) => chunk({ content })),
      ...['c', 'd'].map((token) => chunk({}, null, logprobs(token))),
      chunk({}, 'stop'),
      '[DONE]',
    );
    const odds = deltas.filter((delta) => delta.kind === 'text' && delta.logprobs !== undefined);
    expect(odds).toHaveLength(2);
  });

  test('are no fault where one is told under their name, and a fault is none of them', () => {
    const decoder = createDecoder();
    for (const content of ['a', 'b']) decoder.decode('', chunk({ content }));
    expect(() => decoder.decode('error', chunk({ content: 'c' }))).toThrow(GatewayError);
  });

  test('behind a finish_reason are noticed', () => {
    const decoder = createDecoder();
    for (const content of ['a', 'b']) decoder.decode('', chunk({ content }));
    decoder.decode('', chunk({}, 'stop'));
    decoder.decode('', chunk({ content: 'c' }));
    expect([decoder.complete, decoder.settled]).toEqual([true, false]);
  });
});
