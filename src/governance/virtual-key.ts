// Credentials that this gateway issues: how they look, what is kept of them, and how two of them hold for a while when one
// is replaced. Only a keyed hash is kept (HMAC-SHA-256 over the whole credential): a stolen store opens nothing.
import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Begins a credential, and tells what it is for: none of one kind is looked up among those of another. */
export const CREDENTIAL_PREFIX = {
  /** Of a caller: opens routes of models and nothing of the administration. */
  key: 'hg-',
  /** Of an administrator: opens the administration and no route of a model. */
  token: 'hga-',
  /** Opens the set-up of a new gateway, once. */
  setup: 'hgs-',
} as const;

export type CredentialKind = keyof typeof CREDENTIAL_PREFIX;

const RANDOM_BYTES = 24;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 192 bits in 62 letters. */
const BODY_LETTERS = 33;
/** 32 bits. */
const CHECK_LETTERS = 6;

/**
 * A new credential: prefix, 192 random bits and their checksum, by which scanners of code tell a real one from a lookalike.
 * @param random gives so many bytes of a source fit for secrets
 */
export function issueCredential(kind: CredentialKind, random: (bytes: number) => Buffer): string {
  const body = lettersOf(BigInt(`0x${random(RANDOM_BYTES).toString('hex')}`), BODY_LETTERS);
  return withCheck(CREDENTIAL_PREFIX[kind] + body);
}

/** What kind of credential of ours `text` may be, by its form alone; null = none. */
export function credentialKind(text: string): CredentialKind | null {
  for (const kind of ['key', 'token', 'setup'] as const) {
    const prefix = CREDENTIAL_PREFIX[kind];
    if (!text.startsWith(prefix) || text.length !== prefix.length + BODY_LETTERS + CHECK_LETTERS) continue;
    return withCheck(text.slice(0, -CHECK_LETTERS)) === text ? kind : null;
  }
  return null;
}

/** What may be shown of a credential: its beginning and its last four letters. */
export interface ShownCredential {
  /** Prefix and four letters. */
  prefix: string;
  lastFour: string;
}

/** @param credential one of ours */
export function shownOf(credential: string): ShownCredential {
  return { prefix: credential.slice(0, credential.indexOf('-') + 5), lastFour: credential.slice(-4) };
}

/** @param key of purpose `virtual-key` or `admin-token`. @returns 43 characters, base64url. */
export function credentialHash(key: Buffer, credential: string): string {
  return createHmac('sha256', key).update(credential).digest('base64url');
}

/** Hashes a key is known by: that of its credential and, while it may still be used, that of the one before. */
export interface CredentialHashes {
  readonly current: string;
  readonly previous: { readonly hash: string; readonly untilMs: number } | null;
}

/** @param graceMs how long the old credential still holds; 0 = not at all. Times are ms since 1970. */
export function rotated(
  before: CredentialHashes,
  next: string,
  nowMs: number,
  graceMs: number,
): CredentialHashes {
  return {
    current: next,
    previous: graceMs <= 0 ? null : { hash: before.current, untilMs: nowMs + graceMs },
  };
}

/** Whether `hash` holds now. The time it takes tells nothing of how much of it was right. */
export function holds({ current, previous }: CredentialHashes, hash: string, nowMs: number): boolean {
  const isCurrent = sameText(current, hash);
  const isPrevious = previous !== null && sameText(previous.hash, hash);
  return isCurrent || (isPrevious && nowMs < previous.untilMs);
}

/** Whether a key that is to be replaced regularly is due. @param everyMs 0 = never. */
export function rotationDue(rotatedAtMs: number, everyMs: number, nowMs: number): boolean {
  return everyMs > 0 && nowMs >= rotatedAtMs + everyMs;
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function withCheck(text: string): string {
  return text + lettersOf(BigInt(crc32(text)), CHECK_LETTERS);
}

function lettersOf(value: bigint, length: number): string {
  let rest = value;
  let letters = '';
  for (let at = 0; at < length; at++) {
    letters = ALPHABET[Number(rest % 62n)]! + letters;
    rest /= 62n;
  }
  return letters;
}
