import { describe, expect, it } from 'vitest';
import { HourClock, hoursOf, hoursText } from './hours.ts';

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
