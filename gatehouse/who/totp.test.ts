import { expect, it } from 'vitest';
import { base32, codeAt, matchingStep, otpauth, stepOf } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

it.each([
  // RFC 6238, appendix B (SHA-1), the last six of its eight digits.
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at %i s is %s', (seconds, code) => {
  expect(codeAt(secret, stepOf(seconds * 1_000))).toBe(code);
});

it('writes base32 as RFC 4648 has it', () => {
  for (const [text, coded] of [
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    expect(base32(Buffer.from(text))).toBe(coded);
  expect(otpauth(secret, 'ada')).toContain('secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&');
});

it('takes a code of the step before and after, none of others, and none twice', () => {
  const now = 1_111_111_111_000;
  const step = stepOf(now);
  expect(matchingStep(secret, codeAt(secret, step), now, 0)).toBe(step);
  expect(matchingStep(secret, codeAt(secret, step - 1), now, 0)).toBe(step - 1);
  expect(matchingStep(secret, codeAt(secret, step + 1), now, 0)).toBe(step + 1);
  expect(matchingStep(secret, codeAt(secret, step - 2), now, 0)).toBeNull();
  expect(matchingStep(secret, codeAt(secret, step), now, step)).toBeNull();
  expect(matchingStep(secret, '', now, 0)).toBeNull();
});
