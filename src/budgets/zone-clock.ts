// What the calendar of a time zone says at an instant, and when a day of it begins. Pure, with a memory of formatters and
// days: making a formatter costs a thousand times what asking it does.

const DAY_MS = 86_400_000;
const MAX_ZONES = 500;
const MAX_DAYS = 1_000;

export interface LocalDay {
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Whether there is a time zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export class ZoneClock {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #days = new Map<string, number>();

  /** @param atMs ms since 1970. */
  dayAt(zone: string, atMs: number): LocalDay {
    const wall = new Date(this.#wall(zone, atMs));
    return { year: wall.getUTCFullYear(), month: wall.getUTCMonth(), day: wall.getUTCDate() };
  }

  /** The first ms of that day; month and day may be beyond theirs, as in `Date.UTC`. */
  startOf(zone: string, year: number, month: number, day: number): number {
    const midnight = Date.UTC(year, month, day);
    if (zone === 'UTC') return midnight;
    const key = `${midnight} ${zone}`;
    let start = this.#days.get(key);
    if (start === undefined) {
      if (this.#days.size >= MAX_DAYS) this.#days.clear();
      this.#days.set(key, (start = this.#find(zone, midnight)));
    }
    return start;
  }

  /** Where clocks are changed at midnight there is none, or there are two of it: the day begins when it is first that day. */
  #find(zone: string, midnight: number): number {
    const before = this.offsetAt(zone, midnight - DAY_MS);
    const after = this.offsetAt(zone, midnight + DAY_MS);
    const early = midnight - Math.max(before, after);
    const late = midnight - Math.min(before, after);
    return early === late || this.#wall(zone, early) >= midnight ? early : late;
  }

  /** By how much clocks there are ahead of UTC, ms. */
  offsetAt(zone: string, atMs: number): number {
    return this.#wall(zone, atMs) - atMs;
  }

  /** What clocks there show, as if it were UTC. */
  #wall(zone: string, atMs: number): number {
    if (zone === 'UTC') return atMs;
    // Formatters know whole seconds, and offsets are of whole seconds.
    const seconds = Math.floor(atMs / 1000) * 1000;
    const fields: Record<string, number> = {};
    for (const { type, value } of this.#format(zone).formatToParts(seconds)) fields[type] = Number(value);
    const { year, month, day, hour, minute, second } = fields;
    return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) + (atMs - seconds);
  }

  #format(zone: string): Intl.DateTimeFormat {
    let format = this.#formats.get(zone);
    if (format === undefined) {
      if (this.#formats.size >= MAX_ZONES) this.#formats.clear();
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
      this.#formats.set(zone, format);
    }
    return format;
  }
}
