import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetSpec } from '../contracts/budget.ts';
import { amountAt, windowAt } from './window.ts';
import { isTimeZone, ZoneClock } from './zone-clock.ts';

const clock = new ZoneClock();
const spec = (changes: Partial<BudgetSpec> = {}): BudgetSpec => ({
  amountNano: 5,
  window: '1d',
  align: 'calendar',
  timezone: 'UTC',
  anchorMs: 0,
  softAt: 0.8,
  override: null,
  ...changes,
});
const span = (changes: Partial<BudgetSpec>, at: string): string[] => {
  const { startMs, endMs } = windowAt(spec(changes), Date.parse(at), clock);
  return [new Date(startMs).toISOString(), endMs === null ? 'never' : new Date(endMs).toISOString()];
};

describe('a calendar window', () => {
  it.each([
    ['a day', '1d', 'UTC', '2026-11-29T15:00:00Z', '2026-11-29T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
    [
      'a week, from Monday',
      '1w',
      'UTC',
      '2026-11-29T15:00:00Z',
      '2026-11-23T00:00:00.000Z',
      '2026-11-30T00:00:00.000Z',
    ],
    [
      'a month of 28 days',
      '1M',
      'UTC',
      '2026-02-28T23:59:59Z',
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ],
    [
      'a month with a leap day',
      '1M',
      'UTC',
      '2028-02-29T12:00:00Z',
      '2028-02-01T00:00:00.000Z',
      '2028-03-01T00:00:00.000Z',
    ],
    [
      'a leap day',
      '1d',
      'Asia/Tokyo',
      '2028-02-29T10:00:00Z',
      '2028-02-28T15:00:00.000Z',
      '2028-02-29T15:00:00.000Z',
    ],
    [
      'a month of 31 days, in its zone',
      '1M',
      'America/New_York',
      '2026-11-01T03:59:59Z',
      '2026-10-01T04:00:00.000Z',
      '2026-11-01T04:00:00.000Z',
    ],
    [
      'a quarter',
      '1Q',
      'UTC',
      '2026-11-29T15:00:00Z',
      '2026-10-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ],
    [
      'a year',
      '1Y',
      'Pacific/Auckland',
      '2026-12-31T11:30:00Z',
      '2026-12-31T11:00:00.000Z',
      '2027-12-31T11:00:00.000Z',
    ],
    [
      'an hour',
      '1h',
      'Asia/Kolkata',
      '2026-11-29T15:59:59Z',
      '2026-11-29T15:00:00.000Z',
      '2026-11-29T16:00:00.000Z',
    ],
    [
      'a day of 23 hours',
      '1d',
      'Europe/Berlin',
      '2026-03-29T10:00:00Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ],
    [
      'a day of 25 hours',
      '1d',
      'Europe/Berlin',
      '2026-10-25T10:00:00Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ],
    [
      'a day without a midnight',
      '1d',
      'America/Santiago',
      '2026-09-06T12:00:00Z',
      '2026-09-06T04:00:00.000Z',
      '2026-09-07T03:00:00.000Z',
    ],
    [
      'a day after a doubled hour',
      '1d',
      'America/Santiago',
      '2026-04-05T12:00:00Z',
      '2026-04-05T04:00:00.000Z',
      '2026-04-06T04:00:00.000Z',
    ],
    [
      'a day whose midnight comes twice',
      '1d',
      'America/Havana',
      '2026-11-01T12:00:00Z',
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
    ],
  ])('is %s', (_, window, timezone, at, start, end) => {
    expect(span({ window, timezone }, at)).toEqual([start, end]);
  });

  it('that never ends has no end, and one name', () => {
    const never = windowAt(spec({ window: 'never' }), 5, clock);
    expect(never).toEqual({ id: 'never', startMs: 0, endMs: null });
    expect(windowAt(spec({ window: 'never' }), 5e12, clock).id).toBe('never');
  });
});

it('a rolling window begins with its anchor', () => {
  const anchorMs = Date.parse('2026-11-29T15:43:00Z');
  expect(span({ window: '1d', align: 'rolling', anchorMs }, '2026-12-01T15:42:59Z')).toEqual([
    '2026-11-30T15:43:00.000Z',
    '2026-12-01T15:43:00.000Z',
  ]);
  expect(span({ window: '1M', align: 'rolling', anchorMs }, '2026-11-29T15:42:59Z')[1]).toBe(
    '2026-11-29T15:43:00.000Z',
  );
});

describe('windows', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Santiago',
    'America/Havana',
    'Asia/Kolkata',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Pacific/Chatham',
    'Africa/Casablanca',
    'Asia/Beirut',
  ];
  const anySpec = fc.record({
    window: fc.constantFrom('30s', '5m', '1h', '6h', '1d', '7d', '1w', '1M', '2M', '1Q', '1Y'),
    align: fc.constantFrom('calendar' as const, 'rolling' as const),
    timezone: fc.constantFrom(...zones),
    anchorMs: fc.integer({ min: 0, max: 2e12 }),
  });
  const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2031, 0, 1) });

  it('hold their instant and tile time', () => {
    fc.assert(
      fc.property(anySpec, instant, (changes, at) => {
        const one = spec(changes);
        const window = windowAt(one, at, clock);
        expect(window.startMs).toBeLessThanOrEqual(at);
        expect(window.endMs!).toBeGreaterThan(at);
        // Any instant of it has the same, the first and last as well, and the neighbours end and begin where it does.
        for (const inside of [window.startMs, window.endMs! - 1])
          expect(windowAt(one, inside, clock)).toEqual(window);
        expect(windowAt(one, window.endMs!, clock).startMs).toBe(window.endMs);
        expect(windowAt(one, window.startMs - 1, clock).endMs).toBe(window.startMs);
        expect(windowAt(one, window.endMs!, clock).id).not.toBe(window.id);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are the same for whoever asks, whatever was asked before', () => {
    fc.assert(
      fc.property(anySpec, instant, (changes, at) => {
        expect(windowAt(spec(changes), at, new ZoneClock())).toEqual(windowAt(spec(changes), at, clock));
      }),
    );
  });
});

describe('an override', () => {
  const override = { amountNano: 9, fromMs: Date.parse('2026-11-29T15:00:00Z'), windows: 2 };
  it('holds for so many windows from its own on, whoever counts', () => {
    const amounts = ['11-28T23:59:59Z', '11-29T00:00:00Z', '11-30T23:59:59Z', '12-01T00:00:00Z'].map((at) =>
      amountAt(spec({ override }), Date.parse(`2026-${at}`), clock),
    );
    expect(amounts).toEqual([5, 9, 9, 5]);
  });
  it('holds for good where it says no number, and from ever where it says no time', () => {
    expect(amountAt(spec({ override: { ...override, windows: null } }), 4e12, clock)).toBe(9);
    expect(amountAt(spec({ override: { ...override, fromMs: null } }), 0, clock)).toBe(9);
    expect(amountAt(spec(), 0, clock)).toBe(5);
  });
});

it('knows which time zones there are', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Base'].map(isTimeZone)).toEqual([true, true, false]);
});
