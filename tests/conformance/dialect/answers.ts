// Whole answers, there and back.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseLossless } from '../../../src/body/lossless.ts';
import type { ChatAnswer } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import { GatewayError } from '../../../src/contracts/errors.ts';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { answers } from '../neutral-forms.ts';
import { expectKept, sayable } from './kept.ts';
import type { DialectSamples } from './samples.ts';
import { answerVocabulary, shared } from './vocabulary.ts';
import { CONTEXT } from './wire.ts';

function through({ chat }: Dialect, answer: ChatAnswer): ChatAnswer {
  // A string that encodeAnswer wrote is an object.
  return chat.decodeAnswer(parseLossless(chat.encodeAnswer(answer, CONTEXT), true) as JsonObject);
}

/** Of the dialect alone. */
export function answersOf(dialect: Dialect, samples: DialectSamples): void {
  const words = answerVocabulary(dialect, samples);

  it.each(Object.entries(samples.answers))('says the genuine answer "%s" again as it was', (_, body) => {
    const answer = dialect.chat.decodeAnswer(body);
    expect(through(dialect, answer)).toEqual(answer);
  });

  it.each(Object.entries(samples.answers))('reads the facts of "%s" as it decodes them', (_, body) => {
    const { usage, stop, model, id } = dialect.chat.decodeAnswer(body);
    const facts = dialect.chat.readAnswer(body);
    expect({ usage: facts.usage, stop: facts.stop, model: facts.model ?? '' }).toEqual({
      usage,
      stop,
      model,
    });
    if (words.ids.includes(id)) expect(facts.id).toBe(id);
  });

  it('keeps what an answer says, and says what it said the same again', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (made, pick) => {
        const answer = { ...made, id: words.ids[pick % words.ids.length] ?? '' };
        fc.pre(sayable(answer, words));
        const once = through(dialect, answer);
        expectKept(once, answer, words);
        expect(through(dialect, once)).toEqual(once);
      }),
    );
  });
}

/** Of an upstream that speaks `from`, for a client of `to`. */
export function answersBetween(
  from: Dialect,
  to: Dialect,
  all: Readonly<Record<string, DialectSamples>>,
): void {
  const source = answerVocabulary(from, all[from.name]!);
  const words = shared(source, answerVocabulary(to, all[to.name]!));

  it.each(Object.entries(all[from.name]!.answers))('tells the genuine answer "%s"', (_, body) => {
    const answer = from.chat.decodeAnswer(body);
    if (sayable(answer, words)) expectKept(through(to, answer), answer, words);
    else expect(() => through(to, answer)).toThrow(GatewayError);
  });

  it('tells what an answer says', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (made, pick) => {
        const answer = { ...made, id: source.ids[pick % source.ids.length] ?? '' };
        fc.pre(sayable(answer, words));
        expectKept(through(to, through(from, answer)), answer, words);
      }),
    );
  });
}
