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
export function expectKept(heard: ChatAnswer, told: ChatAnswer, words: Vocabulary): void {
  expect(essence(heard, words)).toEqual(essence(told, words));
  if (told.stop !== null && words.stops.has(told.stop)) expect(heard.stop).toBe(told.stop);
  // An id may be spelled the client's way, around the one it has.
  if (words.ids.length > 0) expect(heard.id).toContain(told.id);
  if (words.model) expect(heard.model).toBe(told.model);
  if (words.created) expect(heard.created).toBe(told.created);
  if (words.stopSequence && heard.stop === 'stop_sequence')
    expect(heard.stopSequence).toBe(told.stopSequence);
  for (const name of ['cacheRead', 'reasoning'] as const) {
    // Lost is better than wrong.
    if (!words.counters.has(name)) expect([0, told.usage?.[name] ?? 0]).toContain(heard.usage?.[name] ?? 0);
  }
}

function essence(answer: ChatAnswer, words: Vocabulary): object {
  const { parts, stop } = answer;
  const texts = parts.filter((part) => part.kind === 'text');
  const refusals = parts.filter((part) => part.kind === 'refusal');
  return {
    // Refusals are text where there are none.
    text: join(
      words.refusal ? texts : parts.filter((part) => part.kind === 'text' || part.kind === 'refusal'),
    ),
    refusal: words.refusal ? join(refusals) : '',
    reasoning: words.reasoning ? reasoningOf(parts, words) : [],
    calls: parts.flatMap((part) =>
      part.kind === 'tool_call' ? [[words.callIds ? part.id : '', part.name, part.arguments]] : [],
    ),
    order: order(parts, words),
    stop: stopClass(stop),
    usage: countsOf(answer.usage, words),
  };
}

const join = (parts: readonly Part[]): string =>
  parts.map((part) => ('text' in part ? part.text : '')).join('');

/** Kinds in the order they begin. */
function order(parts: readonly Part[], { reasoning, signature, redacted }: Vocabulary): string[] {
  const kinds: string[] = [];
  for (const part of parts) {
    if (part.kind === 'reasoning') {
      // What was nothing but a proof is nothing where there are none.
      const bare = part.text === '' && (part.redacted === null ? !signature : !redacted);
      if (!reasoning || bare) continue;
    }
    if ('text' in part && part.text === '' && part.kind !== 'reasoning') continue;
    const kind = part.kind === 'refusal' ? 'text' : part.kind;
    if (kinds.at(-1) !== kind) kinds.push(kind);
  }
  return kinds;
}

/** Blocks of reasoning: without their proofs, where those cannot be told, they are one text. */
function reasoningOf(parts: readonly Part[], { signature, redacted }: Vocabulary): unknown {
  const blocks = parts.filter((part) => part.kind === 'reasoning' && (redacted || part.redacted === null));
  if (!signature) return join(blocks);
  return blocks.map(
    (part) => part.kind === 'reasoning' && [part.text, part.signature || null, part.redacted],
  );
}

/** Counts; writes to the cache as their sum where lifetimes are not told apart. Nothing told and 0 are the same. */
function countsOf(usage: Usage | null, { counters }: Vocabulary): object {
  const count = (name: keyof Usage): number => (counters.has(name) ? (usage?.[name] ?? 0) : 0);
  const short = usage?.cacheWriteShort ?? 0;
  const long = usage?.cacheWriteLong ?? 0;
  const writes = counters.has('cacheWriteLong') ? [short, long] : short + long;
  return {
    input: count('input'),
    output: count('output'),
    cacheRead: count('cacheRead'),
    reasoning: count('reasoning'),
    writes: counters.has('cacheWriteShort') ? writes : null,
  };
}
