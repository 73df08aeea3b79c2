import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWatcher } from './stream-watch.ts';

const watch = (event: string, data: string) => createWatcher().watch(event, data);
const delta = (fields: string): string => `{"type":"content_block_delta","index":0,"delta":{${fields}}}`;

describe('watcher', () => {
  it('gathers id, model, usage and stop reason, and is complete at message_stop only', () => {
    const watcher = createWatcher();
    watcher.watch(
      'message_start',
      '{"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":5,"cache_read_input_tokens":20,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":1}}}',
    );
    expect(watcher.facts.usage).toEqual({
      input: 55,
      cacheRead: 20,
      cacheWriteShort: 10,
      cacheWriteLong: 20,
      output: 1,
      reasoning: null,
    });
    watcher.watch(
      'message_delta',
      '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":7,"output_tokens":40,"output_tokens_details":{"thinking_tokens":12}}}',
    );
    expect(watcher.facts).toMatchObject({ id: 'msg_1', model: 'claude-x', stop: 'end' });
    expect(watcher.facts.usage).toMatchObject({ input: 57, cacheRead: 20, output: 40, reasoning: 12 });
    expect([watcher.complete, watcher.ended]).toEqual([false, false]);
    expect(watcher.watch('message_stop', '{"type":"message_stop"}').verdict).toBe('end');
    expect([watcher.complete, watcher.ended, watcher.closing()]).toEqual([true, true, '']);
  });

  it('says null of usage that nobody told', () => {
    const watcher = createWatcher();
    watcher.watch('message_start', '{"type":"message_start","message":{"id":"msg_1"}}');
    expect(watcher.facts.usage).toBeNull();
    watcher.watch('message_delta', '{"type":"message_delta","delta":{},"usage":{"output_tokens":0}}');
    expect(watcher.facts.usage).toMatchObject({ input: null, cacheRead: null, output: 0 });
  });

  it.each([
    ['ping', '{"type":"ping"}', false],
    ['message_start', '{"type":"message_start","message":{}}', false],
    [
      'content_block_start',
      '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
      false,
    ],
    [
      'content_block_start',
      '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
      false,
    ],
    [
      'content_block_start',
      '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}',
      true,
    ],
    [
      'content_block_start',
      '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}',
      true,
    ],
    [
      'content_block_start',
      '{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"x"}}',
      true,
    ],
    ['content_block_delta', delta('"type":"text_delta","text":""'), false],
    ['content_block_delta', delta('"type":"text_delta","text":"a"'), true],
    ['content_block_delta', delta('"text":"a","type":"text_delta"'), true],
    ['content_block_delta', delta('"type":"thinking_delta","thinking":"a"'), true],
    ['content_block_delta', delta('"type":"signature_delta","signature":"a"'), true],
    ['content_block_delta', delta('"type":"input_json_delta","partial_json":"{"'), true],
    ['content_block_delta', delta('"type":"input_json_delta","partial_json":""'), false],
    ['content_block_delta', delta('"type":"citations_delta","citation":{}'), false],
    ['content_block_stop', '{"type":"content_block_stop","index":0}', false],
    ['a_new_thing', '{"type":"a_new_thing"}', false],
    ['', delta('"type":"text_delta","text":"a"'), true],
    ['ping', delta('"type":"text_delta","text":"a"'), true],
  ])('passes %s %s, content: %s', (event, data, content) => {
    expect(watch(event, data)).toEqual({ verdict: 'pass', content, fault: null });
  });

  it.each([
    '',
    'x',
    '[]',
    '5',
    'null',
    '{}',
    '{"type":5}',
    '[DONE]',
    '{"type":"ping"',
    delta('"type":"text_delta","text":"a\n"'),
  ])('calls %j malformed', (data) => {
    expect(watch('message', data).verdict).toBe('malformed');
  });

  it.each([
    ['invalid_request_error', 400],
    ['authentication_error', 401],
    ['billing_error', 402],
    ['permission_error', 403],
    ['not_found_error', 404],
    ['request_too_large', 413],
    ['rate_limit_error', 429],
    ['api_error', 500],
    ['timeout_error', 504],
    ['overloaded_error', 529],
    ['brand_new_error', 500],
  ])('reads an error event of type %s as status %i', (type, status) => {
    const data = `{"type":"error","error":{"type":"${type}","message":"m"}}`;
    const { verdict, content, fault } = watch('error', data);
    expect({ verdict, content }).toEqual({ verdict: 'error', content: false });
    expect(fault).toMatchObject({
      dialect: 'anthropic',
      status,
      type,
      message: 'm',
      body: Buffer.from(data),
    });
  });

  it('reads a fault that only its name or its shape tells', () => {
    expect(watch('error', 'upstream gone').fault).toMatchObject({ status: 500, body: null });
    expect(watch('', '{"error":{"message":"m"}}').fault).toMatchObject({ status: 500, message: 'm' });
    expect(watch('', '{"type":"error","error":{"type":"overloaded_error","message":"m"}}').verdict).toBe(
      'error',
    );
  });

  // The quick test must never take what JSON.parse would refuse.
  it('agrees with JSON.parse on every delta, whole or damaged', () => {
    const kinds = fc.constantFrom(
      ['text_delta', 'text'],
      ['thinking_delta', 'thinking'],
      ['input_json_delta', 'partial_json'],
    );
    const damage = fc.option(
      fc.tuple(fc.nat(), fc.constantFrom('', '"', '\\', '\u0001', '}', ' ', ',', '\\u12', '0')),
    );
    const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(kinds, value, damage, ([type, key], text, hit) => {
        let data = delta(`"type":"${type}","${key}":${JSON.stringify(text)}`);
        if (hit !== null) {
          const at = hit[0] % data.length;
          data = data.slice(0, at) + hit[1] + data.slice(at + 1);
        }
        let parsed: { type?: unknown } | null = null;
        try {
          parsed = JSON.parse(data) as { type?: unknown };
        } catch {}
        const malformed = parsed === null || typeof parsed.type !== 'string';
        expect(watch('x', data).verdict === 'malformed').toBe(malformed);
        if (hit === null) expect(watch('x', data).content).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a delta of megabytes', () => {
    const text = 'a\\n'.repeat(1_000_000);
    expect(watch('x', delta(`"type":"text_delta","text":"${text}"`)).content).toBe(true);
  });
});
