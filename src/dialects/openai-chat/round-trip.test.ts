// There and back: what a client of this dialect gets from us, it may hand to us (or to another gateway) again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encoded } from '../../../tests/kit/told.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import type { ChatAnswer, Delta, Part, Usage } from '../../contracts/chat.ts';
import { argumentsText } from '../argument-shape.ts';
import { decodeAnswer, encodeAnswer } from './answer.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';

const context = { requestId: 'r', model: 'm', now: 1, includeUsage: true };
const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const count = fc.nat(100_000);
// What means an object in another way than by being one is straightened out: argument-shape.test.ts.
const plain = (text: string): boolean => argumentsText(text) === text;

const reasoning = fc.oneof(
  fc.record({
    kind: fc.constant('reasoning' as const),
    text: word,
    signature: word,
    redacted: fc.constant(null),
  }),
  fc.record({
    kind: fc.constant('reasoning' as const),
    text: fc.constant(''),
    signature: fc.constant(null),
    redacted: word,
  }),
);
// In a stream, arguments that are no JSON are arguments of which something is missing.
const toolCalls = fc
  .array(fc.record({ name: word, arguments: fc.oneof(fc.json(), fc.constant('')).filter(plain) }), {
    maxLength: 4,
  })
  .map((calls) =>
    calls.map((call, index): Part => ({ kind: 'tool_call', id: `call_${index}`, cache: null, ...call })),
  );
const usage: fc.Arbitrary<Usage> = fc
  .record({ rest: count, cacheRead: count, cacheWriteShort: count, answer: count, reasoning: count })
  .map(({ rest, cacheRead, cacheWriteShort, answer, reasoning: thought }) => ({
    input: rest + cacheRead + cacheWriteShort,
    cacheRead,
    cacheWriteShort,
    cacheWriteLong: null,
    // Not equal to the total minus the prompt in a way that reads like xAI's arithmetic.
    output: answer + thought,
    reasoning: thought,
  }));
const parts: fc.Arbitrary<Part[]> = fc
  .tuple(fc.array(reasoning, { maxLength: 3 }), fc.option(word, { nil: null }), toolCalls)
  .map(([thoughts, said, calls]) => [
    ...thoughts,
    ...(said === null ? [] : [{ kind: 'text' as const, text: said, cache: null }]),
    ...calls,
  ]);
const answers: fc.Arbitrary<ChatAnswer> = fc
  .record({
    id: word,
    model: word,
    created: count,
    parts,
    stop: fc.constantFrom('max_tokens' as const, 'content_filter' as const, 'tool_use' as const),
    stopSequence: fc.constant(null),
    usage,
  })
  // A tool stop stands behind a call only.
  .map((answer) =>
    answer.parts.some((part) => part.kind === 'tool_call') || answer.stop !== 'tool_use'
      ? answer
      : { ...answer, stop: 'end' },
  );

describe('there and back', () => {
  test('a whole answer keeps ids, arguments, order, signatures and usage', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(decodeAnswer(JSON.parse(encodeAnswer(answer, context)))).toEqual(answer);
      }),
      { numRuns: 500 },
    );
  });

  test('a streamed answer keeps them too, however it was cut into pieces', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 5 }), fc.boolean(), (answer, size, interleave) => {
        const encoder = createEncoder(context);
        const sse = encoded(encoder, ...deltasOf(answer, size, interleave));
        const decoder = createDecoder();
        const events = sse.split('\n\n').filter((event) => event !== '');
        const deltas = events.flatMap((event) => decoder.decode('', event.slice('data: '.length)));
        expect(decoder.ended).toBe(true);
        expect(assemble(deltas)).toEqual(answer);
      }),
      { numRuns: 500 },
    );
  });

  test('an answer handed back as history keeps ids, arguments, order and signatures', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const { message } = JSON.parse(encodeAnswer(answer, context)).choices[0];
        const calls = answer.parts.filter((part) => part.kind === 'tool_call');
        const results = calls.map((call) => ({
          role: 'tool',
          tool_call_id: call.id,
          content: `of ${call.id}`,
        }));
        const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }, message, ...results] };
        const request = decodeRequest(body);
        // An answer without text and calls has the content "": it stays a text, empty.
        const silent = answer.parts.every((part) => part.kind === 'reasoning');
        const nothing = { kind: 'text', text: '', cache: null };
        expect(request.turns[1]?.parts).toEqual(silent ? [...answer.parts, nothing] : answer.parts);
        // And once more through the encoder, as a fallback of the same dialect would see it.
        const target = {
          model: 'n',
          provider: 'deepseek',
          capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
          streamUsage: true,
          defaultMaxTokens: 1,
          legacyMaxTokens: true,
          strict: true,
        };
        expect(decodeRequest(JSON.parse(encodeRequest(request, target).body)).turns).toEqual(request.turns);
      }),
      { numRuns: 300 },
    );
  });
});

/** An answer as the deltas a decoder of another dialect would give. */
function deltasOf(answer: ChatAnswer, size: number, interleave: boolean): Delta[] {
  const deltas: Delta[] = [
    { kind: 'start', id: answer.id, model: answer.model, created: answer.created, usage: null },
  ];
  const calls: Delta[][] = [];
  answer.parts.forEach((part, index) => {
    if (part.kind === 'tool_call') {
      const pieces = cut(part.arguments, size).map((text): Delta => ({ kind: 'arguments', index, text }));
      const open: Delta = { kind: 'open', index, block: 'tool_call', id: part.id, name: part.name };
      calls.push([open, ...pieces, { kind: 'close', index }]);
    } else if (part.kind === 'reasoning' && part.redacted !== null) {
      deltas.push({ kind: 'open', index, block: 'redacted', data: part.redacted }, { kind: 'close', index });
    } else if (part.kind === 'reasoning' || part.kind === 'text') {
      deltas.push({ kind: 'open', index, block: part.kind });
      for (const text of cut(part.text, size)) deltas.push({ kind: 'text', index, text });
      if (part.kind === 'reasoning')
        deltas.push({ kind: 'signature', index, signature: part.signature ?? '' });
      deltas.push({ kind: 'close', index });
    }
  });
  if (interleave) {
    // Opened in order, then a piece of each in turn.
    for (const call of calls) deltas.push(call.shift()!);
    while (calls.some((call) => call.length > 0)) {
      for (const call of calls) {
        const next = call.shift();
        if (next !== undefined) deltas.push(next);
      }
    }
  } else deltas.push(...calls.flat());
  if (answer.stop !== null) deltas.push({ kind: 'stop', reason: answer.stop, stopSequence: null });
  if (answer.usage !== null) deltas.push({ kind: 'usage', usage: answer.usage });
  deltas.push({ kind: 'end' });
  return deltas;
}

function cut(text: string, size: number): string[] {
  const points = [...text];
  const pieces: string[] = [];
  for (let at = 0; at < points.length; at += size) pieces.push(points.slice(at, at + size).join(''));
  return pieces;
}

/** Puts deltas together again. Blocks must be opened before they are written to, and closed once. */
function assemble(deltas: Delta[]): ChatAnswer {
  const answer: ChatAnswer = {
    id: '',
    model: '',
    created: null,
    parts: [],
    stop: null,
    stopSequence: null,
    usage: null,
  };
  const open = new Map<number, Part>();
  for (const delta of deltas) {
    if (delta.kind === 'start')
      Object.assign(answer, { id: delta.id, model: delta.model, created: delta.created });
    else if (delta.kind === 'stop') answer.stop = delta.reason;
    else if (delta.kind === 'usage') answer.usage = delta.usage;
    else if (delta.kind === 'open') {
      expect(delta.index).toBe(answer.parts.length);
      const part = opened(delta);
      answer.parts.push(part);
      open.set(delta.index, part);
    } else if (delta.kind === 'close') expect(open.delete(delta.index)).toBe(true);
    else if (delta.kind === 'text' || delta.kind === 'arguments' || delta.kind === 'signature') {
      const part = open.get(delta.index)!;
      if (delta.kind === 'signature' && part.kind === 'reasoning')
        part.signature = (part.signature ?? '') + delta.signature;
      if (delta.kind === 'arguments' && part.kind === 'tool_call') part.arguments += delta.text;
      if (delta.kind === 'text' && (part.kind === 'text' || part.kind === 'reasoning'))
        part.text += delta.text;
    }
  }
  expect(open.size).toBe(0);
  expect(deltas.at(-1)).toEqual({ kind: 'end' });
  return answer;
}

function opened(delta: Delta & { kind: 'open' }): Part {
  switch (delta.block) {
    case 'tool_call':
      return { kind: 'tool_call', id: delta.id, name: delta.name, arguments: '', cache: null };
    case 'redacted':
      return { kind: 'reasoning', text: '', signature: null, redacted: delta.data };
    case 'reasoning':
      return { kind: 'reasoning', text: '', signature: null, redacted: null };
    default:
      return { kind: 'text', text: '', cache: null };
  }
}
