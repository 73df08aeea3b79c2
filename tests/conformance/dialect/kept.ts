// What an answer must still say when it was written in one dialect or more and read again.
import { expect } from 'vitest';
import type { ChatAnswer, Part, StopReason, Usage } from '../../../src/contracts/chat.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Reasons that tell a client the same when its dialect has not the very one. */
function stopClass(stop: StopReason | null): string {
  switch (stop) {
    case 'max_tokens':
    case 'context_full':
    case 'pause':
      return 'cut short';
    case 'refusal':
    case 'content_filter':
      return 'withheld';
    case 'tool_use':
      return 'calls';
    default:
      return 'natural';
  }
}

/** False for an answer that was withheld, where nobody's vendor has a word for it but that of a failure. */
export function sayable({ stop }: ChatAnswer, { withholds }: Vocabulary): boolean {
  return withholds || stopClass(stop) !== 'withheld';
}

/** Fails unless `heard` says what `told` did, as far as the vocabulary goes. */
export function expectKept(heard: ChatAnswer, told: ChatAnswer, { words, endsProven }: Vocabulary): void {
  const parts = endsProven ? told.parts : unproven(told.parts);
  expect(essence(heard, words)).toEqual(essence({ ...told, parts }, words));
  if (told.stop !== null && words.has(told.stop)) expect(heard.stop).toBe(told.stop);
  // An id may be spelled the client's way, around the one it has.
  if (words.has('id')) expect(heard.id).toContain(told.id);
  if (words.has('model')) expect(heard.model).toBe(told.model);
  if (words.has('created')) expect(heard.created).toBe(told.created);
  if (words.has('stop sequence') && heard.stop === 'stop_sequence') {
    expect(heard.stopSequence).toBe(told.stopSequence);
  }
  for (const name of ['cacheRead', 'reasoning'] as const) {
    // Lost is better than wrong.
    if (!words.has(name)) expect([0, told.usage?.[name] ?? 0]).toContain(heard.usage?.[name] ?? 0);
  }
}

type Words = Vocabulary['words'];

/** Without the proofs of nothing behind a last text. */
function unproven(parts: readonly Part[]): Part[] {
  const said = parts.findLastIndex(
    (part) => part.kind !== 'reasoning' || part.text !== '' || part.redacted !== null,
  );
  return parts.slice(0, parts[said]?.kind === 'text' ? said + 1 : parts.length);
}

function essence({ parts, stop, usage }: ChatAnswer, words: Words): object {
  const texts = parts.filter(
    // Refusals are text where there are none.
    ({ kind }) => kind === 'text' || (kind === 'refusal' && !words.has('refusals')),
  );
  const refusals = parts.filter(({ kind }) => kind === 'refusal' && words.has('refusals'));
  return {
    text: join(texts),
    refusal: join(refusals),
    reasoning: words.has('thoughts') ? reasoningOf(parts, words) : [],
    calls: parts.flatMap((part) =>
      part.kind === 'tool_call' ? [[words.has('call ids') ? part.id : '', part.name, part.arguments]] : [],
    ),
    order: order(parts, words),
    stop: stopClass(stop),
    usage: countsOf(usage, words),
  };
}

const join = (parts: readonly Part[]): string =>
  parts.map((part) => ('text' in part ? part.text : '')).join('');

/** Kinds in the order they begin. */
function order(parts: readonly Part[], words: Words): string[] {
  const kinds: string[] = [];
  for (const part of parts) {
    if (part.kind === 'reasoning' && !words.has('thoughts')) continue;
    // What was nothing but a proof is nothing where there are none.
    const proof = part.kind !== 'reasoning' || part.redacted === null ? 'signature' : 'redacted';
    if (part.kind === 'reasoning' && part.text === '' && !words.has(proof)) continue;
    if (part.kind !== 'reasoning' && 'text' in part && part.text === '') continue;
    const kind = part.kind === 'refusal' ? 'text' : part.kind;
    if (kinds.at(-1) !== kind) kinds.push(kind);
  }
  return kinds;
}

/** Blocks of reasoning: where proofs cannot be told, they are one text. */
function reasoningOf(parts: readonly Part[], words: Words): unknown {
  const blocks = parts.filter(
    (part) => part.kind === 'reasoning' && (words.has('redacted') || part.redacted === null),
  );
  if (!words.has('signature')) return join(blocks);
  return blocks.map(
    (part) => part.kind === 'reasoning' && [part.text, part.signature || null, part.redacted],
  );
}

/** Counts; writes to the cache as their sum where lifetimes are not told apart. Nothing told and 0 are the same. */
function countsOf(usage: Usage | null, words: Words): object {
  const count = (name: 'input' | 'output' | 'cacheRead' | 'reasoning'): number =>
    words.has(name) ? (usage?.[name] ?? 0) : 0;
  const short = usage?.cacheWriteShort ?? 0;
  const long = usage?.cacheWriteLong ?? 0;
  const writes = words.has('cacheWriteLong') ? [short, long] : short + long;
  return {
    input: count('input'),
    output: count('output'),
    cacheRead: count('cacheRead'),
    reasoning: count('reasoning'),
    writes: words.has('cacheWriteShort') ? writes : null,
  };
}
