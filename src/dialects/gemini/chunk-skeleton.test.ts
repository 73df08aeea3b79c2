import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkSkeleton } from './chunk-skeleton.ts';

const chunk = (text: string, said = 1, more = '') =>
  `{"candidates": [{"content": {"parts": [{"text": ${JSON.stringify(text)}${more}}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 8,"candidatesTokenCount": ${said},"promptTokensDetails": [{"modality": "TEXT","tokenCount": 8}]},"modelVersion": "gemini-2.5","responseId": "r1"}`;
const learned = (data: string) => {
  const skeleton = new ChunkSkeleton();
  skeleton.learn(data);
  return skeleton;
};

describe('the skeleton of a message', () => {
  it('fits another with any text and any counters', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.nat(), (text, said) => {
        expect(learned(chunk('first')).matches(chunk(text, said))).toBe(true);
      }),
    );
  });

  it('fits nothing that is not the same JSON', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(6),
        fc.constantFrom('', '"', '\\', '}', '{', 'x', ',', '-', '\n', '1'),
        (where, count, junk) => {
          const whole = chunk('some text', 12);
          const at = where % whole.length;
          const damaged = whole.slice(0, at) + junk + whole.slice(at + count);
          if (!learned(chunk('first')).matches(damaged)) return;
          const read = JSON.parse(damaged) as { candidates: { content: { parts: { text: string }[] } }[] };
          expect(typeof read.candidates[0]!.content.parts[0]!.text).toBe('string');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['another model', chunk('a').replace('gemini-2.5', 'gemini-2.6')],
    ['another candidate', chunk('a').replace('"index": 0', '"index": 1')],
    ['a thought', chunk('a', 1, ',"thought": true')],
    ['an end', chunk('a').replace('"index"', '"finishReason": "STOP","index"')],
    ['no text', chunk('')],
    ['a cut', chunk('a').slice(0, -1)],
    ['a number that is none', chunk('a', 7).replace(': 7', ': 07')],
  ])('does not fit %s', (_, data) => {
    expect(learned(chunk('first')).matches(data)).toBe(false);
  });

  it('is not made of a message that says more than one text', () => {
    const two = chunk('a').replace('{"text": "a"}', '{"text": "a"},{"text": "b"}');
    expect(learned(two).matches(two)).toBe(false);
    const escaped = chunk('a').replace('"responseId": "r1"', '"responseId": "r\\u0031"');
    expect(learned(escaped).matches(escaped)).toBe(false);
  });

  it('gives up on streams that differ elsewhere in each message', () => {
    const skeleton = new ChunkSkeleton();
    const padded = (at: number) => chunk('a').replace('"r1"', `"r1","pad": "${'x'.repeat(at)}"`);
    for (let at = 0; at < 20; at++) skeleton.learn(padded(at));
    expect(skeleton.matches(padded(19))).toBe(false);
    expect(skeleton.matches(padded(7))).toBe(true);
  });

  it('is forgotten', () => {
    const skeleton = learned(chunk('a'));
    skeleton.forget();
    expect(skeleton.matches(chunk('b'))).toBe(false);
  });
});
