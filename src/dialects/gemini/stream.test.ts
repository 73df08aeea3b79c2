// Streams of this dialect: watched, decoded and written.
import { describe, expect, it } from 'vitest';
import { encoded } from '../../../tests/kit/told.ts';
import type { Delta } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isMadeUp } from './call-ids.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

const CONTEXT = { requestId: 'req_1', model: 'asked', now: 1, includeUsage: true };
const usage = (said: number) =>
  `"usageMetadata": {"promptTokenCount": 8,"candidatesTokenCount": ${said},"totalTokenCount": ${8 + said}}`;
const message = (parts: string, more = '', said = 1) =>
  `{"candidates": [{"content": {"parts": [${parts}],"role": "model"}${more},"index": 0}],${usage(said)},"modelVersion": "gemini-x","responseId": "r1"}`;
const text = (said: string, count = 1) => message(`{"text": ${JSON.stringify(said)}}`, '', count);
const finish = (reason = 'STOP', parts = '{"text": ""}', said = 9) =>
  message(parts, `,"finishReason": "${reason}"`, said);
const BLOCKED =
  '{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5}}';

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
  return 'fine';
}

describe('a stream, watched', () => {
  const watch = (...events: string[]) => {
    const watcher = createWatcher();
    const verdicts = events.map((data) => {
      const { verdict, content } = watcher.watch('', data);
      return `${verdict}${content ? '+' : ''}`;
    });
    return { watcher, verdicts };
  };

  it('goes through, and tells its end, model, id and last usage', () => {
    const { watcher, verdicts } = watch(text('a', 1), text('b "quoted"\n', 2), text('c', 30), finish());
    expect(verdicts).toEqual(['pass+', 'pass+', 'pass+', 'pass']);
    expect(watcher).toMatchObject({ complete: true, settled: true, ended: false });
    expect(watcher.facts).toMatchObject({
      stop: 'end',
      model: 'gemini-x',
      id: 'r1',
      usage: { input: 8, output: 9 },
    });
    expect(watcher.closing()).toBe('');
  });

  it('knows the usage of a stream that broke off, also of a message it did not parse', () => {
    const { watcher } = watch(text('a', 1), text('b', 22), text('c', 333));
    expect(watcher.complete).toBe(false);
    expect(watcher.facts.usage).toMatchObject({ input: 8, output: 333 });
    // The last one tells none.
    const bare = watch(text('a', 1), text('b', 22), '{"candidates":[{"finishReason":"STOP","index":0}]}');
    expect(bare.watcher.facts.usage).toMatchObject({ input: 8, output: 22 });
  });

  it('without content in it is known as such', () => {
    expect(watch(`{${usage(0)},"modelVersion":"m"}`, BLOCKED).verdicts).toEqual(['pass', 'pass']);
    expect(watch(message('{"functionCall":{"name":"f"}}')).verdicts).toEqual(['pass+']);
    expect(watch(message('{"text":"","thoughtSignature":"AA=="}')).verdicts).toEqual(['pass+']);
  });

  it('of a blocked prompt is complete', () => {
    const { watcher } = watch(BLOCKED);
    expect(watcher.complete).toBe(true);
    expect(watcher.facts).toMatchObject({ stop: 'content_filter', usage: { input: 5, output: 0 } });
  });

  it('of several candidates is complete when all are', () => {
    const of = (index: number, reason: string) =>
      `{"candidates":[{"index":${index},"content":{"parts":[{"text":"x"}]}${reason}}]}`;
    const done = ',"finishReason":"STOP"';
    expect(watch(of(0, ''), of(1, ''), of(0, done)).watcher.complete).toBe(false);
    expect(watch(of(0, ''), of(1, ''), of(0, done), of(1, done)).watcher.complete).toBe(true);
  });

  it('with content behind its finishReason is not over before it closes', () => {
    const { watcher } = watch(finish('STOP', '{"text":"a"}'), finish('STOP', '{"text":"b"}'));
    expect(watcher).toMatchObject({ complete: true, settled: false });
  });

  it('keeps a sentinel that a proxy added from its client', () => {
    const { watcher, verdicts } = watch(finish(), '[DONE]');
    expect(verdicts[1]).toBe('hide');
    expect(watcher).toMatchObject({ complete: true, ended: true });
    expect(watch(text('a'), '[DONE]').watcher).toMatchObject({ complete: false, ended: true });
    expect(failure(() => watcher.watch('', text('late')))).toBe('GW_UPSTREAM_BAD_OUTPUT');
  });

  it.each([
    ['no JSON', '{"candidates": [', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['no object', '[]', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['nothing of an answer', '{"x":1}', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['no list of candidates', '{"candidates":{}}', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['no candidate', '{"candidates":[7]}', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['a content that is none', '{"candidates":[{"content":7}]}', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['parts that are none', '{"candidates":[{"content":{"parts":{}}}]}', 'GW_UPSTREAM_BAD_OUTPUT'],
    ['a part that is none', message('7'), 'GW_UPSTREAM_BAD_OUTPUT'],
    ['a text that is none', message('{"text":7}'), 'GW_UPSTREAM_BAD_OUTPUT'],
    ['a call that is none', message('{"functionCall":7}'), 'GW_UPSTREAM_BAD_OUTPUT'],
    ['an error', '{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}', 'GW_UPSTREAM_OVERLOADED'],
    ['an error without a code', '{"error":{"status":"RESOURCE_EXHAUSTED"}}', 'GW_UPSTREAM_RATE_LIMIT'],
    ['output that it could not use', finish('MALFORMED_FUNCTION_CALL'), 'GW_UPSTREAM_ERROR'],
  ])('with %s ends', (_, data, code) => {
    expect(failure(() => createWatcher().watch('', data))).toBe(code);
    expect(failure(() => createDecoder().decode('', data))).toBe(code);
    // Behind good ones as well, where messages are known by what stands around their text.
    const watcher = createWatcher();
    watcher.watch('', text('a'));
    watcher.watch('', text('b'));
    expect(failure(() => watcher.watch('', data))).toBe(code);
  });

  it('whose message lost a byte ends, wherever it was', () => {
    const whole = text('some \\ text', 12);
    for (let at = 0; at < whole.length; at++) {
      const watcher = createWatcher();
      watcher.watch('', text('first', 1));
      const damaged = whole.slice(0, at) + whole.slice(at + 1);
      let valid = true;
      try {
        JSON.parse(damaged);
      } catch {
        valid = false;
      }
      if (!valid)
        expect(
          failure(() => watcher.watch('', damaged)),
          damaged,
        ).toBe('GW_UPSTREAM_BAD_OUTPUT');
    }
  });
});

function decode(...events: string[]): Delta[] {
  const decoder = createDecoder();
  const deltas = events.flatMap((data) => decoder.decode('', data));
  return [...deltas, ...decoder.finish()];
}

describe('a stream, decoded', () => {
  it('has blocks of thoughts and text, and one usage at its end', () => {
    const thought = (said: string) => message(`{"text": "${said}","thought": true}`);
    expect(decode(thought('a'), thought('b'), text('c'), text('d'), finish('MAX_TOKENS'))).toEqual([
      { kind: 'start', id: 'r1', model: 'gemini-x', created: null, usage: null },
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'a' },
      { kind: 'text', index: 0, text: 'b' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'text' },
      { kind: 'text', index: 1, text: 'c' },
      { kind: 'text', index: 1, text: 'd' },
      { kind: 'close', index: 1 },
      { kind: 'stop', reason: 'max_tokens', stopSequence: null },
      {
        kind: 'usage',
        usage: {
          input: 8,
          cacheRead: null,
          cacheWriteShort: null,
          cacheWriteLong: null,
          output: 9,
          reasoning: null,
        },
      },
      { kind: 'end' },
    ]);
  });

  it('has whole calls, with their proofs before them and all digits of their numbers', () => {
    const calls =
      '{"functionCall": {"id": "c1","name": "f","args": {"n": 12345678901234567890,"x": 1.0}},"thoughtSignature": "AA=="},{"functionCall": {"name": "g"}}';
    const deltas = decode(text('so'), finish('STOP', calls));
    expect(deltas.slice(3, 13)).toEqual([
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'reasoning' },
      { kind: 'signature', index: 1, signature: 'AA==' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'tool_call', id: 'c1', name: 'f' },
      { kind: 'arguments', index: 2, text: '{"n":12345678901234567890,"x":1.0}' },
      { kind: 'close', index: 2 },
      { kind: 'open', index: 3, block: 'tool_call', id: expect.toSatisfy(isMadeUp), name: 'g' },
      { kind: 'arguments', index: 3, text: '{}' },
      { kind: 'close', index: 3 },
    ]);
    expect(deltas[13]).toMatchObject({ kind: 'stop', reason: 'tool_use' });
  });

  it('keeps the signature of a last, empty text', () => {
    const deltas = decode(text('so'), finish('STOP', '{"text":"","thoughtSignature":"AA=="}'));
    expect(deltas.filter(({ kind }) => kind === 'signature')).toEqual([
      { kind: 'signature', index: 1, signature: 'AA==' },
    ]);
  });

  it('of a blocked prompt is a refusal', () => {
    expect(decode(BLOCKED).map((delta) => (delta.kind === 'stop' ? delta.reason : delta.kind))).toEqual([
      'start',
      'content_filter',
      'usage',
      'end',
    ]);
  });

  it('that broke off has no end', () => {
    expect(decode(text('a')).at(-1)).toEqual({ kind: 'text', index: 0, text: 'a' });
  });

  it('of two answers where one was asked for is refused', () => {
    const second = '{"candidates":[{"index":1,"content":{"parts":[{"text":"x"}]}}]}';
    expect(failure(() => decode(text('a'), second))).toBe('GW_UPSTREAM_BAD_OUTPUT');
  });
});

describe('a stream, written', () => {
  const write = (...deltas: Delta[]) =>
    encoded(createEncoder({ ...CONTEXT, toolIds: ['c1'] }), ...deltas)
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => JSON.parse(event.replace(/^data: /, '')) as JsonObject);
  const partsOf = (messages: JsonObject[]) =>
    messages.flatMap(
      (each) => (each['candidates'] as { content: { parts: JsonObject[] } }[])[0]!.content.parts,
    );

  it('has pieces as they come, calls whole, and the end and the usage in its last message', () => {
    const messages = write(
      { kind: 'start', id: 'a1', model: 'm', created: 1, usage: null },
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm' },
      { kind: 'signature', index: 0, signature: 'AA=' },
      { kind: 'signature', index: 0, signature: '=' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'text' },
      { kind: 'text', index: 1, text: 'so' },
      { kind: 'text', index: 1, text: '' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'reasoning' },
      { kind: 'signature', index: 2, signature: 'AQ==' },
      { kind: 'close', index: 2 },
      { kind: 'open', index: 3, block: 'tool_call', id: 'c1', name: 'f' },
      { kind: 'arguments', index: 3, text: '{"x":' },
      { kind: 'arguments', index: 3, text: '1.0}' },
      { kind: 'ping' },
      { kind: 'close', index: 3 },
      { kind: 'open', index: 4, block: 'redacted', data: 'x y' },
      { kind: 'close', index: 4 },
      { kind: 'stop', reason: 'tool_use', stopSequence: null },
      {
        kind: 'usage',
        usage: {
          input: 8,
          cacheRead: null,
          cacheWriteShort: null,
          cacheWriteLong: null,
          output: 9,
          reasoning: 4,
        },
      },
      { kind: 'end' },
    );
    expect(partsOf(messages)).toEqual([
      { text: 'hm', thought: true },
      { text: '', thought: true, thoughtSignature: 'AA==' },
      { text: 'so' },
      { functionCall: { id: 'c1_2', name: 'f', args: { x: 1 } }, thoughtSignature: 'AQ==' },
      { text: '', thought: true, thoughtSignature: Buffer.from('redacted:x y').toString('base64') },
      { text: '' },
    ]);
    for (const each of messages) expect(each).toMatchObject({ modelVersion: 'm', responseId: 'a1' });
    expect(messages.filter((each) => JSON.stringify(each).includes('finishReason'))).toHaveLength(1);
    expect(messages.at(-1)).toMatchObject({
      candidates: [{ finishReason: 'STOP', index: 0 }],
      usageMetadata: {
        promptTokenCount: 8,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 4,
        totalTokenCount: 17,
      },
    });
  });

  it('hangs a signature that nothing follows on an empty text', () => {
    const messages = write(
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'signature', index: 0, signature: 'AA==' },
      { kind: 'close', index: 0 },
      { kind: 'end' },
    );
    expect(partsOf(messages)).toEqual([{ text: '', thoughtSignature: 'AA==' }, { text: '' }]);
    expect(messages[0]).toMatchObject({ modelVersion: 'asked', responseId: 'req_1' });
  });

  it('comes back as it was said', () => {
    const deltas: Delta[] = [
      { kind: 'start', id: 'a1', model: 'm', created: null, usage: null },
      { kind: 'open', index: 0, block: 'reasoning' },
      { kind: 'text', index: 0, text: 'hm' },
      { kind: 'signature', index: 0, signature: 'AA==' },
      { kind: 'close', index: 0 },
      { kind: 'open', index: 1, block: 'reasoning' },
      { kind: 'signature', index: 1, signature: 'AQ==' },
      { kind: 'close', index: 1 },
      { kind: 'open', index: 2, block: 'tool_call', id: 'c9', name: 'f' },
      { kind: 'arguments', index: 2, text: '{"x":1.0}' },
      { kind: 'close', index: 2 },
      { kind: 'stop', reason: 'tool_use', stopSequence: null },
      {
        kind: 'usage',
        usage: {
          input: 8,
          cacheRead: null,
          cacheWriteShort: null,
          cacheWriteLong: null,
          output: 9,
          reasoning: null,
        },
      },
      { kind: 'end' },
    ];
    const events = encoded(createEncoder(CONTEXT), ...deltas)
      .split('\n\n')
      .filter((event) => event !== '');
    expect(decode(...events.map((event) => event.slice('data: '.length)))).toEqual(deltas);
  });
});
