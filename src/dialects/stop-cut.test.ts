import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatAnswer, Delta, TokenLogprob } from '../contracts/chat.ts';
import type { StreamDecoder } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import { cutAnswer, cuttingDecoder } from './stop-cut.ts';

const usage = {
  input: 1,
  output: 9,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  reasoning: null,
};
const START: Delta = { kind: 'start', id: 'a', model: 'm', created: null, usage: null };
const END: Delta[] = [
  { kind: 'stop', reason: 'max_tokens', stopSequence: null },
  { kind: 'usage', usage },
  { kind: 'end' },
];
const open = (index: number, block: 'text' | 'reasoning' = 'text', choice = 0): Delta => ({
  kind: 'open',
  index,
  block,
  ...(choice > 0 && { choice }),
});
const say = (index: number, text: string): Delta => ({ kind: 'text', index, text });
const close = (index: number): Delta => ({ kind: 'close', index });
const call = (index: number): Delta => ({ kind: 'open', index, block: 'tool_call', id: 'c', name: 'f' });

/** A decoder whose events are deltas as JSON; `broken` is damage. */
function decoderOf(complete = (): boolean => true): StreamDecoder {
  return {
    get complete() {
      return complete();
    },
    get settled() {
      return complete();
    },
    ended: false,
    facts: { usage: null, stop: 'max_tokens', model: 'm', id: 'a' },
    decode(_event, data) {
      if (data === 'broken') throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
      return JSON.parse(data) as Delta[];
    },
    finish: () => [],
  };
}

const textOf = (deltas: readonly Delta[], block?: number): string =>
  deltas
    .flatMap((delta) => (delta.kind === 'text' && delta.index === (block ?? delta.index) ? [delta.text] : []))
    .join('');

function cut(deltas: readonly Delta[], stops = ['END'], choices = 1): Delta[] {
  const decoder = cuttingDecoder(decoderOf(), stops, choices);
  return deltas.flatMap((delta) => decoder.decode('', JSON.stringify([delta])));
}

describe('a stream', () => {
  test('ends its text, its block and its answer where a stop sequence begins, and keeps its usage', () => {
    const told = cut([START, open(0), say(0, 'one E'), say(0, 'ND two'), say(0, '!'), close(0), ...END]);
    expect(told).toEqual([
      START,
      open(0),
      say(0, 'one '),
      close(0),
      { kind: 'stop', reason: 'stop_sequence', stopSequence: 'END' },
      { kind: 'usage', usage },
      { kind: 'end' },
    ]);
  });

  test('without one is as it was, what was held back in front of the end of its block', () => {
    const told = cut([START, open(0), say(0, 'one E'), close(0), ...END]);
    expect(told).toEqual([START, open(0), say(0, 'one '), say(0, 'E'), close(0), ...END]);
  });

  test('is told nothing of what follows: texts, reasoning, calls', () => {
    const behind = [open(1, 'reasoning'), say(1, 'x'), close(1), call(2), close(2)];
    const told = cut([START, open(0), say(0, 'END'), close(0), ...behind, ...END]);
    expect(told.map(({ kind }) => kind)).toEqual(['start', 'open', 'close', 'stop', 'usage', 'end']);
  });

  test('looks into words only, and each text anew', () => {
    const deltas = [
      START,
      open(0, 'reasoning'),
      say(0, 'END'),
      close(0),
      call(1),
      { kind: 'arguments', index: 1, text: '"END"' } as const,
      close(1),
      open(2),
      say(2, 'EN'),
      close(2),
      open(3),
      say(3, 'D'),
      close(3),
      ...END,
    ];
    expect(cut(deltas).filter(({ kind }) => kind === 'stop')).toEqual([END[0]]);
  });

  test('behind a call ends with the call', () => {
    const told = cut([START, call(0), close(0), open(1), say(1, 'xEND'), close(1), ...END]);
    expect(told).toContainEqual({ kind: 'stop', reason: 'tool_use', stopSequence: null });
  });

  test('of several answers ends each at its own', () => {
    const told = cut(
      [
        START,
        open(0),
        open(1, 'text', 1),
        say(0, 'aEN'),
        say(1, 'bEND'),
        say(0, 'x'),
        say(1, 'y'),
        close(1),
        { kind: 'stop', reason: 'end', stopSequence: null, choice: 1 },
        close(0),
        ...END,
      ],
      ['END'],
      2,
    );
    expect([textOf(told, 0), textOf(told, 1)]).toEqual(['aENx', 'b']);
    expect(told.filter(({ kind }) => kind === 'stop')).toEqual([
      { kind: 'stop', reason: 'stop_sequence', stopSequence: 'END', choice: 1 },
      END[0],
    ]);
  });

  test('of several answers is over once each has an end, here or there', () => {
    const decoder = cuttingDecoder(
      decoderOf(() => false),
      ['END'],
      2,
    );
    const tell = (...deltas: Delta[]): Delta[] => decoder.decode('', JSON.stringify(deltas));
    tell(START, open(0), say(0, 'END'), open(1, 'text', 1), say(1, 'b'));
    expect([decoder.complete, decoder.whole]).toEqual([false, false]);
    tell(close(1), { kind: 'stop', reason: 'end', stopSequence: null, choice: 1 });
    expect([decoder.complete, decoder.whole]).toEqual([true, true]);
    expect(decoder.finish()).toEqual([{ kind: 'end' }]);
  });

  test('is complete from then on: what breaks off or is damaged behind is no part of it', () => {
    const decoder = cuttingDecoder(
      decoderOf(() => false),
      ['END'],
    );
    const tell = (...deltas: Delta[]): Delta[] => decoder.decode('', JSON.stringify(deltas));
    tell(START, open(0), say(0, 'one '));
    expect([decoder.complete, decoder.settled, decoder.whole]).toEqual([false, false, false]);
    expect(decoder.facts.stop).toBe('max_tokens');
    tell(say(0, 'END'));
    expect([decoder.complete, decoder.settled, decoder.whole]).toEqual([true, true, true]);
    expect(decoder.facts).toEqual({ usage: null, stop: 'stop_sequence', model: 'm', id: 'a' });
    expect(decoder.decode('', 'broken')).toEqual([{ kind: 'end' }]);
    expect(decoder.decode('', 'broken')).toEqual([]);
    expect(decoder.finish()).toEqual([]);
  });

  test('that breaks off behind it has its end', () => {
    const decoder = cuttingDecoder(
      decoderOf(() => false),
      ['END'],
    );
    decoder.decode('', JSON.stringify([START, open(0), say(0, 'END')]));
    expect(decoder.finish()).toEqual([{ kind: 'end' }]);
    expect(decoder.finish()).toEqual([]);
  });

  test('that is damaged before it is an error', () => {
    const decoder = cuttingDecoder(decoderOf(), ['END']);
    expect(() => decoder.decode('', 'broken')).toThrow(GatewayError);
  });

  test('tells of the tokens that it says, with the text they belong to', () => {
    const chance = (token: string): TokenLogprob => ({ token, logprob: -1, bytes: null, top: [] });
    const token = (text: string): Delta => ({ kind: 'text', index: 0, text, logprobs: [chance(text)] });
    const told = cut([START, open(0), token('one'), token(' E'), token('N'), token('o'), token('END')]);
    expect(told.filter(({ kind }) => kind === 'text')).toEqual([
      token('one'),
      { kind: 'text', index: 0, text: ' ' },
      { kind: 'text', index: 0, text: 'ENo', logprobs: [' E', 'N', 'o'].map(chance) },
    ]);
  });
});

describe('a whole answer', () => {
  const answer = (more: Partial<ChatAnswer> = {}): ChatAnswer => ({
    id: 'a',
    model: 'm',
    created: null,
    parts: [{ kind: 'text', text: 'one END two', cache: null }],
    stop: 'end',
    stopSequence: null,
    usage,
    ...more,
  });

  test('ends as its stream would, wherever that is split', () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('E', 'N', 'D', '\n', 'x'), maxLength: 6 }));
    fc.assert(
      fc.property(pieces, (texts) => {
        const stops = ['END', '\n\n', 'EE'];
        const deltas = [START, open(0), ...texts.map((text) => say(0, text)), close(0), ...END];
        const told = cut(deltas, stops);
        const parts = [{ kind: 'text' as const, text: texts.join(''), cache: null }];
        const whole = cutAnswer(answer({ parts, stop: 'max_tokens' }), stops);
        const said = whole.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
        expect(textOf(told)).toBe(said);
        const { stop: reason, stopSequence } = whole;
        expect(told.filter(({ kind }) => kind === 'stop')).toEqual([{ kind: 'stop', reason, stopSequence }]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('loses what is behind it, and keeps citations of what stays', () => {
    const cited = (start: number, end: number) => ({
      url: 'https://a.example',
      title: null,
      quote: null,
      range: { start, end },
      document: null,
    });
    const [first, second] = [cited(0, 3), cited(4, 7)];
    const cutOff = cutAnswer(
      answer({
        parts: [
          { kind: 'reasoning', text: 'END', signature: 's', redacted: null },
          { kind: 'text', text: 'one END two', cache: null, citations: [first, second] },
          { kind: 'tool_call', id: 'c', name: 'f', arguments: '{}', cache: null },
        ],
      }),
      ['END'],
    );
    expect(cutOff.parts).toEqual([
      { kind: 'reasoning', text: 'END', signature: 's', redacted: null },
      { kind: 'text', text: 'one ', cache: null, citations: [first] },
    ]);
    expect([cutOff.stop, cutOff.stopSequence, cutOff.usage]).toEqual(['stop_sequence', 'END', usage]);
  });

  test('of several ends each at its own', () => {
    const text = (words: string) => [{ kind: 'text' as const, text: words, cache: null }];
    const several = answer({
      parts: text('one'),
      others: [
        { parts: text('twoEND'), stop: 'max_tokens' },
        { parts: text('END'), stop: 'end' },
      ],
    });
    expect(cutAnswer(several, ['END'])).toEqual({
      ...several,
      others: [
        { parts: text('two'), stop: 'stop_sequence' },
        { parts: [], stop: 'stop_sequence' },
      ],
    });
  });
});
