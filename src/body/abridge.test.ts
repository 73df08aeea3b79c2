import fc from 'fast-check';
import { expect, test } from 'vitest';
import { abridge } from './abridge.ts';

const long = (text: string): string => text.repeat(Math.ceil(1_100 / text.length));

/** Numbers and words alone, in more bytes than it pays to keep. */
const isLongList = (list: unknown[]): boolean =>
  list.every((item) => item === null || typeof item === 'number' || typeof item === 'boolean') &&
  JSON.stringify(list).length - 2 >= 1_024;

/** What is expected: the same value with long strings, keys too, emptied. */
function emptied(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value)) - 2 >= 1_024 ? '' : value;
  if (Array.isArray(value)) return isLongList(value) ? [] : value.map(emptied);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [emptied(name), emptied(item)]));
}

test.each([
  ['quotes', long('say "so" ')],
  ['backslashes at the end', `${long('x')}\\\\`],
  ['a backslash and a quote at the end', `${long('x')}\\"`],
  ['what is not ASCII', long('é😀')],
])('long strings with %s are emptied, what stands around them stays', (_what, text) => {
  const value = { id: 'c1', choices: [{ message: { content: text, refusal: 'no "x"' } }], usage: { n: 3 } };
  expect(JSON.parse(abridge(Buffer.from(JSON.stringify(value))))).toEqual(emptied(value));
});

test('any JSON is the same JSON afterwards', () => {
  const text = fc.oneof(fc.string(), fc.string({ minLength: 500, maxLength: 2_000 }));
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1), (value, indent) => {
      const body = Buffer.from(JSON.stringify(value, null, indent));
      expect(JSON.parse(abridge(body))).toEqual(JSON.parse(JSON.stringify(emptied(value))));
    }),
  );
});

test('vectors are emptied, and what stands around them stays', () => {
  const vector = Array.from({ length: 200 }, (_, at) => Math.sin(at));
  const value = {
    object: 'list',
    data: [0, 1].map((index) => ({
      object: 'embedding',
      index,
      embedding: vector,
      nested: [[1, 2], vector],
    })),
    bare: [vector, [], vector],
    usage: { prompt_tokens: 8 },
  };
  for (const indent of [undefined, 1]) {
    const text = abridge(Buffer.from(JSON.stringify(value, null, indent)));
    expect(JSON.parse(text)).toEqual(emptied(value));
    expect(text.length).toBeLessThan(600);
  }
});

test('any lists of numbers leave the same JSON', () => {
  const numbers = fc.array(fc.integer(), { minLength: 100, maxLength: 300 });
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      numbers,
      fc.string(),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(abridge(Buffer.from(JSON.stringify(value))))).toEqual(
        JSON.parse(JSON.stringify(emptied(value))),
      );
    }),
  );
});

test.each([
  ['a cut in a long string', `{"a":"${long('x')}`],
  ['a cut behind one', `{"a":"${long('x')}"`],
  ['a missing colon', `{"a" "${long('x')}"}`],
])('%s is as broken as before', (_what, text) => {
  expect(() => JSON.parse(abridge(Buffer.from(text)))).toThrow(SyntaxError);
});
