// Windows over nodes whose clocks differ: each goes by the clock of who owns the counters, so that all name the same counter at every
// edge of the calendar. The reference reads the calendar by another way than the code does: the date of an instant, from Intl.
import { expect, it } from 'vitest';
import type { LimitRule } from '../contracts/limits.ts';
import { BudgetWindows } from './budget-windows.ts';

const LENGTHS = ['1h', '1d', '1w', '1M'] as const;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
];
/** Local days that begin at an edge: a midnight, DST both ways (north and south), ends of months of 28 to 31 days, a leap day. */
const DAYS = [
  '2026-11-30',
  '2026-03-30',
  '2026-10-26',
  '2026-03-09',
  '2026-11-02',
  '2026-04-06',
  '2026-10-05',
  '2026-09-28',
  '2026-03-01',
  '2026-05-01',
  '2026-06-01',
  '2027-01-01',
  '2028-02-29',
  '2028-03-01',
];
const DAY_MS = 86_400_000;
const SKEW_MS = [-5_000, 0, 5_000];
const long = process.env['HEADGATE_LONG_TESTS'] === '1';

const dates = new Map(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  ]),
);
/** Local date, `2026-11-29`. */
const dateAt = (zone: string, atMs: number): string => dates.get(zone)!.format(atMs);

/** When the local day begins, found by halving. */
function beginOf(zone: string, day: string): number {
  let [before, after] = [Date.parse(day) - DAY_MS, Date.parse(day) + DAY_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dateAt(zone, middle) < day) before = middle;
    else after = middle;
  }
  return after;
}

/** What all instants of a window share, and no neighbour does. */
function periodOf(length: (typeof LENGTHS)[number], zone: string, atMs: number): string {
  if (length === '1h') return String(Math.floor(atMs / 3_600_000));
  const date = dateAt(zone, atMs);
  if (length === '1d') return date;
  if (length === '1M') return date.slice(0, 7);
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  return new Date(Date.parse(date) - weekday * DAY_MS).toISOString().slice(0, 10);
}

function rule(key: number, window: string, timezone: string): LimitRule {
  return {
    name: `key-${key}-${window}.budget`,
    dimension: 'cost',
    per: ['key'],
    match: { key: null, model: null, provider: null },
    limit: 1e9,
    periodMs: 0,
    burst: 0,
    spacingMs: 0,
    budget: {
      amountNano: 1e9,
      window,
      align: 'calendar',
      timezone,
      anchorMs: 0,
      softAt: 0.8,
      override: null,
    },
  };
}

it(`of ${long ? '10,000' : '600'} keys with four windows each are never wrong on three nodes, five seconds apart`, () => {
  const keys = long ? 10_000 : 600;
  const edges = new Map<string, number>();
  let wrong = 0;
  let looked = 0;
  for (let key = 0; key < keys; key++) {
    const zone = ZONES[key % ZONES.length]!;
    const day = DAYS[Math.floor(key / ZONES.length) % DAYS.length]!;
    const place = `${zone} ${day}`;
    if (!edges.has(place)) edges.set(place, beginOf(zone, day));
    const edge = edges.get(place)!;
    let now = edge;
    // A node's own clock, put right by what Redis told of its own.
    const nodes = SKEW_MS.map((skew) => new BudgetWindows(() => now + skew - skew));
    for (const length of LENGTHS) {
      const one = rule(key, length, zone);
      const rules = SKEW_MS.map(() => ({ ...one }));
      for (const offset of [-6_000, -1, 0, 1, 4_999]) {
        now = edge + offset;
        const found = nodes.map((node, at) => node.at(rules[at]!, node.wall()));
        const { name, startMs, endMs } = found[0]!;
        const period = periodOf(length, zone, now);
        looked++;
        const right =
          found.every((other) => other.name === name) &&
          startMs <= now &&
          now < endMs &&
          periodOf(length, zone, startMs) === period &&
          periodOf(length, zone, endMs - 1) === period &&
          periodOf(length, zone, startMs - 1) !== period &&
          periodOf(length, zone, endMs) !== period;
        if (!right) wrong++;
      }
    }
  }
  expect(looked).toBe(keys * LENGTHS.length * 5);
  expect(wrong).toBe(0);
}, 600_000);
