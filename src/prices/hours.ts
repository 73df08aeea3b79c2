// Hours of the day, and days of the week, at which a price holds: how they are written, and whether it is one of them.
import { ZoneClock } from '../budgets/zone-clock.ts';
import type { PriceHours } from '../contracts/price.ts';

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
/** How spans are written, for a schema. */
export const HOURS_PATTERN = SPAN.source;

const DAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY = `(?:${DAYS.join('|')})`;
/** How days are written, for a schema: `sat`, `mon-fri`. */
export const DAYS_PATTERN = `^${DAY}(?:-${DAY})?$`;

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** Clocks are changed at whole quarters of an hour: within one a zone has one offset. */
const QUARTER_MS = 15 * MINUTE_MS;
/** 1970 began on a Thursday. */
const FIRST_DAY = 4;
const WHOLE_DAY = [0, DAY_MINUTES] as const;

/**
 * `16:30-00:30` in minutes of the day.
 * @param written hours; absent = all day. @param days `mon-fri`, `sat`; absent = each
 * @throws where it is none; a schema has looked at it before.
 */
export function hoursOf(
  written: readonly string[] | undefined,
  timezone = 'UTC',
  days?: readonly string[],
): PriceHours {
  const spans = written?.map((one) => {
    const [, fromHour, fromMinute, toHour, toMinute] = SPAN.exec(one)!;
    const to = toHour === undefined ? DAY_MINUTES : Number(toHour) * 60 + Number(toMinute);
    return [Number(fromHour) * 60 + Number(fromMinute), to] as const;
  });
  return {
    timezone,
    spans: spans ?? [WHOLE_DAY],
    ...(days === undefined ? {} : { days: daysOf(days) }),
  };
}

/** `fri-mon` goes over the end of the week. */
function daysOf(written: readonly string[]): number[] {
  const found = new Set<number>();
  for (const one of written) {
    const [first, last = first] = one.split('-').map((name) => DAYS.indexOf(name));
    for (let at = first!; ; at = (at + 1) % 7) {
      found.add(at + 1);
      if (at === last) break;
    }
  }
  return [...found].sort((one, other) => one - other);
}

/** How much it says of when: hours and days are more particular than one of them. */
export function hoursRank(hours: PriceHours | undefined): number {
  if (hours === undefined) return 0;
  const allDay = hours.spans.length === 1 && hours.spans[0]![0] === 0 && hours.spans[0]![1] === DAY_MINUTES;
  return (allDay ? 0 : 1) + (hours.days === undefined ? 0 : 1);
}

/** The same as people write it: `01:00-04:00, 06:00-10:00 UTC`, `sat, sun 00:00-24:00 Europe/Berlin`. */
export function hoursText({ spans, days, timezone }: PriceHours): string {
  const time = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const named = days === undefined ? '' : `${days.map((day) => DAYS[day - 1]).join(', ')} `;
  return `${named}${spans.map(([from, to]) => `${time(from)}-${time(to)}`).join(', ')} ${timezone}`;
}

/** What clocks of zones show, and with it whether hours hold. */
export class HourClock {
  readonly #zones = new ZoneClock();
  readonly #offsets = new Map<string, { quarter: number; offsetMs: number }>();

  /** @param atMs ms since 1970 */
  holds({ spans, days, timezone }: PriceHours, atMs: number): boolean {
    const wallMs = atMs + (timezone === 'UTC' ? 0 : this.#offset(timezone, atMs));
    const minutes = Math.floor(wallMs / MINUTE_MS);
    const day = Math.floor(minutes / DAY_MINUTES);
    const minute = minutes - day * DAY_MINUTES;
    for (const [from, to] of spans) {
      if (from < to) {
        if (minute >= from && minute < to && isOf(days, day)) return true;
        continue;
      }
      // Over midnight it is still the day that it began on. The same twice is a whole day.
      if ((minute >= from && isOf(days, day)) || (minute < to && isOf(days, day - 1))) return true;
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

/** @param day since 1970-01-01 */
function isOf(days: readonly number[] | undefined, day: number): boolean {
  return days === undefined || days.includes(((((day + FIRST_DAY - 1) % 7) + 7) % 7) + 1);
}
