import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Placeholders } from './placeholders.ts';

const setUp = () => new Placeholders(Buffer.alloc(32, 1), 'me');

test('values become their placeholders again, the longest where one begins as another does', () => {
  const placeholders = setUp();
  const [short, long] = [placeholders.of('NAME', 'Ann'), placeholders.of('NAME', 'Ann (the elder)')];
  expect(placeholders.conceal('Ann, Ann (the elder) and ann')).toBe(`${short}, ${long} and ann`);
  expect(setUp().conceal('Ann')).toBe('Ann');
});

test('no value is left in a text, whatever they are', () => {
  const values = fc.array(fc.string({ minLength: 3, maxLength: 8 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(values, fc.array(fc.nat(9), { maxLength: 12 }), (all, order) => {
      const placeholders = setUp();
      const names = all.map((value) => placeholders.of('NAME', value));
      const text = order.map((at) => all[at % all.length]!).join('\n');
      // Placeholders are hexadecimal, and may look like a value.
      let concealed = placeholders.conceal(text);
      for (const name of names) concealed = concealed.replaceAll(name, '\n');
      for (const value of all) if (!value.includes('\n')) expect(concealed).not.toContain(value);
    }),
  );
});

test('in bytes a value is found as any writer of JSON spells it, in a text within JSON too', () => {
  const placeholders = setUp();
  const value = 'Zoë/"Ö" <z>';
  const name = placeholders.of('NAME', value);
  const python = String.raw`Zo\u00eb/\"\u00d6\" <z>`;
  const php = String.raw`Zo\u00eb\/\"\u00d6\" <z>`;
  const go = String.raw`Zoë/\"Ö\" \u003cz\u003e`;
  for (const form of [value, JSON.stringify(value).slice(1, -1), python, php, go])
    for (const text of [form, JSON.stringify(form).slice(1, -1)])
      expect(placeholders.concealBytes(Buffer.from(`a ${text} b`)).toString()).toBe(`a ${name} b`);
  const other = Buffer.from('Zo');
  expect(placeholders.concealBytes(other)).toBe(other);
});
