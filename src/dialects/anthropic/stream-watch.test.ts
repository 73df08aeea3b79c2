import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createWatcher as createWatcherFor } from './stream-watch.ts';

const createWatcher = (): StreamWatcher => createWatcherFor({ requestId: 'req_1', model: 'claude-x' });
const START =
  '{"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":5}}}';
const openBlock = (type: string, index = 0): string =>
  `{"type":"content_block_start","index":${index},"content_block":{"type":"${type}","id":"t","name":"n"}}`;

/** A watcher of a message that has begun, with a block of the kind that `data` adds to. */
function begun(data = ''): StreamWatcher {
  const watcher = createWatcher();
  if (data.includes('message_start')) return watcher;
  watcher.watch('message_start', START);
  if (!/content_block_(delta|stop)/.test(data)) return watcher;
  const type = data.includes('input_json') ? 'tool_use' : data.includes('text_delta') ? 'text' : 'thinking';
  watcher.watch('content_block_start', openBlock(data.includes('citations') ? 'text' : type));
  return watcher;
}
const watch = (event: string, data: string): EventVerdict => begun(data).watch(event, data);

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const delta = (fields: string): string => `{"type":"content_block_delta","index":0,"delta":{${fields}}}`;

describe('watcher', () => {
  it.each(['message_stop', 'the close'])('tells a natural end behind a call as the call, by %s', (by) => {
    const watcher = begun();
    watcher.watch('content_block_start', openBlock('tool_use'));
    watcher.watch('content_block_stop', '{"type":"content_block_stop","index":0}');
    watcher.watch('message_delta', '{"type":"message_delta","delta":{"stop_reason":"end_turn"}}');
    if (by === 'message_stop') watcher.watch('message_stop', '{"type":"message_stop"}');
    else watcher.closing();
    expect(watcher.facts.stop).toBe('tool_use');
  });

  it('gathers id, model, usage and stop reason, and is complete once that is told', () => {
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
    expect([watcher.complete, watcher.ended]).toEqual([true, false]);
    expect(watcher.closing()).toBe('event: message_stop\ndata: {"type":"message_stop"}\n\n');
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
  ])('passes %s %s, content: %s', (event, data, content) => {
    expect(watch(event, data)).toEqual({ verdict: 'pass', content, instead: null });
  });

  it.each(['', 'message', 'ping', 'made_up'])(
    'names an event that is called %j by its type: SDKs read the name alone',
    (event) => {
      const data = delta('"type":"text_delta","text":"a"');
      expect(watch(event, data)).toEqual({
        verdict: 'pass',
        content: true,
        instead: `event: content_block_delta\ndata: ${data}\n\n`,
      });
    },
  );

  it.each([
    '',
    'x',
    '[]',
    '5',
    'null',
    '{}',
    '{"type":5}',
    '{"type":"ping"',
    delta('"type":"text_delta","text":"a\n"'),
    '{"type":"content_block_delte","index":0,"delta":{"type":"text_delta","text":"a"}}',
    delta('"type":"text_delte","text":"a"'),
    delta('"type":"text_delta","txet":"a"'),
    delta('"type":"text_delta","text":5'),
  ])('cannot read %j, and says so', (data) => {
    expect(failure(() => watch('message', data)).code).toBe('GW_UPSTREAM_BAD_OUTPUT');
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
    const { fault } = failure(() => watch('error', data));
    expect(fault).toMatchObject({
      dialect: 'anthropic',
      status,
      type,
      message: 'm',
      body: Buffer.from(data),
    });
  });

  it('reads a fault that only its name or its shape tells', () => {
    expect(failure(() => watch('error', 'upstream gone')).fault).toMatchObject({ status: 500, body: null });
    expect(failure(() => watch('', '{"error":{"message":"m"}}')).fault).toMatchObject({
      status: 500,
      message: 'm',
    });
    const typed = '{"type":"error","error":{"type":"overloaded_error","message":"m"}}';
    expect(failure(() => watch('', typed)).fault).toMatchObject({ status: 529 });
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
        const seen = (event: string): string => {
          const watcher = createWatcher();
          watcher.watch('message_start', START);
          watcher.watch('content_block_start', openBlock(BLOCK_OF[type]!));
          try {
            return `content ${watcher.watch(event, data).content}`;
          } catch (error) {
            return (error as GatewayError).code;
          }
        };
        const quick = seen('content_block_delta');
        if (parsed === null || typeof parsed.type !== 'string') expect(quick).toBe('GW_UPSTREAM_BAD_OUTPUT');
        // Whoever reads it slowly, because its name is missing, sees the same.
        if (hit === null) expect([quick, seen('')]).toEqual(['content true', 'content true']);
      }),
      { numRuns: 2000 },
    );
  });

  const BLOCK_OF: Record<string, string> = {
    text_delta: 'text',
    thinking_delta: 'thinking',
    input_json_delta: 'tool_use',
  };

  it('takes a delta of megabytes', () => {
    const text = 'a\\n'.repeat(1_000_000);
    expect(watch('content_block_delta', delta(`"type":"text_delta","text":"${text}"`)).content).toBe(true);
  });
});
