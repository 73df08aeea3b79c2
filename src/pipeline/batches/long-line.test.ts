import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LongLine } from './long-line.ts';

/** However it is cut. */
function left(line: Buffer, cuts: readonly number[] = []): unknown {
  const long = new LongLine();
  let from = 0;
  for (const cut of [...cuts].sort((one, other) => one - other)) {
    long.add(line.subarray(from, cut));
    from = cut;
  }
  long.add(line.subarray(from));
  const bytes = long.take();
  return bytes === null ? null : JSON.parse(bytes.toString('utf8'));
}

/** What should be left: texts of more than 1,024 bytes as they are written are empty, lists have 64 items. */
function wanted(value: unknown): unknown {
  if (typeof value === 'string') return JSON.stringify(value).length - 2 > 1_024 ? '' : value;
  if (Array.isArray(value)) return value.slice(0, 64).map(wanted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, wanted(one)]));
}

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0.5, -1e21, '', 'short', '"\\\n\u0001', 'x'.repeat(1_025), '\\'.repeat(700)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.integer({ min: 60, max: 70 }).map((length) => Array.from({ length }, (_, at) => [at, 'a'])),
    fc.dictionary(fc.constantFrom('usage', 'model', 'a"b', 'content'), tie('value'), { maxKeys: 4 }),
  ),
})).value;

it('leaves out long texts and the rest of long lists, and nothing else', () => {
  fc.assert(
    fc.property(json, fc.array(fc.nat(2_000), { maxLength: 8 }), fc.boolean(), (value, cuts, spaced) => {
      const whole = { value };
      const line = Buffer.from(JSON.stringify(whole, null, spaced ? 1 : 0));
      const inside = cuts.filter((cut) => cut < line.length);
      expect(left(line, inside)).toEqual(wanted(JSON.parse(line.toString('utf8'))));
    }),
  );
});

it('gives up what is no whole JSON, or too much of it', () => {
  expect(left(Buffer.from('{"a": "'))).toBeNull();
  expect(left(Buffer.from('{"a": 1'))).toBeNull();
  expect(left(Buffer.from(']'))).toBeNull();
  const members = Array.from({ length: 100_000 }, (_, at) => `"member-${at}": 1`);
  expect(left(Buffer.from(`{${members.join(', ')}}`))).toBeNull();
});

it('gives up what lies ever deeper, also where it is left out', () => {
  const deep = (levels: number): Buffer =>
    Buffer.from(`{"a":[${'1,'.repeat(100)}${'['.repeat(levels)}${']'.repeat(levels)}]}`);
  expect(left(deep(1_000))).toEqual({ a: Array.from({ length: 64 }, () => 1) });
  expect(left(deep(2_000))).toBeNull();
});
