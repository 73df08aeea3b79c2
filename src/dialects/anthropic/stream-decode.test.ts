import { describe, expect, it } from 'vitest';
import type { Delta } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createDecoder } from './stream-decode.ts';

const start = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'claude-x', usage: { input_tokens: 3, output_tokens: 1 } },
};
const stop = { type: 'message_stop' };
const open = (index: number, block: object): object => ({
  type: 'content_block_start',
  index,
  content_block: block,
});
const delta = (index: number, fields: object): object => ({
  type: 'content_block_delta',
  index,
  delta: fields,
});
const close = (index: number): object => ({ type: 'content_block_stop', index });
const end = (reason: string | null, usage?: object): object => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null },
  usage,
});

function decode(...events: (object | string)[]): Delta[] {
  const decoder = createDecoder();
  return events.flatMap((event) =>
    decoder.decode('', typeof event === 'string' ? event : JSON.stringify(event)),
  );
}

function failure(...events: (object | string)[]): GatewayError {
  try {
    decode(...events);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

const blocks = (deltas: Delta[]): Delta[] => deltas.filter(({ kind }) => kind !== 'start' && kind !== 'end');

describe('decoder', () => {
  it('tells text with usage and stop reason in order', () => {
    const usage = {
      input: 3,
      cacheRead: null,
      cacheWriteShort: null,
      cacheWriteLong: null,
      output: 1,
      reasoning: null,
    };
    expect(
      decode(
        start,
        open(0, { type: 'text', text: '' }),
        { type: 'ping' },
        delta(0, { type: 'text_delta', text: 'Hi' }),
        delta(0, { type: 'citations_delta', citation: {} }),
        delta(0, { type: 'text_delta', text: '' }),
        close(0),
        end('max_tokens', { output_tokens: 9 }),
        stop,
      ),
    ).toEqual([
      { kind: 'start', id: 'msg_1', model: 'claude-x', created: null, usage },
      { kind: 'open', index: 0, block: 'text' },
      { kind: 'ping' },
      { kind: 'text', index: 0, text: 'Hi' },
      { kind: 'close', index: 0 },
      { kind: 'stop', reason: 'max_tokens', stopSequence: null },
      { kind: 'usage', usage: { ...usage, output: 9 } },
      { kind: 'end' },
    ]);
  });

  it('tells thinking with its signature, and redacted thinking whole', () => {
    expect(
      blocks(
        decode(
          start,
          open(0, { type: 'thinking', thinking: '', signature: '' }),
          delta(0, { type: 'thinking_delta', thinking: 'hm' }),
          delta(0, { type: 'signature_delta', signature: 'sig' }),
          close(0),
          open(1, { type: 'redacted_thinking', data: 'opaque' }),
          close(1),
        ),
      ),
    ).toEqual([
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm' },
      { kind: 'signature', index: 0, signature: 'sig' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'redacted', data: 'opaque' },
      { kind: 'close', index: 1 },
    ]);
  });

  it('tells tool arguments in the pieces they come in', () => {
    expect(
      blocks(
        decode(
          start,
          open(0, { type: 'tool_use', id: 't', name: 'fs_x2e_read', input: {} }),
          delta(0, { type: 'input_json_delta', partial_json: '' }),
          delta(0, { type: 'input_json_delta', partial_json: '{"a":' }),
          delta(0, { type: 'input_json_delta', partial_json: '1}' }),
          close(0),
        ),
      ),
    ).toEqual([
      { kind: 'open', index: 0, block: 'tool_call', id: 't', name: 'fs.read' },
      { kind: 'arguments', index: 0, text: '{"a":' },
      { kind: 'arguments', index: 0, text: '1}' },
      { kind: 'close', index: 0 },
    ]);
  });

  it('takes arguments that stand in the start when no piece follows, digits kept, and {} for none', () => {
    const whole =
      '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{"id":12345678901234567890}}}';
    const args = (deltas: Delta[]): string[] =>
      deltas.flatMap((one) => (one.kind === 'arguments' ? [one.text] : []));
    expect(args(decode(start, whole, close(0)))).toEqual(['{"id":12345678901234567890}']);
    expect(
      args(decode(start, whole, delta(0, { type: 'input_json_delta', partial_json: '{}' }), close(0))),
    ).toEqual(['{}']);
    expect(
      args(decode(start, open(0, { type: 'tool_use', id: 't', name: 'n', input: {} }), close(0))),
    ).toEqual(['{}']);
  });

  it('passes over blocks of server tools and numbers the others without a gap', () => {
    const deltas = decode(
      start,
      open(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{}' }),
      close(0),
      open(1, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
      close(1),
      open(2, { type: 'text', text: 'found' }),
      close(2),
      { type: 'a_new_thing' },
    );
    expect(blocks(deltas)).toEqual([
      { kind: 'open', index: 0, block: 'text' },
      { kind: 'text', index: 0, text: 'found' },
      { kind: 'close', index: 0 },
    ]);
  });

  it('closes what an upstream left open, and takes nothing after message_stop', () => {
    const deltas = decode(
      start,
      open(0, { type: 'text', text: '' }),
      end('end_turn'),
      stop,
      delta(0, { type: 'text_delta', text: 'x' }),
    );
    expect(deltas.map(({ kind }) => kind)).toEqual(['start', 'open', 'close', 'stop', 'usage', 'end']);
  });

  it('is complete without message_stop once a stop reason is told and no block is open', () => {
    const decoder = createDecoder();
    const take = (event: object) => decoder.decode('', JSON.stringify(event));
    take(start);
    take(open(0, { type: 'text', text: '' }));
    take(delta(0, { type: 'text_delta', text: 'x' }));
    take(end('end_turn', { output_tokens: 1 }));
    expect([decoder.complete, decoder.finish()]).toEqual([false, []]);
    take(close(0));
    expect(decoder.complete).toBe(true);
    expect(decoder.decode('', '[DONE]')).toEqual([]);
    expect(decoder.finish().map(({ kind }) => kind)).toEqual(['stop', 'usage', 'end']);
    expect(decoder.finish()).toEqual([]);
  });

  it('is not complete when message_stop comes without a message_delta', () => {
    const decoder = createDecoder();
    for (const event of [start, open(0, { type: 'text', text: 'x' }), close(0)]) {
      decoder.decode('', JSON.stringify(event));
    }
    expect(decoder.decode('', JSON.stringify(stop))).toEqual([]);
    expect([decoder.complete, decoder.ended, decoder.finish()]).toEqual([false, true, []]);
  });

  it.each([
    [null, 'text', 'end'],
    [null, 'tool_use', 'tool_use'],
    ['tool_use', 'text', 'end'],
    ['end_turn', 'tool_use', 'tool_use'],
    ['max_tokens', 'tool_use', 'max_tokens'],
  ])('reads stop_reason %j behind a %s block as %s', (reason, type, stopped) => {
    const block = type === 'text' ? { type, text: 'x' } : { type, id: 't', name: 'n', input: {} };
    expect(decode(start, open(0, block), close(0), end(reason), stop)).toContainEqual(
      expect.objectContaining({ kind: 'stop', reason: stopped }),
    );
  });

  it('keeps a stop reason it does not know', () => {
    expect(decode(start, end('brand_new'), stop)).toContainEqual({
      kind: 'stop',
      reason: 'unknown:brand_new',
      stopSequence: null,
    });
  });

  it.each([
    ['not json'],
    ['{}'],
    ['{"type":"content_block_start","index":0}'],
    ['{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"x"}}'],
    ['{"type":"content_block_stop"}'],
  ])('fails with bad output on %s', (data) => {
    expect(failure(start, data).code).toBe('GW_UPSTREAM_BAD_OUTPUT');
  });

  it('fails with the fault of an error event', () => {
    const error = failure(start, '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}');
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_OVERLOADED', status: 529, publicMessage: 'busy' });
    expect(error.fault?.type).toBe('overloaded_error');
  });
});
