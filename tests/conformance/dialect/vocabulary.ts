// What a dialect can say of an answer, seen in what its vendor sends.
import type { ChatAnswer, StopReason, Usage } from '../../../src/contracts/chat.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';
import type { DialectSamples } from './samples.ts';
import { eventsOf, heard } from './wire.ts';

export interface Vocabulary {
  /** Ids of answers; empty: it has none. */
  ids: string[];
  /** Its tool calls have ids of their own: they are not made up anew with each reading. */
  callIds: boolean;
  model: boolean;
  created: boolean;
  stopSequence: boolean;
  reasoning: boolean;
  signature: boolean;
  redacted: boolean;
  refusal: boolean;
  counters: ReadonlySet<keyof Usage>;
  stops: ReadonlySet<StopReason>;
  /** It has a word for an answer that was withheld. */
  withholds: boolean;
}

/** @param one and @param other the same answers, read twice. */
function learn(one: readonly ChatAnswer[], other: readonly ChatAnswer[]): Vocabulary {
  const parts = one.flatMap((answer) => answer.parts);
  const reasoning = parts.filter((part) => part.kind === 'reasoning');
  const ids = one.filter(({ id }, at) => id !== '' && id === other[at]!.id).map(({ id }) => id);
  const calls = parts.filter((part) => part.kind === 'tool_call');
  const again = other.flatMap((answer) => answer.parts.filter((part) => part.kind === 'tool_call'));
  const counted = one.flatMap(({ usage }) => (usage === null ? [] : Object.entries(usage)));
  return {
    ids: [...new Set(ids)],
    callIds: calls.every(({ id }, at) => id === again[at]!.id),
    model: one.some(({ model }) => model !== ''),
    created: one.some(({ created }) => created !== null),
    stopSequence: one.some(({ stopSequence }) => stopSequence !== null),
    reasoning: reasoning.length > 0,
    signature: reasoning.some(({ signature }) => signature !== null),
    redacted: reasoning.some(({ redacted }) => redacted !== null),
    refusal: parts.some((part) => part.kind === 'refusal'),
    // A Usage holds nothing but counts.
    counters: new Set(counted.flatMap(([name, count]) => (count === null ? [] : [name as keyof Usage]))),
    withholds: one.some(({ stop }) => stop === 'refusal' || stop === 'content_filter'),
    // What a refusal makes of the stop beside it is no word of its own.
    stops: new Set(
      one.flatMap(({ stop, parts: held }) =>
        stop === null || held.some((part) => part.kind === 'refusal') ? [] : [stop],
      ),
    ),
  };
}

/** What whole answers can say. */
export function answerVocabulary({ chat }: Dialect, { answers }: DialectSamples): Vocabulary {
  const read = () => Object.values(answers).map((body) => chat.decodeAnswer(body));
  return learn(read(), read());
}

/** What streams can say. */
export function streamVocabulary(dialect: Dialect, { streams }: DialectSamples): Vocabulary {
  const read = () => Object.values(streams).map((events) => heard(dialect, eventsOf(events)));
  return learn(read(), read());
}

function both<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...one].filter((item) => other.has(item)));
}

/** What goes through both. */
export function shared(one: Vocabulary, other: Vocabulary): Vocabulary {
  return {
    ids: other.ids.length > 0 ? one.ids : [],
    callIds: one.callIds && other.callIds,
    model: one.model && other.model,
    created: one.created && other.created,
    stopSequence: one.stopSequence && other.stopSequence,
    reasoning: one.reasoning && other.reasoning,
    signature: one.signature && other.signature,
    redacted: one.redacted && other.redacted,
    refusal: one.refusal && other.refusal,
    counters: both(one.counters, other.counters),
    stops: both(one.stops, other.stops),
    withholds: one.withholds && other.withholds,
  };
}
