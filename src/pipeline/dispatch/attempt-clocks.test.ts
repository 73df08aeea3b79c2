import { describe, expect, test } from 'vitest';
import type { TimeoutConfig } from '../../contracts/attempt-config.ts';
import { overdue, streamOverdue } from './attempt-clocks.ts';

const clocks: TimeoutConfig = {
  connectMs: 10,
  headersMs: 20,
  firstTokenMs: 30,
  betweenTokensMs: 40,
  totalMs: 1_000,
};
const off: TimeoutConfig = { connectMs: 0, headersMs: 0, firstTokenMs: 0, betweenTokensMs: 0, totalMs: 0 };
const times = { startedAt: 0, since: 100, sentAt: 100, tokenAt: 100 };

describe('before a stream', () => {
  test.each([
    ['connecting', 110, 'GW_UPSTREAM_TIMEOUT_CONNECT'],
    ['head', 120, 'GW_UPSTREAM_TIMEOUT_HEADERS'],
    ['body', 140, 'GW_UPSTREAM_TIMEOUT_IDLE'],
  ] as const)('%s has a clock of its own', (phase, at, code) => {
    expect(overdue(phase, clocks, times, at - 1)).toBeNull();
    expect(overdue(phase, clocks, times, at)).toBe(code);
    expect(overdue(phase, off, times, 1e9)).toBeNull();
  });

  test('a whole answer that comes byte by byte has three times as long, behind the blanks that may come first', () => {
    const dripping = { ...times, since: 219 };
    expect(overdue('body', clocks, dripping, 219)).toBeNull();
    expect(overdue('body', clocks, dripping, 220)).toBe('GW_UPSTREAM_TIMEOUT_IDLE');
    const blank = { ...dripping, since: 899, tokenAt: 0 };
    expect(overdue('body', clocks, blank, 900)).toBeNull();
    expect(overdue('body', clocks, blank, 939)).toBe('GW_UPSTREAM_TIMEOUT_IDLE');
    expect(overdue('body', off, dripping, 1e9)).toBeNull();
  });

  test('a place in the queue is waited for as long as the call has', () => {
    expect(overdue('queued', clocks, times, 999)).toBeNull();
    expect(overdue('queued', clocks, times, 1_000)).toBe('GW_UPSTREAM_TIMEOUT_TOTAL');
  });

  test('the time of the whole call counts before all', () => {
    expect(overdue('connecting', clocks, times, 1_000)).toBe('GW_UPSTREAM_TIMEOUT_TOTAL');
  });
});

describe('in a stream', () => {
  test('the first token has a clock from when the request was sent, whatever else comes', () => {
    const pinged = { ...times, since: 129 };
    expect(streamOverdue(clocks, pinged, 129, true, 0)).toBeNull();
    expect(streamOverdue(clocks, pinged, 130, true, 0)).toBe('GW_UPSTREAM_TIMEOUT_FIRST_TOKEN');
  });

  test('silence ends it, and pings alone keep it three times as long', () => {
    expect(streamOverdue(clocks, times, 139, true, 1)).toBeNull();
    expect(streamOverdue(clocks, times, 140, true, 1)).toBe('GW_UPSTREAM_TIMEOUT_IDLE');
    const pinged = { ...times, since: 215 };
    expect(streamOverdue(clocks, pinged, 219, true, 1)).toBeNull();
    expect(streamOverdue(clocks, pinged, 220, true, 1)).toBe('GW_UPSTREAM_TIMEOUT_IDLE');
  });

  test('while its client holds it up only the time of the whole call counts', () => {
    expect(streamOverdue(clocks, times, 999, false, 1)).toBeNull();
    expect(streamOverdue(clocks, times, 1_000, false, 1)).toBe('GW_UPSTREAM_TIMEOUT_TOTAL');
    expect(streamOverdue(off, times, 1e9, true, 0)).toBeNull();
  });
});
