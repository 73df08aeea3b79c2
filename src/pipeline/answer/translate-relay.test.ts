// What the translated path tells of deltas. The rules it shares with the byte path: stream-relay.test.ts.
import { describe, expect, test } from 'vitest';
import type { Delta } from '../../contracts/chat.ts';
import type { StreamDecoder, StreamEncoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { sse } from '../../wire/sse.ts';
import { TranslateRelay } from './translate-relay.ts';

const start: Delta = { kind: 'start', id: 'a', model: 'm', created: null, usage: null };
const text: Delta = { kind: 'text', index: 0, text: 'x' };
const end: Delta = { kind: 'end' };

/** A relay whose upstream's events are deltas as JSON, and whose client is told their kinds. */
function setUp(gated = false, atClose: Delta[] = []) {
  const written: string[] = [];
  const decoder: StreamDecoder = {
    complete: true,
    settled: true,
    ended: false,
    facts: { usage: null, stop: null, model: null, id: null },
    decode(_event, data) {
      if (data === 'broken') throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
      return JSON.parse(data) as Delta[];
    },
    finish: () => atClose,
  };
  const encoder: StreamEncoder = {
    encode: (delta, out) => {
      if (delta.kind !== 'ping') out.emit('', delta.kind);
    },
  };
  const relay = new TranslateRelay(sse.createScanner({ maxEventBytes: 1 << 20 }), decoder, encoder, sse, {
    gated,
    write: (bytes) => void written.push(bytes.toString()),
    faulted: () => new GatewayError('GW_UPSTREAM_BAD_OUTPUT'),
    malformed() {},
  });
  const push = (...events: (Delta[] | string)[]): void =>
    relay.data(
      Buffer.from(
        events.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join(''),
      ),
    );
  return { relay, written, push };
}

const says = (...kinds: string[]): string => kinds.map((kind) => `data: ${kind}\n\n`).join('');

describe('what a chunk tells', () => {
  test('goes on at once, in one write', () => {
    const { written, push } = setUp();
    push([start], [text, text]);
    expect(written).toEqual([says('start', 'text', 'text')]);
    push([text]);
    expect(written).toEqual([says('start', 'text', 'text'), says('text')]);
  });

  test('and what is nothing to its client writes nothing', () => {
    const { written, push } = setUp();
    push([{ kind: 'ping' }], []);
    expect(written).toEqual([]);
  });

  test('ends with the end: what stands behind it is nobody’s', () => {
    const { relay, written, push } = setUp();
    push([text], [end], [text]);
    expect(written).toEqual([says('text', 'end')]);
    expect([relay.finished, relay.tokens]).toEqual([true, 1]);
  });

  test('before what cannot be read is the client’s, once content is in it', () => {
    const { written, push } = setUp();
    expect(() => push([start], [text], 'broken')).toThrow(GatewayError);
    expect(written).toEqual([says('start', 'text')]);
  });

  test('without content before what cannot be read is told to nobody', () => {
    const { written, push } = setUp();
    expect(() => push([start], 'broken')).toThrow(GatewayError);
    expect(written).toEqual([]);
  });
});

test('what the decoder still knows when the upstream closes is told', () => {
  const usage: Delta = {
    kind: 'usage',
    usage: {
      input: 1,
      cacheRead: null,
      cacheWriteShort: null,
      cacheWriteLong: null,
      output: 2,
      reasoning: null,
    },
  };
  const { relay, written, push } = setUp(false, [usage, end]);
  push([text]);
  relay.ended();
  expect(written).toEqual([says('text'), says('usage', 'end')]);
  expect(relay.finished).toBe(true);
});

describe('an answer is committed', () => {
  const open = { kind: 'open', index: 0 } as const;
  test.each<[string, Delta, boolean]>([
    ['text', text, true],
    ['a signature', { kind: 'signature', index: 0, signature: 's' }, true],
    ['arguments', { kind: 'arguments', index: 0, text: '{' }, true],
    ['the call of a tool', { ...open, block: 'tool_call', id: 'c', name: 'f' }, true],
    ['redacted reasoning', { ...open, block: 'redacted', data: 'd' }, true],
    ['a reason to stop', { kind: 'stop', reason: 'end', stopSequence: null }, true],
    ['an empty block of text', { ...open, block: 'text' }, false],
    ['an empty block of reasoning', { ...open, block: 'reasoning' }, false],
    ['its beginning', start, false],
  ])('by %s: %s %s', (_, delta, commits) => {
    const { relay, written, push } = setUp(true);
    push([delta]);
    expect(written).toEqual(commits ? [says(delta.kind)] : []);
    expect(relay.tokens).toBe(commits ? 1 : 0);
  });
});
