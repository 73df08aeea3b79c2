import { describe, expect, it } from 'vitest';
import { HourClock, hoursOf, hoursRank, hoursText } from './hours.ts';

const clock = new HourClock();
const holds = (spans: readonly string[], zone: string, time: string): boolean =>
  clock.holds(hoursOf(spans, zone), Date.parse(time));

describe('hours of the day', () => {
  it('hold from their first minute up to their last, over midnight too', () => {
    const night = ['22:30-06:00'];
    expect(holds(night, 'UTC', '2026-11-29T22:29:59.999Z')).toBe(false);
    expect(holds(night, 'UTC', '2026-11-29T22:30:00Z')).toBe(true);
    expect(holds(night, 'UTC', '2026-11-30T00:00:00Z')).toBe(true);
    expect(holds(night, 'UTC', '2026-11-30T05:59:59.999Z')).toBe(true);
    expect(holds(night, 'UTC', '2026-11-30T06:00:00Z')).toBe(false);
    expect(holds(['00:00-00:00'], 'UTC', '2026-11-30T06:00:00Z')).toBe(true);
    expect(holds(['01:00-02:00', '06:00-07:00'], 'UTC', '2026-11-30T06:30:00Z')).toBe(true);
    expect(holds(['01:00-02:00'], 'UTC', '1969-12-31T01:30:00Z')).toBe(true);
  });

  it('are those of their zone, with its summer time and its odd offsets', () => {
    const peak = ['09:00-12:00'];
    expect(holds(peak, 'Asia/Shanghai', '2026-11-30T01:00:00Z')).toBe(true);
    expect(holds(peak, 'Asia/Shanghai', '2026-11-30T04:00:00Z')).toBe(false);
    // New York: UTC-4 up to November 1, UTC-5 after it.
    expect(holds(peak, 'America/New_York', '2026-10-31T13:00:00Z')).toBe(true);
    expect(holds(peak, 'America/New_York', '2026-11-02T13:00:00Z')).toBe(false);
    expect(holds(peak, 'America/New_York', '2026-11-02T14:00:00Z')).toBe(true);
    // On the day itself: 01:30 is there twice.
    const twice = ['01:00-02:00'];
    expect(holds(twice, 'America/New_York', '2026-11-01T05:30:00Z')).toBe(true);
    expect(holds(twice, 'America/New_York', '2026-11-01T06:30:00Z')).toBe(true);
    expect(holds(twice, 'America/New_York', '2026-11-01T07:00:00Z')).toBe(false);
    expect(holds(peak, 'Asia/Kathmandu', '2026-11-30T03:14:59.999Z')).toBe(false);
    expect(holds(peak, 'Asia/Kathmandu', '2026-11-30T03:15:00Z')).toBe(true);
  });

  it('are shown as people write them', () => {
    expect(hoursText(hoursOf(['16:30-00:30', '01:05-02:00'], 'Asia/Shanghai'))).toBe(
      '16:30-00:30, 01:05-02:00 Asia/Shanghai',
    );
  });
});

describe('days of the week', () => {
  const on = (days: readonly string[], zone: string, time: string, spans?: readonly string[]): boolean =>
    clock.holds(hoursOf(spans, zone, days), Date.parse(time));

  it('are whole without hours, from midnight to midnight of their zone', () => {
    // 2026-11-28 is a Saturday.
    const weekend = ['sat', 'sun'];
    expect(on(weekend, 'UTC', '2026-11-27T23:59:59.999Z')).toBe(false);
    expect(on(weekend, 'UTC', '2026-11-28T00:00:00Z')).toBe(true);
    expect(on(weekend, 'UTC', '2026-11-29T23:59:59.999Z')).toBe(true);
    expect(on(weekend, 'UTC', '2026-11-30T00:00:00Z')).toBe(false);
    expect(on(weekend, 'Asia/Shanghai', '2026-11-27T15:59:59.999Z')).toBe(false);
    expect(on(weekend, 'Asia/Shanghai', '2026-11-27T16:00:00Z')).toBe(true);
    expect(on(weekend, 'Asia/Shanghai', '2026-11-29T16:00:00Z')).toBe(false);
    expect(on(weekend, 'America/Los_Angeles', '2026-11-30T07:59:59Z')).toBe(true);
    // Before 1970, too: 1969-12-27 was a Saturday.
    expect(on(weekend, 'UTC', '1969-12-27T12:00:00Z')).toBe(true);
    expect(on(weekend, 'UTC', '1969-12-29T00:00:00Z')).toBe(false);
  });

  it('own the hours that began on them, beyond midnight as well', () => {
    const friday = (time: string) => on(['fri'], 'UTC', time, ['22:00-06:00']);
    expect(friday('2026-11-27T03:00:00Z')).toBe(false);
    expect(friday('2026-11-27T21:59:59Z')).toBe(false);
    expect(friday('2026-11-27T22:00:00Z')).toBe(true);
    expect(friday('2026-11-28T05:59:59Z')).toBe(true);
    expect(friday('2026-11-28T06:00:00Z')).toBe(false);
    expect(friday('2026-11-28T22:00:00Z')).toBe(false);
    // A day that begins at six.
    const day = (time: string) => on(['sun'], 'UTC', time, ['06:00-06:00']);
    expect(day('2026-11-29T05:59:59Z')).toBe(false);
    expect(day('2026-11-30T05:59:59Z')).toBe(true);
    expect(day('2026-11-30T06:00:00Z')).toBe(false);
  });

  it('may be a run, over the end of the week as well', () => {
    const hour = (days: readonly string[]) =>
      [0, 1, 2, 3, 4, 5, 6].map((day) => Number(on(days, 'UTC', `2026-11-${23 + day}T12:00:00Z`))).join('');
    expect(hour(['mon-fri'])).toBe('1111100');
    expect(hour(['fri-mon'])).toBe('1000111');
    expect(hour(['wed', 'sun'])).toBe('0010001');
    expect(hour(['tue-tue'])).toBe('0100000');
    expect(hour(['mon-sun'])).toBe('1111111');
  });

  it('are as long as their zone makes them on days on which clocks change', () => {
    // New York: 2026-03-08 has 23 hours, 2026-11-01 has 25; both are Sundays.
    const hours = (from: string): number =>
      Array.from({ length: 48 }, (_, at) => Date.parse(from) + at * 3_600_000).filter((at) =>
        clock.holds(hoursOf(undefined, 'America/New_York', ['sun']), at),
      ).length;
    expect(hours('2026-03-08T00:00:00Z')).toBe(23);
    expect(hours('2026-11-01T00:00:00Z')).toBe(25);
  });

  it('are shown in order, and count for how much is said', () => {
    const weekend = hoursOf(undefined, 'Europe/Berlin', ['sun', 'sat']);
    const nights = hoursOf(['20:00-24:00'], 'UTC', ['mon-wed']);
    expect(hoursText(weekend)).toBe('sat, sun 00:00-24:00 Europe/Berlin');
    expect(hoursText(nights)).toBe('mon, tue, wed 20:00-24:00 UTC');
    expect([undefined, hoursOf(['20:00-24:00']), weekend, nights].map(hoursRank)).toEqual([0, 1, 1, 2]);
    expect(clock.holds(nights, Date.parse('2026-11-23T23:59:59.999Z'))).toBe(true);
    expect(clock.holds(nights, Date.parse('2026-11-24T00:00:00Z'))).toBe(false);
  });
});
