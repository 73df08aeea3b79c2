import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../config/schema/defaults.ts';
import type { CheckConfig, GuardrailConfig } from '../contracts/guardrail.ts';
import { jsonTexts } from './body-spots.ts';
import { bodySkimOf } from './body-skim.ts';
import { ByteTable } from './byte-table.ts';
import { compileGuard, type Guard } from './guard.ts';
import { SchemaBook } from './json-schema.ts';

const guardOf = (checks: CheckConfig[], change: Partial<GuardrailConfig> = {}): Guard =>
  compileGuard(
    { ...DEFAULT_GUARDRAIL, name: 'g', on: ['input'], when: {}, checks, ...change },
    new SchemaBook(),
  );
const keywords = (...words: string[]): CheckConfig => ({ type: 'keywords', words, wholeWords: false });
const bodyOf = (content: string): string => JSON.stringify({ messages: [{ role: 'user', content }] });

/** JSON in which any character may be spelled by its number. */
function spelled(text: string, byNumber: readonly boolean[]): string {
  const units = [...JSON.stringify(text).slice(1, -1)];
  return units
    .map((unit, at) => {
      const plain = /^[\x20-\x21\x23-\x5b\x5d-\x7e]$/.test(unit) && units[at - 1] !== '\\';
      if (!plain || byNumber[at % byNumber.length] !== true) return unit;
      return unit === '/' ? '\\/' : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    })
    .join('');
}

describe('a look at the bytes of a request', () => {
  const letters = fc.constantFrom(
    ...'aAkKsSzZ\u017f\u212a\u00e9\u00c9\u03c3\u03c2\u03a3\u0130\u4e2d\u{1f600}"\\/\n\t 1-',
  );
  const words = fc.array(fc.array(letters, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

  it('never passes over a text in which something is found, however it is spelled', () => {
    fc.assert(
      fc.property(
        words,
        fc.array(letters, { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        fc.option(fc.nat(3)),
        (lists, around, byNumber, which) => {
          const all = lists.map((list) => list.join('')).filter((word) => word.trim() !== '');
          if (all.length === 0) return;
          const guard = guardOf([keywords(...all)]);
          const said = around.join('') + (which === null ? '' : (all[which % all.length] ?? ''));
          const body = `{"messages":[{"role":"user","content":"${spelled(said, byNumber)}"}]}`;
          const skim = bodySkimOf([guard]);
          const found = jsonTexts(Buffer.from(body))!.some(({ text }) => guard.finder!.first(text) !== null);
          if (skim !== null && !skim(Buffer.from(body)).texts) expect(found).toBe(false);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('passes over what holds nothing of it, and sees what does', () => {
    const skim = bodySkimOf([
      guardOf([keywords('Zebra', 'https://x'), { type: 'regex', patterns: ['proj-\\d+'] }]),
    ])!;
    expect(skim(Buffer.from(bodyOf('plain prose\nin lines, \u00e9t\u00e9 \u4e2d'))).texts).toBe(false);
    for (const said of ['a ZEBRA', 'at HTTPS://x', 'PROJ-', 'ze\u017f']) {
      expect(skim(Buffer.from(bodyOf(said))).texts, said).toBe(true);
    }
    expect(skim(Buffer.from('{"a":"\\u007aebra"}')).texts).toBe(true);
    const greek = bodySkimOf([guardOf([keywords('\u039f\u0394\u039f\u03a3')])]);
    expect(greek?.(Buffer.from(bodyOf('\u039f\u0394\u039f\u03a3'))).texts ?? true).toBe(true);
    expect(skim(Buffer.from(bodyOf('one image'))).media).toBe(true);
    expect(skim(Buffer.from('{"input":[1,2]}')).tokens).toBe(true);
    expect(skim(Buffer.from('{"messages":[]}'))).toEqual({ texts: false, media: false, tokens: false });
  });

  it('is none where all texts are to be seen, and asks nothing of those that look at answers alone', () => {
    const all = [
      [guardOf([{ type: 'length', maxChars: 5 }])],
      [guardOf([{ type: 'pii' }])],
      [guardOf([{ type: 'regex', patterns: ['[a-z]+'] }])],
      [guardOf([keywords('x')]), guardOf([{ type: 'judge', model: 'm', rules: 'be kind' } as CheckConfig])],
    ];
    for (const guards of all) expect(bodySkimOf(guards)).toBeNull();
    const skim = bodySkimOf([
      guardOf([keywords('zebra')]),
      guardOf([{ type: 'length', maxChars: 5 }], { on: ['output'] }),
    ])!;
    expect(skim(Buffer.from(bodyOf('xyz'))).texts).toBe(false);
  });
});

describe('byte strings in one pass', () => {
  it('are told as a search for each of them tells, letters of ASCII in either case', () => {
    const byte = fc.constantFrom(0x61, 0x41, 0x62, 0x42, 0xc3, 0xe3, 0x20);
    const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
      fc.array(byte, { minLength: 1, maxLength }).map((list) => Buffer.from(list));
    fc.assert(
      fc.property(fc.array(bytes(4), { minLength: 1, maxLength: 6 }), bytes(40), (wanted, text) => {
        const table = new ByteTable(wanted.map((one, index) => ({ bytes: one, flag: 1 << index })));
        const lower = (one: Buffer): Buffer =>
          Buffer.from(one.map((unit) => (unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit)));
        const expected = wanted.reduce(
          (flags, one, index) => flags | (lower(text).includes(lower(one)) ? 1 << index : 0),
          0,
        );
        expect(table.flagsOf(text, 0)).toBe(expected);
        const some = table.flagsOf(text, 1);
        expect(some & 1).toBe(expected & 1);
      }),
      { numRuns: 2_000 },
    );
  });
});
