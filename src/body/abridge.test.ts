import fc from 'fast-check';
import { expect, test } from 'vitest';
import { abridge } from './abridge.ts';

const long = (text: string): string => text.repeat(Math.ceil(1_100 / text.length));

/** What is expected: the same value with long strings, keys too, emptied. */
function emptied(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value)) - 2 >= 1_024 ? '' : value;
  if (Array.isArray(value)) return value.map(emptied);
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

test.each([
  ['a cut in a long string', `{"a":"${long('x')}`],
  ['a cut behind one', `{"a":"${long('x')}"`],
  ['a missing colon', `{"a" "${long('x')}"}`],
])('%s is as broken as before', (_what, text) => {
  expect(() => JSON.parse(abridge(Buffer.from(text)))).toThrow(SyntaxError);
});
