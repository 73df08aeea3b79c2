// Durations as people write them.

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** ms of `24h`. @param text a whole number and one of s, m, h, d, w */
export function parseDurationMs(text: string): number {
  const unit = text.at(-1) as keyof typeof UNIT_MS; // the schema says so
  return Number(text.slice(0, -1)) * UNIT_MS[unit];
}
