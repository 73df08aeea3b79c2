// The text of a content delta, the same in all dialects: its number and the time it was sent at. Gateways carry text
// unchanged, translated or not, so the client of the bench can tell what is lost and how long a delta was under way.

/** `t12@00012345678901 `: the number, then microseconds of the machine's monotonic clock. */
const STAMP_DIGITS = 14;
const ZERO = 48;
const HALF = 10_000_000;

/** As prepared, with an empty stamp. */
export function deltaText(number: number): string {
  return `t${number}@${'0'.repeat(STAMP_DIGITS)} `;
}

/** Where the stamp of a prepared delta begins. @throws when there is none. */
export function stampOffset(bytes: Buffer): number {
  const at = bytes.indexOf(`@${'0'.repeat(STAMP_DIGITS)}`);
  if (at === -1) throw new Error('a delta without a stamp');
  return at + 1;
}

/** Microseconds since the machine started: the same clock in every process of the machine. */
export function machineMicros(): number {
  return OFFSET_MICROS + performance.now() * 1000;
}

const OFFSET_MICROS = clockOffset();

/** Of the two clocks of this process; the closest of some readings, since the first calls are slow. */
function clockOffset(): number {
  let offset = 0;
  let closest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50; i++) {
    const before = process.hrtime.bigint();
    const now = performance.now();
    const apart = Number(process.hrtime.bigint() - before);
    if (apart >= closest) continue;
    closest = apart;
    offset = (Number(before) + apart / 2) / 1000 - now * 1000;
  }
  return offset;
}

/** Writes a time into the bytes of a prepared delta. Two halves, since division of small integers is cheap. */
export function writeStamp(bytes: Buffer, offset: number, micros: number): void {
  let high = Math.floor(micros / HALF);
  let low = Math.floor(micros - high * HALF);
  for (let at = offset + STAMP_DIGITS - 1; at >= offset + 7; at--) {
    const rest = (low / 10) | 0;
    bytes[at] = ZERO + low - rest * 10;
    low = rest;
  }
  for (let at = offset + 6; at >= offset; at--) {
    const rest = (high / 10) | 0;
    bytes[at] = ZERO + high - rest * 10;
    high = rest;
  }
}

/** A delta found in bytes. One object is reused by its reader. */
export interface FoundDelta {
  number: number;
  sentMicros: number;
}

/**
 * Reads the delta whose `@` stands at `at`, within `end`.
 * @returns false when there is no whole delta text around it.
 */
export function readDelta(bytes: Uint8Array, at: number, end: number, into: FoundDelta): boolean {
  if (at + STAMP_DIGITS >= end) return false;
  let number = 0;
  let scale = 1;
  let back = at - 1;
  for (; back >= 0; back--) {
    const digit = bytes[back]! - ZERO;
    if (digit < 0 || digit > 9) break;
    number += digit * scale;
    scale *= 10;
  }
  if (scale === 1 || bytes[back] !== 116 /* t */) return false;
  let high = 0;
  let low = 0;
  for (let i = 1; i <= STAMP_DIGITS; i++) {
    const digit = bytes[at + i]! - ZERO;
    if (digit < 0 || digit > 9) return false;
    if (i <= 7) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  into.number = number;
  into.sentMicros = high * HALF + low;
  return true;
}
