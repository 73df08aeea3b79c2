// What a dialect can say of an answer: as its samples declare it, and that they show it.
import { expect, it } from 'vitest';
import type { ChatAnswer } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import type { DialectSamples, Word } from './samples.ts';
import { eventsOf, heard } from './wire.ts';

export interface Vocabulary {
  words: ReadonlySet<Word>;
  /** Ids of answers; empty: it has none. */
  ids: readonly string[];
  /** There is a word for an answer that was withheld, be it another's. */
  withholds: boolean;
  /** An answer may end in a proof without words behind its text. */
  endsProven: boolean;
}

/** Words that the answers hold. @param again the same answers, read once more: what differs was made up. */
function wordsOf(answers: readonly ChatAnswer[], again: readonly ChatAnswer[]): Set<Word> {
  const words = new Set<Word>();
  const note = (said: boolean, word: Word): void => {
    if (said) words.add(word);
  };
  for (const [at, { id, model, created, parts, stop, stopSequence, usage }] of answers.entries()) {
    note(id !== '' && id === again[at]!.id, 'id');
    note(model !== '', 'model');
    note(created !== null, 'created');
    note(stopSequence !== null, 'stop sequence');
    for (const [place, part] of parts.entries()) {
      const other = again[at]!.parts[place]!;
      if (part.kind === 'tool_call') note(other.kind === 'tool_call' && part.id === other.id, 'call ids');
      note(part.kind === 'refusal', 'refusals');
      if (part.kind !== 'reasoning') continue;
      note(part.text !== '', 'thoughts');
      note(part.signature !== null, 'signature');
      note(part.redacted !== null, 'redacted');
    }
    // What a refusal makes of the stop beside it is no word of its own.
    if (stop !== null && !parts.some((part) => part.kind === 'refusal')) words.add(stop);
    // A Usage holds nothing but counts.
    for (const [name, count] of Object.entries(usage ?? {})) note(count !== null, name as Word);
  }
  return words;
}

const readAnswers = ({ chat }: Dialect, { answers }: DialectSamples): ChatAnswer[] =>
  Object.values(answers).map((body) => chat.decodeAnswer(body));
const readStreams = (dialect: Dialect, { streams }: DialectSamples): ChatAnswer[] =>
  Object.values(streams).map((events) => heard(dialect, eventsOf(events)));

const idsOf = (answers: readonly ChatAnswer[], words: readonly Word[]): string[] =>
  words.includes('id') ? [...new Set(answers.map(({ id }) => id))] : [];

function vocabulary(
  says: readonly Word[],
  answers: readonly ChatAnswer[],
  { endsUnproven = false }: DialectSamples,
): Vocabulary {
  const withholds = says.includes('refusal') || says.includes('content_filter');
  return { words: new Set(says), ids: idsOf(answers, says), withholds, endsProven: !endsUnproven };
}

/** What whole answers can say. */
export function answerVocabulary(dialect: Dialect, samples: DialectSamples): Vocabulary {
  return vocabulary(samples.says, readAnswers(dialect, samples), samples);
}

/** What streams can say. */
export function streamVocabulary(dialect: Dialect, samples: DialectSamples): Vocabulary {
  const { says, streamsSay = says } = samples;
  return vocabulary(streamsSay, readStreams(dialect, samples), samples);
}

/** What goes through both; the ids are those of `one`. */
export function shared(one: Vocabulary, other: Vocabulary): Vocabulary {
  const words = new Set([...one.words].filter((word) => other.words.has(word)));
  return {
    words,
    ids: one.ids,
    withholds: one.withholds && other.withholds,
    endsProven: one.endsProven && other.endsProven,
  };
}

/** That the samples show what they declare, and so that the dialect reads it. */
export function vocabularyOf(dialect: Dialect, samples: DialectSamples): void {
  const { says, streamsSay = says } = samples;

  it('is read from whole answers, all of it', () => {
    const found = wordsOf(readAnswers(dialect, samples), readAnswers(dialect, samples));
    expect([...found].sort()).toEqual([...says].sort());
  });

  it('is read from streams, all of it', () => {
    const found = wordsOf(readStreams(dialect, samples), readStreams(dialect, samples));
    expect([...found].sort()).toEqual([...streamsSay].sort());
  });

  it('has what every dialect has', () => {
    expect([says, streamsSay].map((words) => words.includes('input') && words.includes('output'))).toEqual([
      true,
      true,
    ]);
    for (const answers of [readAnswers(dialect, samples), readStreams(dialect, samples)]) {
      const kinds = answers.flatMap(({ parts }) => parts.map(({ kind }) => kind));
      expect(kinds).toEqual(expect.arrayContaining(['text', 'tool_call']));
    }
  });
}
