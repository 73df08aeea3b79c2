import { describe, expect, test } from 'vitest';
import type { ChatAnswer, Delta } from '../../contracts/chat.ts';
import type { DeltaFilter } from '../../contracts/delta-filter.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { filterAnswer, filteringEncoder } from './filter-deltas.ts';

const text = (said: string): Delta => ({ kind: 'text', index: 0, text: said });
const say = (delta: Delta): string => (delta.kind === 'text' ? delta.text : delta.kind);

/** Passes everything on with its name behind each text, and has a last word. */
const named = (name: string): DeltaFilter => ({
  take: (delta, out) => out(delta.kind === 'text' ? text(delta.text + name) : delta),
  end: (out) => out(text(`last of ${name}`)),
});

/** An encoder that keeps what it is given, and where it was to say it. */
function listening() {
  const heard: [string, EventOut][] = [];
  return { heard, encoder: { encode: (delta: Delta, to: EventOut) => void heard.push([say(delta), to]) } };
}

const nowhere: EventOut = { emit() {}, emitLines() {} };

describe('a stream', () => {
  test('goes through its filters in order, the first next to the decoder', () => {
    const { heard, encoder } = listening();
    filteringEncoder(encoder, [named('a'), named('b')]).encode(text('x'), nowhere);
    expect(heard.map(([said]) => said)).toEqual(['xab']);
  });

  test('ends when each filter had its last word, and those behind it took that', () => {
    const { heard, encoder } = listening();
    filteringEncoder(encoder, [named('a'), named('b')]).encode({ kind: 'end' }, nowhere);
    expect(heard.map(([said]) => said)).toEqual(['last of ab', 'last of b', 'end']);
  });

  test('may be held back and let go in another event: it is said where that one is', () => {
    const { heard, encoder } = listening();
    const held: Delta[] = [];
    const filtered = filteringEncoder(encoder, [
      { take: (delta) => void held.push(delta), end: (out) => held.forEach(out) },
    ]);
    const [first, second] = [{ ...nowhere }, { ...nowhere }];
    filtered.encode(text('x'), first);
    expect(heard).toEqual([]);
    filtered.encode({ kind: 'end' }, second);
    expect(heard.map(([said]) => said)).toEqual(['x', 'end']);
    for (const [, to] of heard) expect(to).toBe(second);
  });

  test('hears what a filter throws', () => {
    const { heard, encoder } = listening();
    const refusal = new Error('no');
    const filtered = filteringEncoder(encoder, [
      {
        take() {
          throw refusal;
        },
        end() {},
      },
    ]);
    expect(() => filtered.encode(text('x'), nowhere)).toThrow(refusal);
    expect(heard).toEqual([]);
  });
});

describe('a whole answer', () => {
  const answer: ChatAnswer = {
    id: 'a',
    model: 'm',
    created: 7,
    parts: [
      { kind: 'text', text: 'x', cache: null },
      { kind: 'tool_call', id: 'c', name: 'f', arguments: '{"n":1}', cache: null },
    ],
    stop: 'tool_use',
    stopSequence: null,
    usage: { input: 3, cacheRead: 1, cacheWriteShort: 0, cacheWriteLong: 0, output: 2, reasoning: 1 },
  };

  test('that filters let pass is as it was', () => {
    const open: DeltaFilter = { take: (delta, out) => out(delta), end() {} };
    expect(filterAnswer(answer, [open])).toEqual(answer);
  });

  test('is changed as its stream would be', () => {
    const shout: DeltaFilter = {
      take: (delta, out) => out(delta.kind === 'text' ? text(delta.text.toUpperCase()) : delta),
      end() {},
    };
    const filtered = filterAnswer(answer, [shout, named('!')]);
    expect(filtered.parts[0]).toMatchObject({ text: 'X!last of !' });
    expect(filtered.parts[1]).toEqual(answer.parts[1]);
    expect(answer.parts[0]).toMatchObject({ text: 'x' });
  });
});
