import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../contracts/call.ts';
import { tokensOfAll, tokensSpent, wasSent } from './spent.ts';

const PROMPT = 10;
const OUTPUT = 500;

/** An attempt that was sent and answered with 200, whole and without a word about its usage. */
function attempt(change: Partial<AttemptRecord> = {}): AttemptRecord {
  const at = { queuedAt: 0, slotAt: 0, connectMs: 0, sentAt: 1, headAt: 2, endAt: 3 };
  const record = { provider: 'p', model: 'm', keyAlias: '', status: 200, errorType: '', ...at };
  const nothing = { usage: null, quantities: null, contentEvents: 0, costNano: null, priceVersion: '' };
  return { ...record, ...nothing, estimated: false, answerBytes: 0, ...change };
}

function told(input: number | null, output: number | null): Partial<AttemptRecord> {
  const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
  return { usage: { input, output, ...none } };
}

describe('what an attempt used', () => {
  const cut = { errorType: 'upstream_truncated' };
  it.each([
    ['nothing when it was never sent', { sentAt: 0, ...told(5, 5) }, 0],
    ['what the upstream says', told(30, 70), 100],
    ['what the upstream says, also when it broke off', { ...told(30, 4), ...cut, contentEvents: 9 }, 34],
    [
      'the events of a cut stream where only its input was told',
      { ...told(30, null), ...cut, contentEvents: 9 },
      39,
    ],
    ['the estimated prompt where only its output was told', told(null, 70), PROMPT + 70],
    ['the prompt and the events of a stream that was cut', { ...cut, contentEvents: 9 }, PROMPT + 9],
    ['the prompt alone of a stream cut before any content', cut, PROMPT],
    ['the events of a whole stream', { contentEvents: 9 }, PROMPT + 9],
    ['the estimate of a whole answer that says nothing', {}, PROMPT + OUTPUT],
    ['the prompt where no answer came', { status: 0, headAt: 0, errorType: 'upstream_timeout' }, PROMPT],
    ['the prompt while no answer came yet', { status: 0, headAt: 0, endAt: 0 }, PROMPT],
    ['nothing when it was refused', { status: 429, errorType: 'upstream_rate_limit' }, 0],
  ] as const)('is %s', (_, change, expected) => {
    expect(tokensSpent(attempt(change), PROMPT, OUTPUT)).toBe(expected);
    expect(wasSent(attempt(change))).toBe(expected > 0 || !('sentAt' in change));
  });

  it('is summed over the attempts of a call, in any order', () => {
    const attempts = [attempt({ ...cut, contentEvents: 9 }), attempt({ status: 503 }), attempt(told(30, 70))];
    expect(tokensOfAll(attempts, PROMPT, OUTPUT)).toBe(PROMPT + 9 + 100);
    expect(tokensOfAll(attempts.reverse(), PROMPT, OUTPUT)).toBe(PROMPT + 9 + 100);
    expect(tokensOfAll([], PROMPT, OUTPUT)).toBe(0);
  });
});
