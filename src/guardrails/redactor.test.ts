// Whatever the cuts, what comes out of a stream is what comes out of the whole text, and no forbidden character is ever written.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Finder } from './detector.ts';
import { keywordDetector } from './keywords.ts';
import { piiDetectors } from './pii.ts';
import { redact, Redactor, STOP } from './redactor.ts';
import { secretDetectors } from './secrets.ts';
import { patternOf } from './user-pattern.ts';

const FORBIDDEN = [
  'ada.lovelace@example.co.uk',
  '4111 1111 1111 1111',
  '5555-5555-5555-4444',
  'DE89 3704 0044 0532 0130 00',
  'GB82WEST12345698765432',
  '+49 (0)30 1234567',
  '078-05-1120',
  '192.168.17.20',
  'sk-proj-abcdefghijklmnop1234567890',
  'AKIAIOSFODNN7EXAMPLE',
  'ghp_0123456789abcdefghijABCDEFGHIJ012345',
  'postgres://admin:hunter2hunter@db.internal:5432/app',
  'Zx9Kq2Lm7Vb4Nc8Rt1Yp5Ws3',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc/+=\n-----END RSA PRIVATE KEY-----',
  'Project Nightingale',
  'CASE-4711',
  'geheim',
] as const;

const finder = new Finder([
  ...secretDetectors(true),
  ...piiDetectors(['email', 'phone', 'iban', 'card', 'national_id', 'ip']),
  keywordDetector({ words: ['project nightingale', 'geheim'], caseSensitive: false, wholeWords: true }),
  patternOf('CASE-[0-9]{4}', 16),
]);
const replace = (_text: string, { detector }: { detector: { label: string } }) => `[${detector.label}]`;

/** Pieces between which nothing of a value goes on. */
const FILLERS = [
  ' ',
  '\n',
  ', then: ',
  ' the quick brown fox ',
  '. ',
  ' 😀 ',
  ' 日本語 ',
  ' ("',
  '") ',
  ' 12 ',
];
const text = fc
  .array(fc.tuple(fc.constantFrom(...FILLERS), fc.constantFrom(...FORBIDDEN, 'plain', 'words', 'a1')), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => `${parts.map(([filler, value]) => filler + value).join('')} end.`);

function streamed(whole: string, cuts: readonly number[]): string[] {
  const redactor = new Redactor(finder, replace);
  const out: string[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.max(from, Math.min(cut, whole.length));
    out.push(redactor.push(whole.slice(from, to)));
    from = to;
  }
  out.push(redactor.push(whole.slice(from)), redactor.end());
  return out;
}

describe('a text in pieces', () => {
  it('comes out as the whole, cut anywhere: 100,000 cuts and values', () => {
    // 4,000 texts, each cut at some 25 places.
    fc.assert(
      fc.property(text, fc.array(fc.nat(300), { minLength: 20, maxLength: 30 }), (whole, cuts) => {
        const wanted = redact(whole, finder, replace);
        const pieces = streamed(whole, cuts);
        const written = pieces.join('');
        expect(written).toBe(wanted);
        // What was written at any time is a beginning of it.
        expect(FORBIDDEN.filter((value) => written.includes(value))).toEqual([]);
      }),
      { numRuns: 4_000 },
    );
  });

  it('comes out as the whole, each value cut in two at each of its places and character by character', () => {
    for (const value of FORBIDDEN) {
      const whole = `It is ${value}, is it not?`;
      const wanted = redact(whole, finder, replace);
      expect(wanted).not.toContain(value);
      for (let cut = 0; cut <= whole.length; cut++) expect(streamed(whole, [cut]).join('')).toBe(wanted);
      expect(
        streamed(
          whole,
          Array.from(whole, (_, at) => at),
        ).join(''),
      ).toBe(wanted);
    }
  });

  it('holds back no more than the word that may be one', () => {
    const redactor = new Redactor(new Finder(piiDetectors(['email'])), replace);
    expect(redactor.push('Ask ada')).toBe('Ask ');
    expect(redactor.push('@example')).toBe('');
    expect(redactor.push('.com or')).toBe('[EMAIL] ');
    expect(redactor.held).toBe(2);
    expect(redactor.end()).toBe('or');
  });

  it('ends before what ends it', () => {
    const words = keywordDetector({ words: ['geheim'], caseSensitive: false, wholeWords: true });
    const redactor = new Redactor(new Finder([words]), () => STOP);
    expect(redactor.push('All well so far, gehe')).toBe('All well so far, ');
    expect(redactor.push('im')).toBe('');
    expect(redactor.push(' is out')).toBe('');
    expect(redactor.stopped).toBe(true);
    expect(redactor.push('more') + redactor.end()).toBe('');
  });

  it('lets a run without an end go at last, and holds no more than a bound', () => {
    const redactor = new Redactor(finder, replace);
    let out = '';
    for (let i = 0; i < 300; i++) out += redactor.push('a'.repeat(100));
    expect(redactor.held).toBeLessThanOrEqual(8_192);
    expect(out + redactor.end()).toBe('a'.repeat(30_000));
  });

  it('never cuts a pair of surrogates', () => {
    const redactor = new Redactor(finder, replace);
    const pieces = [...'a😀b'.split('')].map((unit) => redactor.push(unit));
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('') + redactor.end()).toBe('a😀b');
  });
});
