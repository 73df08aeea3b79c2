// What an answer says of the limits of its gateway key, in the style of the route's own vendor (wire.md 11.3): of each
// dimension the tightest rule.
import type { LimitHeaderStyle } from '../contracts/manner.ts';
import { usdText } from '../prices/usd-text.ts';
import type { LocalBucket } from './local-bucket.ts';

const DIMENSIONS = ['requests', 'tokens'] as const;
/** Made once: names are half of what the headers of a call would make. */
const NAMES = {
  'x-ratelimit': {
    requests: namesOf('x-ratelimit', 'requests'),
    tokens: namesOf('x-ratelimit', 'tokens'),
  },
  'anthropic-ratelimit': {
    requests: namesOf('anthropic-ratelimit', 'requests'),
    tokens: namesOf('anthropic-ratelimit', 'tokens'),
  },
} as const;

const linesOf = ({ limit, remaining, reset }: Names): Names => ({
  limit: lineOf(limit),
  remaining: lineOf(remaining),
  reset: lineOf(reset),
});
const lineOf = (name: string): string => `\r\n${name}: `;

/** Likewise, as lines begin with them. */
const LINES = {
  'x-ratelimit': {
    requests: linesOf(NAMES['x-ratelimit'].requests),
    tokens: linesOf(NAMES['x-ratelimit'].tokens),
  },
  'anthropic-ratelimit': {
    requests: linesOf(NAMES['anthropic-ratelimit'].requests),
    tokens: linesOf(NAMES['anthropic-ratelimit'].tokens),
  },
} as const;
const REMAINING = 'x-headgate-budget-remaining-usd';
const RESET = 'x-headgate-budget-reset';
const REMAINING_LINE = lineOf(REMAINING);
const RESET_LINE = lineOf(RESET);

interface Names {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

function namesOf(style: 'x-ratelimit' | 'anthropic-ratelimit', dimension: string): Names {
  const name = (what: string): string =>
    style === 'x-ratelimit' ? `x-ratelimit-${what}-${dimension}` : `${style}-${dimension}-${what}`;
  return { limit: name('limit'), remaining: name('remaining'), reset: name('reset') };
}

/** @param now monotonic ms. @param wall tells ms since 1970. @param ietf add the IETF draft's two fields. */
export function limitHeaders(
  style: LimitHeaderStyle,
  buckets: readonly LocalBucket[],
  now: number,
  wall: () => number,
  ietf: boolean,
): [name: string, value: string][] {
  const headers: [string, string][] = [];
  let policies = '';
  let states = '';
  if (style === 'none') return headers;
  for (const dimension of DIMENSIONS) {
    const bucket = tightest(buckets, dimension, now);
    if (bucket === null) continue;
    const { rule, limitText: limit } = bucket;
    const remaining = String(Math.floor(bucket.left(now)));
    const resetMs = bucket.fullInMs(now);
    const names = NAMES[style][dimension];
    headers.push(
      [names.limit, limit],
      [names.remaining, remaining],
      [names.reset, style === 'x-ratelimit' ? durationText(resetMs) : dateText(wall() + resetMs)],
    );
    if (!ietf) continue;
    const comma = policies === '' ? '' : ', ';
    policies += `${comma}"${rule.name}";q=${limit};w=${Math.ceil(rule.periodMs / 1000)}`;
    states += `${comma}"${rule.name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
  }
  if (policies !== '') headers.push(['ratelimit-policy', policies], ['ratelimit', states]);
  return headers;
}

/**
 * Adds what is left of the tightest of the caller's budgets, and when it begins anew, in seconds: `x-headgate-budget-remaining-usd`
 * and `x-headgate-budget-reset`. @param wall ms since 1970. @param unusedNano nanodollars that come back of what is set aside
 */
export function addBudgetHeaders(
  headers: [name: string, value: string][],
  buckets: readonly LocalBucket[],
  now: number,
  wall: number,
  unusedNano = 0,
): void {
  const tight = tightest(buckets, 'cost', now);
  if (tight === null) return;
  const { endsAtMs } = tight;
  headers.push([REMAINING, usdText(Math.max(0, tight.left(now) + unusedNano))]);
  if (endsAtMs > 0) headers.push([RESET, String(secondsTo(endsAtMs, wall))]);
}

/**
 * The same headers as lines, each behind CR and LF: seven headers of a call with limits and budgets cost 1.0 to 1.3 us one by one, most of it
 * looking each over and joining them (bench/micro/limiter.ts). @param budgetWall ms since 1970; null = no budgets are told
 */
export function limitLines(
  style: LimitHeaderStyle,
  buckets: readonly LocalBucket[],
  now: number,
  wall: () => number,
  budgetWall: number | null,
  unusedNano: number,
): string {
  let lines = '';
  if (style !== 'none')
    for (const dimension of DIMENSIONS) {
      const bucket = tightest(buckets, dimension, now);
      if (bucket === null) continue;
      const { limit, remaining, reset } = LINES[style][dimension];
      const resetMs = bucket.fullInMs(now);
      lines +=
        limit +
        bucket.limitText +
        remaining +
        Math.floor(bucket.left(now)) +
        reset +
        (style === 'x-ratelimit' ? durationText(resetMs) : dateText(wall() + resetMs));
    }
  if (budgetWall === null) return lines;
  const tight = tightest(buckets, 'cost', now);
  if (tight === null) return lines;
  lines += REMAINING_LINE + usdText(Math.max(0, tight.left(now) + unusedNano));
  const { endsAtMs } = tight;
  return endsAtMs > 0 ? lines + RESET_LINE + secondsTo(endsAtMs, budgetWall) : lines;
}

/** `0s`, `12ms`, `1.5s`, `6m0s`, `1h0m0s`: as OpenAI writes it, never shorter than `ms`. */
export function durationText(ms: number): string {
  if (ms <= 0) return '0s';
  if (ms <= 999) return `${Math.ceil(ms)}ms`;
  const hundredths = Math.ceil(ms / 10);
  if (hundredths < 6_000) return `${hundredths / 100}s`;
  const whole = Math.ceil(ms / 1_000);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${whole % 60}s`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${whole % 60}s`;
}

const secondsTo = (endsAtMs: number, wall: number): number =>
  Math.max(0, Math.ceil((endsAtMs - wall) / 1000));

/** RFC 3339 in whole seconds, never earlier than `ms`. */
function dateText(ms: number): string {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

function tightest(
  buckets: readonly LocalBucket[],
  dimension: 'requests' | 'tokens' | 'cost',
  now: number,
): LocalBucket | null {
  let found: LocalBucket | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const bucket of buckets) {
    if (bucket.rule.dimension !== dimension) continue;
    const left = bucket.left(now);
    if (left >= least) continue;
    found = bucket;
    least = left;
  }
  return found;
}
