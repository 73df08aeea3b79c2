// Hours of the day at which a price holds: how they are written, and whether it is one of them.
import { ZoneClock } from '../budgets/zone-clock.ts';
import type { PriceHours } from '../contracts/price.ts';

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
/** How spans are written, for a schema. */
export const HOURS_PATTERN = SPAN.source;

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** Clocks are changed at whole quarters of an hour: within one a zone has one offset. */
const QUARTER_MS = 15 * MINUTE_MS;

/** `16:30-00:30` in minutes of the day. @throws where it is none; a schema has looked at it before. */
export function hoursOf(written: readonly string[], timezone = 'UTC'): PriceHours {
  return {
    timezone,
    spans: written.map((one) => {
      const [, fromHour, fromMinute, toHour, toMinute] = SPAN.exec(one)!;
      return [Number(fromHour) * 60 + Number(fromMinute), Number(toHour) * 60 + Number(toMinute)] as const;
    }),
  };
}

/** The same as people write it: `01:00-04:00, 06:00-10:00 UTC`. */
export function hoursText({ spans, timezone }: PriceHours): string {
  const time = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${spans.map(([from, to]) => `${time(from)}-${time(to)}`).join(', ')} ${timezone}`;
}

/** What clocks of zones show, and with it whether hours hold. */
export class HourClock {
  readonly #zones = new ZoneClock();
  readonly #offsets = new Map<string, { quarter: number; offsetMs: number }>();

  /** @param atMs ms since 1970 */
  holds({ spans, timezone }: PriceHours, atMs: number): boolean {
    const wallMs = atMs + (timezone === 'UTC' ? 0 : this.#offset(timezone, atMs));
    const minutes = Math.floor(wallMs / MINUTE_MS);
    const minute = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
    for (const [from, to] of spans) {
      // The same twice is the whole day.
      if (from < to ? minute >= from && minute < to : minute >= from || minute < to) return true;
    }
    return false;
  }

  #offset(zone: string, atMs: number): number {
    const quarter = Math.floor(atMs / QUARTER_MS);
    let known = this.#offsets.get(zone);
    if (known === undefined || known.quarter !== quarter) {
      known = { quarter, offsetMs: this.#zones.offsetAt(zone, atMs) };
      this.#offsets.set(zone, known);
    }
    return known.offsetMs;
  }
}
