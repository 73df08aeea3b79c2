// Rates as text: `600/min`. Units s, min, h, d.

export interface Rate {
  count: number;
  periodMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const NAMES: Readonly<Record<number, string>> = { 1000: 's', 60000: 'min', 3600000: 'h', 86400000: 'd' };

/** What a rate looks like; the schema publishes it. */
export const RATE_PATTERN = '^[1-9][0-9]{0,11} ?/ ?(s|min|h|d)$';
const RATE = new RegExp(RATE_PATTERN);

/** @returns null when it is none. */
export function parseRate(text: string): Rate | null {
  if (!RATE.test(text)) return null;
  const [count, unit] = text.split('/') as [string, string];
  return { count: Number(count), periodMs: UNITS[unit.trim()]! };
}

/** `600/min`; of slots only the number. */
export function rateText(limit: number, periodMs: number): string {
  return periodMs === 0 ? String(limit) : `${limit}/${NAMES[periodMs] ?? `${periodMs}ms`}`;
}
