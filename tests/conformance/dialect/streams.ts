// Streams: read, watched, cut, and there and back.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AnswerFacts, ChatAnswer, Delta } from '../../../src/contracts/chat.ts';
import type { Dialect, StreamReader, StreamWatcher } from '../../../src/contracts/dialect.ts';
import { GatewayError } from '../../../src/contracts/errors.ts';
import { assemble, deltasOf } from '../deltas.ts';
import { answers } from '../neutral-forms.ts';
import { expectKept, sayable } from './kept.ts';
import type { DialectSamples } from './samples.ts';
import { shared, streamVocabulary } from './vocabulary.ts';
import { CONTEXT, decodeAll, encodeAll, eventsOf, frames, heard, scan, type WireEvent } from './wire.ts';

const holdsContent = (deltas: readonly Delta[]): boolean =>
  deltas.some(({ kind }) => kind === 'text' || kind === 'arguments');

const state = ({ complete, settled, ended }: StreamReader) => ({ complete, settled, ended });
const factsOf = ({ usage, stop, model, id }: AnswerFacts): AnswerFacts => ({ usage, stop, model, id });

/** A stream that the dialect writes of an answer. */
function written(dialect: Dialect, answer: ChatAnswer, size = 3, interleave = false): Buffer {
  return encodeAll(dialect, deltasOf(answer, size, interleave));
}

/** Watches the events; bytes that an event lacked, and what the close adds, stand in their place. */
function watched(dialect: Dialect, watcher: StreamWatcher, events: readonly WireEvent[]): Buffer {
  const out: Buffer[] = [];
  for (const [at, frame] of frames(dialect, events).entries()) {
    const { verdict, instead } = watcher.watch(events[at]!.event, events[at]!.data);
    if (verdict !== 'hide') out.push(instead === null ? frame : Buffer.from(instead));
  }
  out.push(Buffer.from(watcher.closing()));
  return Buffer.concat(out);
}

/** Of the dialect alone. */
export function streamsOf(dialect: Dialect, samples: DialectSamples): void {
  const { chat } = dialect;
  const words = streamVocabulary(dialect, samples);
  const ended = samples.endsByClose !== true;
  const streams = Object.entries(samples.streams).map(([name, sample]) => [name, eventsOf(sample)] as const);

  it.each(streams)('reads "%s" the same wherever its bytes are cut', (_, events) => {
    const bytes = Buffer.concat(frames(dialect, events));
    const whole = scan(dialect, [bytes]);
    expect(whole).toEqual(events);
    for (let at = 1; at < bytes.length; at++) {
      expect(scan(dialect, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
    expect(
      scan(
        dialect,
        Array.from(bytes, (byte) => Buffer.from([byte])),
      ),
    ).toEqual(whole);
  });

  it.each(streams)('watches and decodes "%s" alike, event by event', (_, events) => {
    const watcher = chat.createWatcher(CONTEXT);
    const decoder = chat.createDecoder();
    let seen = false;
    for (const { event, data } of events) {
      // A decoder may hold back what is not whole; what it tells was there.
      const { content } = watcher.watch(event, data);
      seen ||= content;
      if (holdsContent(decoder.decode(event, data))) expect(seen, data).toBe(true);
      expect(state(watcher), data).toEqual(state(decoder));
    }
    expect(seen).toBe(true);
    expect(state(decoder)).toEqual({ complete: true, settled: true, ended });
    decoder.finish();
    expect(factsOf(watcher.facts)).toEqual(factsOf(decoder.facts));
  });

  it.each(streams)('takes no beginning of "%s" for the whole', (_, events) => {
    const whole = heard(dialect, events);
    for (let count = 0; count < events.length; count++) {
      const first = events.slice(0, count);
      const watcher = chat.createWatcher(CONTEXT);
      const bytes = watched(dialect, watcher, first);
      const decoder = chat.createDecoder();
      const deltas = decodeAll(decoder, first);
      const ends = deltas.some(({ kind }) => kind === 'end');
      expect(ends, `after ${count} events`).toBe(watcher.complete);
      if (!watcher.complete) {
        expect(watcher.closing()).toHaveLength(0);
        continue;
      }
      // All is said: closed by us, it is whole.
      const closed = scan(dialect, [bytes]);
      const reader = chat.createDecoder();
      const { parts, stop } = assemble(decodeAll(reader, closed));
      expect({ parts, stop }).toEqual({ parts: whole.parts, stop: whole.stop });
      expect(state(reader)).toEqual({ complete: true, settled: true, ended });
    }
  });

  it.each(streams)('says the genuine stream "%s" again as it was', (_, events) => {
    const deltas = decodeAll(chat.createDecoder(), events);
    expect(heard(dialect, scan(dialect, [encodeAll(dialect, deltas)]))).toEqual(assemble(deltas));
  });

  it('keeps what a stream says, in pieces of any size and with calls side by side', () => {
    const cut = fc.record({ size: fc.integer({ min: 1, max: 6 }), interleave: fc.boolean(), pick: fc.nat() });
    fc.assert(
      fc.property(answers, cut, (made, { size, interleave, pick }) => {
        const answer = { ...made, id: words.ids[pick % words.ids.length] ?? '' };
        fc.pre(sayable(answer, words));
        const events = scan(dialect, [written(dialect, answer, size, interleave)]);
        const once = heard(dialect, events);
        expectKept(once, answer, words);
        expect(heard(dialect, scan(dialect, [written(dialect, once, size, interleave)]))).toEqual(once);
      }),
    );
  });

  it('writes streams that its watcher finds whole, and that commit with their first content', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        fc.pre(sayable(answer, words));
        const events = scan(dialect, [written(dialect, answer)]);
        const watcher = chat.createWatcher(CONTEXT);
        const verdicts = events.map(({ event, data }) => {
          const { verdict, content, instead } = watcher.watch(event, data);
          return { verdict, content, instead };
        });
        expect(state(watcher)).toEqual({ complete: true, settled: true, ended });
        expect(watcher.closing()).toHaveLength(0);
        expect(verdicts.every(({ instead }) => instead === null)).toBe(true);
        expect(verdicts.filter(({ verdict }) => verdict === 'hide')).toEqual([]);
        expect(verdicts.filter(({ verdict }) => verdict === 'end')).toHaveLength(ended ? 1 : 0);
        expect(verdicts.at(-1)!.verdict).toBe(ended ? 'end' : 'pass');
        expect(verdicts.some(({ content }) => content)).toBe(true);
        const decoder = chat.createDecoder();
        decodeAll(decoder, events);
        expect(factsOf(watcher.facts)).toEqual(factsOf(decoder.facts));
      }),
    );
  });
}

/** Of an upstream that speaks `from`, for a client of `to`. */
export function streamsBetween(
  from: Dialect,
  to: Dialect,
  all: Readonly<Record<string, DialectSamples>>,
): void {
  const source = streamVocabulary(from, all[from.name]!);
  const words = shared(source, streamVocabulary(to, all[to.name]!));
  /** The upstream's stream as its client has it. */
  const translated = (events: readonly WireEvent[]): ChatAnswer =>
    heard(to, scan(to, [encodeAll(to, decodeAll(from.chat.createDecoder(), events))]));

  it.each(Object.entries(all[from.name]!.streams))('tells the genuine stream "%s"', (_, sample) => {
    const events = eventsOf(sample);
    const answer = heard(from, events);
    if (sayable(answer, words)) expectKept(translated(events), answer, words);
    else expect(() => translated(events)).toThrow(GatewayError);
  });

  it('tells what a stream says', () => {
    fc.assert(
      fc.property(answers, fc.nat(), fc.boolean(), (made, pick, interleave) => {
        const answer = { ...made, id: source.ids[pick % source.ids.length] ?? '' };
        fc.pre(sayable(answer, words));
        expectKept(translated(scan(from, [written(from, answer, 4, interleave)])), answer, words);
      }),
    );
  });
}
