// One-time codes by time (RFC 6238: SHA-1, six digits, steps of 30 s, as every authenticator app reads them).
import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_MS = 30_000;
const DIGITS = 6;
/** Clocks of phones are off by so many steps at most. */
const SLACK = 1;
export const SECRET_BYTES = 20;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As apps take it by hand (RFC 4648, without padding). */
export function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += BASE32[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** What a QR code for an app holds. */
export function otpauth(secret: Buffer, account: string): string {
  const label = encodeURIComponent(`Headgate:${account}`);
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=Headgate&digits=${DIGITS}&period=${STEP_MS / 1_000}`;
}

/** @param step number of the time step: RFC 4226's counter */
export function codeAt(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

export const stepOf = (nowMs: number): number => Math.floor(nowMs / STEP_MS);

/**
 * The step that a code is of; null = it is wrong, or not newer than the last one that was taken: nobody who looked over a
 * shoulder can use it again.
 */
export function matchingStep(secret: Buffer, code: string, nowMs: number, lastStep: number): number | null {
  const given = Buffer.from(code);
  const now = stepOf(nowMs);
  let found: number | null = null;
  for (let step = now - SLACK; step <= now + SLACK; step++) {
    const right = Buffer.from(codeAt(secret, step));
    if (given.length === right.length && timingSafeEqual(given, right) && step > lastStep) found = step;
  }
  return found;
}
