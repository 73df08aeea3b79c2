import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoded } from '../../../tests/kit/told.ts';
import type { Delta, StopReason, Usage } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createEncoder } from './stream-encode.ts';

const CONTEXT = { requestId: 'req_1', model: 'asked-for', now: 0, includeUsage: true };
const start: Delta = { kind: 'start', id: 'chatcmpl-1', model: 'gpt-x', created: 1, usage: null };
const end: Delta = { kind: 'end' };
const tool = (index: number): Delta => ({
  kind: 'open',
  index,
  block: 'tool_call',
  id: `id${index}`,
  name: `n${index}`,
});
const text = (index: number, value: string): Delta => ({ kind: 'text', index, text: value });
const args = (index: number, value: string): Delta => ({ kind: 'arguments', index, text: value });
const close = (index: number): Delta => ({ kind: 'close', index });
const stop = (reason: StopReason): Delta => ({ kind: 'stop', reason, stopSequence: null });

interface Event {
  type: string;
  index?: number;
  delta?: Record<string, unknown>;
  content_block?: Record<string, unknown>;
  message?: Record<string, unknown>;
  usage?: Record<string, unknown>;
}

function events(...deltas: Delta[]): Event[] {
  const encoder = createEncoder(CONTEXT);
  const sse = encoded(encoder, ...deltas);
  return sse
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block)!;
      const event = JSON.parse(data!) as Event;
      expect(event.type).toBe(name);
      return event;
    });
}

describe('encoder', () => {
  it('writes text as Anthropic does, usage and stop reason at the end', () => {
    const usage: Usage = {
      input: 60,
      cacheRead: 20,
      cacheWriteShort: 10,
      cacheWriteLong: null,
      output: 7,
      reasoning: 2,
    };
    const open: Delta = { kind: 'open', index: 0, block: 'text' };
    expect(
      events(start, open, text(0, 'Hé\n'), close(0), stop('end'), { kind: 'usage', usage }, end),
    ).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_chatcmpl-1',
          type: 'message',
          role: 'assistant',
          model: 'gpt-x',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, output_tokens: 0 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé\n' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: {
          input_tokens: 30,
          cache_creation_input_tokens: 10,
          cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 0 },
          cache_read_input_tokens: 20,
          output_tokens: 7,
          output_tokens_details: { thinking_tokens: 2 },
        },
      },
      { type: 'message_stop' },
    ]);
  });

  it('makes an id and names the model asked for when the source has none', () => {
    const [first] = events({ ...start, id: '', model: '' });
    expect(first!.message).toMatchObject({ id: 'msg_req_1', model: 'asked-for' });
  });

  it('puts the signature right before the end of its thinking block', () => {
    const open: Delta = { kind: 'open', index: 0, block: 'reasoning' };
    const signature: Delta = { kind: 'signature', index: 0, signature: 'sig' };
    expect(events(start, open, signature, text(0, 'hm'), close(0)).slice(1)).toEqual([
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'sig' } },
      { type: 'content_block_stop', index: 0 },
    ]);
  });

  it('writes redacted thinking whole and a refusal as text', () => {
    const deltas: Delta[] = [
      { kind: 'open', index: 0, block: 'redacted', data: 'opaque' },
      close(0),
      { kind: 'open', index: 1, block: 'refusal' },
      text(1, 'no'),
      close(1),
      stop('refusal'),
      end,
    ];
    const written = events(start, ...deltas);
    expect(written[1]!.content_block).toEqual({ type: 'redacted_thinking', data: 'opaque' });
    expect(written[3]!.content_block).toEqual({ type: 'text', text: '' });
    expect(written.at(-2)!.delta!['stop_reason']).toBe('refusal');
  });

  it('sends the arguments of the open call at once and holds those of a later one back', () => {
    const encoder = createEncoder(CONTEXT);
    const send = (delta: Delta): string => encoded(encoder, delta);
    send(start);
    send(tool(0));
    expect(send(args(0, '{"a'))).toContain('"partial_json":"{\\"a"');
    expect(send(tool(1)) + send(args(1, '{}')) + send(close(1))).toBe('');
    expect(send(args(0, '":1}'))).toContain('"index":0');
    const rest = send(close(0));
    expect(rest.match(/event: (\w+)/g)).toEqual([
      'event: content_block_stop',
      'event: content_block_start',
      'event: content_block_delta',
      'event: content_block_stop',
    ]);
    expect(rest).toContain('"id":"id1"');
  });

  it.each([
    ['end', [], 'end_turn'],
    ['end', [tool(0), close(0)], 'tool_use'],
    ['unknown:x', [], 'end_turn'],
    ['stop_sequence', [], 'stop_sequence'],
    ['max_tokens', [tool(0), close(0)], 'max_tokens'],
    ['context_full', [], 'model_context_window_exceeded'],
    ['tool_use', [], 'tool_use'],
    ['content_filter', [], 'refusal'],
    ['pause', [], 'pause_turn'],
  ] as [StopReason, Delta[], string][])('ends %s after %j with %s', (reason, deltas, expected) => {
    expect(events(start, ...deltas, stop(reason), end).at(-2)!.delta!['stop_reason']).toBe(expected);
  });

  it('invents no stop reason and always has a usage object, which the SDKs read unasked', () => {
    const last = events(start, end).at(-2)!;
    expect(last.delta!['stop_reason']).toBeNull();
    expect(last.usage).toEqual({ input_tokens: 0, output_tokens: 0 });
  });

  it('passes pings on', () => {
    expect(encoded(createEncoder(CONTEXT), { kind: 'ping' })).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  });

  it('fails instead of holding back without end', () => {
    const encoder = createEncoder(CONTEXT);
    for (const delta of [start, tool(0), tool(1)]) encoded(encoder, delta);
    const much = 'x'.repeat(3 * 1024 * 1024);
    expect(() => {
      for (let round = 0; round < 3; round++) encoded(encoder, args(1, much));
    }).toThrow(GatewayError);
  });

  // Any interleaving: indexes rise by one, one block is open at a time, each call keeps its own arguments.
  it('straightens out any interleaving of parallel calls', () => {
    const piece = fc.string({ maxLength: 5 });
    const call = fc.oneof(
      fc.constant([]),
      fc.array(piece, { maxLength: 3 }).map((pieces) => ['{', ...pieces]),
    );
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat()),
        fc.boolean(),
        (calls, picks, closes) => {
          const queues = calls.map((pieces, index): Delta[] => [
            tool(index),
            ...pieces.map((piece) => args(index, piece)),
            ...(closes ? [close(index)] : []),
          ]);
          const mixed: Delta[] = [];
          for (let at = 0; queues.some((queue) => queue.length > 0); at++) {
            const filled = queues.filter((queue) => queue.length > 0);
            // A call opens only after the one before it.
            const opened = filled.filter(
              (queue) => queue[0]!.kind !== 'open' || queue === filled.find((q) => q[0]!.kind === 'open'),
            );
            mixed.push(opened[(picks[at] ?? 0) % opened.length]!.shift()!);
          }
          const written = events(start, ...mixed, stop('tool_use'), end);
          let openIndex = -1;
          const found: { id: unknown; args: string }[] = [];
          for (const event of written) {
            if (event.type === 'content_block_start') {
              expect(openIndex).toBe(-1);
              openIndex = event.index!;
              expect(openIndex).toBe(found.length);
              found.push({ id: event.content_block!['id'], args: '' });
            } else if (event.type === 'content_block_delta') {
              expect(event.index).toBe(openIndex);
              found.at(-1)!.args += String(event.delta!['partial_json']);
            } else if (event.type === 'content_block_stop') {
              expect(event.index).toBe(openIndex);
              openIndex = -1;
            }
          }
          expect(openIndex).toBe(-1);
          expect(found).toEqual(calls.map((pieces, index) => ({ id: `id${index}`, args: pieces.join('') })));
        },
      ),
    );
  });

  describe('a proof without words behind text', () => {
    const thinking = (index: number): Delta => ({ kind: 'open', index, block: 'reasoning' });
    const signed = (index: number, signature: string): Delta => ({ kind: 'signature', index, signature });
    const said: Delta[] = [start, { kind: 'open', index: 0, block: 'text' }, text(0, 'Hi'), close(0)];
    const told = (...deltas: Delta[]): unknown[] =>
      events(...said, ...deltas, stop('end'), end).flatMap(({ content_block: block, delta, index }) => {
        if (block !== undefined) return [[index, block['type']]];
        return delta?.['type'] === 'signature_delta' ? [[index, delta['signature']]] : [];
      });

    it('is left out at the end', () => {
      expect(told(thinking(1), signed(1, 'a'), close(1))).toEqual([[0, 'text']]);
      expect(told(thinking(1), text(1, ''), signed(1, 'a'))).toEqual([[0, 'text']]);
    });

    it('is told before the block that follows', () => {
      const proofs = [thinking(1), signed(1, 'a'), close(1), thinking(2), signed(2, 'b'), close(2)];
      expect(told(...proofs, tool(3), args(3, '{}'), close(3))).toEqual([
        [0, 'text'],
        [1, 'thinking'],
        [1, 'a'],
        [2, 'thinking'],
        [2, 'b'],
        [3, 'tool_use'],
      ]);
      // Also one that is still open when the next begins.
      expect(told(thinking(1), signed(1, 'a'), tool(2), close(1), close(2))).toEqual([
        [0, 'text'],
        [1, 'thinking'],
        [1, 'a'],
        [2, 'tool_use'],
      ]);
    });

    it('is told with the thoughts that it proves', () => {
      expect(told(thinking(1), text(1, 'hm'), signed(1, 'a'), close(1))).toEqual([
        [0, 'text'],
        [1, 'thinking'],
        [1, 'a'],
      ]);
    });
  });
});
