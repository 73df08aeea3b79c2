import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { breakRuns, loadTokenizer, type Tokenizer } from './tokenizer.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

describe('loadTokenizer', () => {
  it('counts in o200k_base', () => {
    expect(tokenizer.count('hello world')).toBe(2);
    expect(tokenizer.count('')).toBe(0);
  });

  it('takes special tokens a user wrote as text', () => {
    expect(tokenizer.count('<|endoftext|>')).toBeGreaterThan(1);
    expect(tokenizer.count('a <|im_start|> b')).toBeGreaterThan(3);
  });

  it('counts long runs nearly as the encoder would', () => {
    // What the encoder says of 2,048 of each, uncut.
    expect(tokenizer.count('a'.repeat(2048))).toBeCloseTo(256, -1);
    expect(tokenizer.count(' '.repeat(2048))).toBeLessThan(40);
  });
});

describe('breakRuns', () => {
  it('leaves text without long runs whole', () => {
    const prose = 'The water finds its own way, and 日本語 too.\n'.repeat(500);
    expect(breakRuns(prose)).toEqual([prose]);
  });

  it.each(['a', ' ', '\n', '漢', '/\n', '=', ' \n', '\u3000', '😀'])(
    'cuts a run of %j into pieces of bounded length',
    (unit) => {
      const run = unit.repeat(5000);
      const pieces = breakRuns(run);
      expect(pieces.join('')).toBe(run);
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(256);
      expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    },
  );

  it('loses nothing and leaves no long run, whatever the text', () => {
    const run = fc
      .tuple(fc.constantFrom('a', ' ', '/', '\n', '😀', '1', 'é'), fc.nat(400))
      .map(([c, n]) => c.repeat(n));
    fc.assert(
      fc.property(fc.array(fc.oneof(run, fc.string()), { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        const pieces = breakRuns(text);
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) expect(piece).not.toMatch(/\S{258}|\s{258}|[\r\n/]{258}/);
      }),
    );
  });
});
