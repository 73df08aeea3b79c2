import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../contracts/json.ts';
import { isRaw, parseLossless, rawNumber, stringifyJson } from './lossless.ts';

const again = (text: string): string => stringifyJson(parseLossless(text, true));

describe('parseLossless', () => {
  it.each([
    '12345678901234567890',
    '1.0',
    '1e3',
    '1E+3',
    '-0',
    '-0.0',
    '1e400',
    '0.0000001',
    '0.10',
    '9007199254740993',
    '0.12345678901234567890',
  ])('prints %s as it was written', (number) => {
    expect(again(number)).toBe(number);
    expect(again(`{"a":[1,{"b":${number}},"x"]}`)).toBe(`{"a":[1,{"b":${number}},"x"]}`);
    expect(again(`[[${number}],${number}]`)).toBe(`[[${number}],${number}]`);
  });

  it('keeps any number as it was written', () => {
    const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,24})$/);
    const fraction = fc.stringMatching(/^(\.[0-9]{1,24})?$/);
    const exponent = fc.stringMatching(/^([eE][+-]?[0-9]{1,3})?$/);
    fc.assert(
      fc.property(fc.boolean(), digits, fraction, exponent, (negative, int, frac, exp) => {
        const number = `${negative ? '-' : ''}${int}${frac}${exp}`;
        expect(again(`[${number}]`)).toBe(`[${number}]`);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds such a number wherever it stands', () => {
    for (const number of ['1e3', '-0', '1.0', '-1.50', '0.0000001', '12345678901234567890', '-0.0', '1E-2']) {
      for (const text of [
        number,
        ` ${number} `,
        `[${number}]`,
        `[1,${number}]`,
        `[1, ${number},2]`,
        `[1,\n${number}\n]`,
        `{"a":${number}}`,
        `{"a" :\t${number}}`,
        `{"a":\r\n${number} }`,
        `{"id":"x-7e0","a":[[${number}]]}`,
      ])
        expect(stringifyJson(parseLossless(text, true))).toBe(text.replace(/\s/g, ''));
    }
  });

  it('does not parse slowly for the id of an answer', () => {
    const parse = vi.spyOn(JSON, 'parse');
    parseLossless('{"id":"chatcmpl-7e00000000000000000000","v":"GPT-4.0","h":"a9E1"}', true);
    expect(parse.mock.lastCall).toHaveLength(1);
    parseLossless('{"id":"x","n":1.0}', true);
    expect(parse.mock.lastCall).toHaveLength(2);
    parse.mockRestore();
  });

  it('leaves numbers that print as written plain', () => {
    expect(parseLossless('[1,-5,0.7,123456789012345,1e+21,"1.0 and 1e3"]', true)).toEqual([
      1,
      -5,
      0.7,
      123456789012345,
      1e21,
      '1.0 and 1e3',
    ]);
  });

  it('tells a raw number from an object that only looks like one', () => {
    const parsed = parseLossless('{"a":1.0,"b":{"rawJSON":"1.0"}}', true) as JsonObject;
    expect(isRaw(parsed['a'])).toBe(true);
    expect(isRaw(parsed['b'])).toBe(false);
    expect(stringifyJson({ n: rawNumber('1.50') })).toBe('{"n":1.50}');
  });

  it.each([true, false])('keeps __proto__ a plain own property (exotic %s)', (exotic) => {
    const parsed = parseLossless('{"__proto__":{"admin":1.0},"constructor":2.0}', exotic) as JsonObject;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor']);
    expect(parsed['admin']).toBeUndefined();
  });

  it('refuses text that is nested deeper than could be printed', () => {
    const deep = (levels: number): string => `${'['.repeat(levels)}1.0${']'.repeat(levels)}`;
    expect(again(deep(500))).toBe(deep(500));
    expect(() => parseLossless(deep(100_000), true)).toThrow(SyntaxError);
    expect(again(JSON.stringify(`\\"${'['.repeat(2000)}`))).toBe(JSON.stringify(`\\"${'['.repeat(2000)}`));
  });

  it('throws SyntaxError on text that is not JSON', () => {
    for (const text of ['', '{', '[1.0,]', '{"a":01}', '"']) {
      expect(() => parseLossless(text, true)).toThrow(SyntaxError);
    }
  });
});
