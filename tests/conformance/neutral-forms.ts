// Neutral requests and answers, made up: what any dialect may be asked to write. One generator for every test that sends a
// neutral form there and back.
import fc from 'fast-check';
import type {
  ChatAnswer,
  Part,
  StopReason,
  TextPart,
  ToolCallPart,
  Usage,
} from '../../src/contracts/chat.ts';

/** A text that says something: blank ones have rules of their own. */
export const word = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 10 }),
    fc.constantFrom('日本 👍', '"quoted"', ' a\n', '\\u0041', '\u2028', '<b>&amp;</b>', 'data: x\n\n'),
  )
  .filter((text) => text.trim() !== '' && text.isWellFormed());

const number = fc.constantFrom('0', '-0', '1.0', '12345678901234567890', '0.1', '1e400', '1E+2', '-7');
const value = fc.oneof(
  number,
  fc.constantFrom('""', '{}', '[]', 'false', 'null', '"é"', '{"z":1,"a":[2.50]}'),
);

/** Text of a JSON object with numbers that JavaScript would print otherwise, in an order of its own. */
export const objectText = fc
  .dictionary(fc.constantFrom('z', 'a', 'note', 'B'), value, { noNullPrototype: true })
  .map(
    (members) =>
      `{${Object.entries(members)
        .map(([key, text]) => `"${key}":${text}`)
        .join(',')}}`,
  );

const toolCall = fc
  .record({ name: fc.constantFrom('f', 'get_weather', 'a-b_C9'), text: objectText })
  .map(
    ({ name, text }): Omit<ToolCallPart, 'id'> => ({ kind: 'tool_call', name, arguments: text, cache: null }),
  );

/** Calls with ids that every dialect takes. */
export const toolCalls = (maxLength: number): fc.Arbitrary<ToolCallPart[]> =>
  fc
    .tuple(fc.constantFrom('call_', 'toolu_', 'c-'), fc.array(toolCall, { maxLength }))
    .map(([prefix, calls]) => calls.map((call, index) => ({ ...call, id: `${prefix}${index}` })));

const thought = (text: string, signature: string | null, redacted: string | null): Part => ({
  kind: 'reasoning',
  text,
  signature,
  redacted,
});
const proven = fc.oneof(
  fc.tuple(word, word).map(([text, signature]) => thought(text, signature, null)),
  word.map((redacted) => thought('', null, redacted)),
);

/** Reasoning: with its proofs, one block without, or one proof of what is not shown. */
export const thoughts = fc.oneof(
  fc.array(proven, { maxLength: 3 }),
  word.map((text) => [thought(text, null, null)]),
  word.map((signature) => [thought('', signature, null)]),
);
export const text = word.map((said): TextPart => ({ kind: 'text', text: said, cache: null }));

/** Reasoning, text, calls: the order that every dialect can say. */
export const said: fc.Arbitrary<Part[]> = fc
  .tuple(thoughts, fc.array(text, { maxLength: 1 }), toolCalls(3))
  .map((lists): Part[] => lists.flat())
  .filter((parts) => parts.some((part) => part.kind !== 'reasoning'));

const count = fc.nat(1000);

/** Counts as an upstream tells them: parts never more than the whole. */
export const usage: fc.Arbitrary<Usage> = fc
  .record({ fresh: count, read: count, write: count, long: count, think: count, say: count })
  .map(({ fresh, read, write, long, think, say }) => ({
    input: fresh + read + write + long,
    cacheRead: read,
    cacheWriteShort: write,
    cacheWriteLong: long,
    output: think + say,
    reasoning: think,
  }));

const STOPS: readonly StopReason[] = [
  'end',
  'stop_sequence',
  'max_tokens',
  'context_full',
  'refusal',
  'content_filter',
  'pause',
];

/** Whole answers that an upstream may give. */
export const answers: fc.Arbitrary<ChatAnswer> = fc
  .record({
    parts: said,
    usage,
    created: fc.nat(2_000_000_000),
    stop: fc.constantFrom(...STOPS),
    sequence: word,
  })
  .map(({ parts, usage: counted, created, stop, sequence }) => {
    // A natural end behind a call is the call.
    const calls = parts.some((part) => part.kind === 'tool_call');
    const real = calls && (stop === 'end' || stop === 'stop_sequence') ? 'tool_use' : stop;
    return {
      id: 'answer_1',
      model: 'some-model',
      created,
      parts,
      stop: real,
      stopSequence: real === 'stop_sequence' ? sequence : null,
      usage: counted,
    };
  });
