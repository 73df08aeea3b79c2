// There and back: what a client of this dialect gets from us, it may hand to us (or to another gateway) again. What holds for
// every dialect is in tests/conformance.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble, deltasOf } from '../../../tests/conformance/deltas.ts';
import { answers } from '../../../tests/conformance/neutral-forms.ts';
import { encoded } from '../../../tests/kit/told.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { argumentsText } from '../argument-shape.ts';
import { decodeAnswer, encodeAnswer } from './answer.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';

const context = { requestId: 'r', model: 'm', now: 1, includeUsage: true };

// Arguments are a text here, whatever JSON it holds. What means an object in another way than by being one is straightened
// out: argument-shape.test.ts.
const args = fc.oneof(fc.json(), fc.constant('')).filter((text) => argumentsText(text) === text);
const loose = fc.tuple(answers, fc.array(args, { minLength: 3, maxLength: 3 })).map(([answer, texts]) => ({
  ...answer,
  parts: answer.parts.map((part, at) =>
    part.kind === 'tool_call' ? { ...part, arguments: texts[at % texts.length]! } : part,
  ),
}));

describe('there and back', () => {
  test('a whole answer keeps arguments that are no object', () => {
    fc.assert(
      fc.property(loose, (answer) => {
        expect(decodeAnswer(JSON.parse(encodeAnswer(answer, context))).parts).toEqual(answer.parts);
      }),
    );
  });

  test('a streamed answer keeps them too, however it was cut into pieces', () => {
    fc.assert(
      fc.property(loose, fc.integer({ min: 1, max: 5 }), fc.boolean(), (answer, size, interleave) => {
        const sse = encoded(createEncoder(context), ...deltasOf(answer, size, interleave));
        const decoder = createDecoder();
        const events = sse.split('\n\n').filter((event) => event !== '');
        const deltas = events.flatMap((event) => decoder.decode('', event.slice('data: '.length)));
        expect(decoder.ended).toBe(true);
        expect(assemble(deltas).parts).toEqual(answer.parts);
      }),
    );
  });

  test('an answer handed back as history keeps ids, arguments, order and signatures', () => {
    fc.assert(
      fc.property(loose, (answer) => {
        const { message } = JSON.parse(encodeAnswer(answer, context)).choices[0];
        const calls = answer.parts.filter((part) => part.kind === 'tool_call');
        const results = calls.map((call) => ({
          role: 'tool',
          tool_call_id: call.id,
          content: `of ${call.id}`,
        }));
        const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }, message, ...results] };
        const request = decodeRequest(body);
        expect(request.turns[1]?.parts).toEqual(answer.parts);
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

  test('an answer of reasoning alone comes back with a text that is empty', () => {
    const thought = { kind: 'reasoning' as const, text: 'hm', signature: null, redacted: null };
    const answer = {
      id: '',
      model: '',
      created: 1,
      parts: [thought],
      stop: 'end' as const,
      stopSequence: null,
      usage: null,
    };
    const { message } = JSON.parse(encodeAnswer(answer, context)).choices[0];
    const { turns } = decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }, message] });
    expect(turns[1]?.parts).toEqual([thought, { kind: 'text', text: '', cache: null }]);
  });
});
