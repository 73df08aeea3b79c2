import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamWatcher } from '../../contracts/dialect.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import { ChunkSkeleton } from './chunk-skeleton.ts';
import { createWatcher } from './stream-watch.ts';

const chunk = (content: string, more: object = {}): string =>
  JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content, ...more } }] });

function learned(data: string, content: string): ChunkSkeleton {
  const skeleton = new ChunkSkeleton();
  skeleton.learn(data, content);
  return skeleton;
}

describe('a chunk like the one before', () => {
  test('is known by what stands around its text', () => {
    const skeleton = learned(chunk('one'), 'one');
    expect(skeleton.matches(chunk('two three é 漢'))).toBe(true);
    expect(skeleton.matches(chunk('one', { role: 'assistant' }))).toBe(false);
    expect(
      learned('{"choices":[{"delta":{"content": "a"}}]}', 'a').matches(
        '{"choices":[{"delta":{"content": "b"}}]}',
      ),
    ).toBe(true);
  });

  test('with an escape, a quote, a control character or no text in it is read like any other', () => {
    const skeleton = learned(chunk('one'), 'one');
    for (const text of ['', 'a"b', 'a\\b', 'a\nb']) expect(skeleton.matches(chunk(text))).toBe(false);
    const [before, behind] = chunk('one').split('one') as [string, string];
    for (const raw of ['a"b', '","content":"b', 'a\tb', 'a\\', '\\"']) {
      expect(skeleton.matches(before + raw + behind)).toBe(false);
    }
    expect(skeleton.matches(before + behind)).toBe(false);
    expect(skeleton.matches(before)).toBe(false);
    expect(skeleton.matches(before.slice(0, -1) + behind.slice(1))).toBe(false);
  });

  test('is not learned where its text may stand elsewhere', () => {
    for (const data of [
      '{"content":"a","choices":[{"delta":{"content":"a"}}]}',
      '{"kind":"content","choices":[{"delta":{"content":"a"}}]}',
      '{"x\\"content":"a","choices":[{"delta":{"c\\u006fntent":"a"}}]}',
      '{"choices":[{"delta":{"content":"\\u0061"}}]}',
      '{"choices":[{"delta":{"content":  "a"}}]}',
    ]) {
      expect(learned(data, 'a').matches(data)).toBe(false);
    }
  });

  test('is no longer looked for in a stream whose chunks differ elsewhere too', () => {
    const skeleton = new ChunkSkeleton();
    const padded = (at: number): string => chunk('a', { padding: String(at) });
    for (let at = 0; at < 20; at++) {
      expect(skeleton.matches(padded(at))).toBe(false);
      skeleton.learn(padded(at), 'a');
    }
    expect(skeleton.matches(padded(7))).toBe(true);
    expect(skeleton.matches(padded(19))).toBe(false);
  });
});

describe('a watcher that knows chunks', () => {
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: 'grapheme' }).map((text) => chunk(text)) },
    fc.string().map((text) => chunk(text, { tool_calls: [{ index: 0 }] })),
    fc
      .constantFrom('stop', 'length')
      .map((finish_reason) =>
        JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'x' }, finish_reason }] }),
      ),
    fc
      .nat(9)
      .map((index) => JSON.stringify({ id: 'd', model: 'm', choices: [{ index, delta: { content: 'y' } }] })),
    fc.nat(99).map((n) =>
      JSON.stringify({
        choices: [{ delta: { content: 'z' } }],
        usage: { prompt_tokens: n, completion_tokens: n },
      }),
    ),
    fc.constant(JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })),
    fc.string().map((junk) => `${chunk('a').slice(0, -5)}${junk}`),
  );

  const said = (watcher: StreamWatcher, data: string): unknown => {
    try {
      return watcher.watch('', data);
    } catch (error) {
      return (error as GatewayError).code;
    }
  };

  test('says the same of every event, and learns the same facts, as one that parses each', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const quick = createWatcher({ includeUsage: false });
        const slow = createWatcher({ includeUsage: false });
        events.forEach((data, at) => {
          // Blanks in front never match what was learned with another number of them.
          expect(said(quick, data)).toEqual(said(slow, ' '.repeat(at + 1) + data));
          expect([quick.facts, quick.settled]).toEqual([slow.facts, slow.settled]);
        });
      }),
    );
  });
});
