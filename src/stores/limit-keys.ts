// From asks to the arguments of the scripts and back. All keys of one deployment share one hash tag, so that a call that
// meets limits of its key, of a provider and of the whole gateway is one script call in a Cluster too; several
// deployments spread over the nodes by their prefixes (docs/decisions/0005).
import { hash } from 'node:crypto';
import type { Ask, Bucket, Grant, LimitRule } from '../contracts/limits.ts';
import { MAX_SLOTS } from './held-slots.ts';
import { MAX_UNITS, type MeterPace, meterPace, wholeUnits } from './meter.ts';

/** All leases together hold at most this share of a limit (faults.md 2.6). */
const LEASED_SHARE = 0.01;
const PLAIN_TOKEN = /^[A-Za-z0-9._:-]{1,64}$/;

export interface KeyNames {
  /** Of a bucket's counter. */
  bucket(bucket: Bucket): string;
  /** Of what a token was granted. */
  record(token: string): string;
  askers: string;
  epoch: string;
}

/** @param prefix a `{tag}` in it is kept, else it is the tag. */
export function createKeyNames(prefix: string): KeyNames {
  const tagged = /\{[^}]+\}/.test(prefix) ? prefix : `{${prefix}}`;
  return {
    bucket: ({ id, rule }) => `${tagged}:${rule.dimension === 'concurrent' ? 's' : 'r'}:${id}`,
    record: (token) => `${tagged}:t:${token}`,
    askers: `${tagged}:m`,
    epoch: `${tagged}:e`,
  };
}

/** A token as it may stand in a key and a slot's name: short and without surprises. */
export function plainToken(token: string): string {
  return PLAIN_TOKEN.test(token) ? token : hash('sha256', token, 'base64url');
}

/** One ask as the scripts take it. */
export interface WireAsk {
  key: string;
  need: number;
  want: number;
  /** Null: slots. */
  pace: MeterPace | null;
  limit: number;
  share: number;
}

const paces = new WeakMap<LimitRule, MeterPace>();

export function paceOfRule(rule: LimitRule): MeterPace {
  let pace = paces.get(rule);
  if (pace === undefined) paces.set(rule, (pace = meterPace(rule)));
  return pace;
}

export function wireAsk({ bucket, need, want }: Ask, names: KeyNames, strict: boolean): WireAsk {
  const { rule } = bucket;
  const slots = rule.dimension === 'concurrent';
  const least = wholeUnits(need);
  const most = strict ? least : Math.max(least, Math.min(MAX_UNITS, Math.floor(want) || 0));
  return {
    key: names.bucket(bucket),
    need: slots ? Math.min(least, MAX_SLOTS) : least,
    want: slots ? Math.min(most, MAX_SLOTS) : most,
    pace: slots ? null : paceOfRule(rule),
    limit: Math.min(MAX_UNITS, Math.floor(rule.limit)),
    share: Math.min(MAX_UNITS, Math.floor(rule.limit * LEASED_SHARE)),
  };
}

export function askArguments(
  asks: readonly WireAsk[],
  token: string,
  { tokenMs, slotMs }: AskLives,
): (string | number)[] {
  let said = '';
  for (const { need, want, pace, limit, share } of asks) {
    const part =
      pace === null
        ? `1,${need},${want},${limit},${slotMs},${share}`
        : `0,${need},${want},${pace.spacingUs},${pace.spacingFrac},${pace.burst},${share}`;
    said = said === '' ? part : `${said},${part}`;
  }
  return [token, String(tokenMs), `[${said}]`];
}

export interface AskLives {
  tokenMs: number;
  slotMs: number;
}

/** Of one bucket. */
export interface AskRow {
  granted: number;
  waitUs: number;
  left: number;
  debtUs: number;
}

/** Leases of rates live so long; then what is unspent goes back. */
const LEASE_LIFE_MS = 1_000;

export function grantOf({ granted, waitUs, left, debtUs }: AskRow): Grant {
  return {
    granted,
    retryAfterMs: Math.ceil(waitUs / 1000),
    remaining: left,
    resetMs: Math.ceil(debtUs / 1000),
    lifeMs: LEASE_LIFE_MS,
  };
}

/** @returns null when it is not what the script answers: whoever speaks there is not our Redis. */
export function askRows(reply: unknown, count: number): AskRow[] | null {
  if (!Array.isArray(reply) || reply.length !== 1 + 4 * count) return null;
  if (!reply.every((value) => Number.isSafeInteger(value) && (value as number) >= 0)) return null;
  const numbers = reply as number[]; // checked on the line above
  return Array.from({ length: count }, (_, row) => {
    const at = 1 + 4 * row;
    return {
      granted: numbers[at]!,
      waitUs: numbers[at + 1]!,
      left: numbers[at + 2]!,
      debtUs: numbers[at + 3]!,
    };
  });
}
