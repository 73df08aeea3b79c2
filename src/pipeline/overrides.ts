// What one request may change for itself by header: its clocks and how losses are treated.
import type { EncodeTarget } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { TimeoutConfig } from '../contracts/attempt-config.ts';
import { PRIORITIES } from '../contracts/holder.ts';
import type { Target } from '../contracts/plan.ts';

/** Header -> clock. Values are whole milliseconds; `0` switches the clock off only where the configuration did. */
const CLOCKS: readonly (readonly [header: string, clock: keyof TimeoutConfig])[] = [
  ['x-headgate-timeout-ms', 'totalMs'],
  ['x-headgate-connect-timeout-ms', 'connectMs'],
  ['x-headgate-headers-timeout-ms', 'headersMs'],
  ['x-headgate-first-token-timeout-ms', 'firstTokenMs'],
  ['x-headgate-between-tokens-timeout-ms', 'betweenTokensMs'],
];

const LONGEST_MS = 24 * 3_600_000;

/** Clocks of a call at a target: the provider's, then the route's, then the request's own. */
export function timeoutsFor(call: Call, target: Target): TimeoutConfig {
  const route = call.snapshot.config.timeouts.routes[call.route.template];
  if (route === undefined && !call.head.headers.hasOwn) return target.timeouts;
  const clocks = { ...target.timeouts, ...route };
  for (const [header, clock] of CLOCKS) {
    const text = call.head.headers.get(header);
    if (text === undefined || !/^\d{1,9}$/.test(text)) continue;
    const ms = Number(text);
    if (ms > 0) clocks[clock] = Math.min(ms, LONGEST_MS);
  }
  return clocks;
}

/** Place of a call's class in PRIORITIES: its caller's, or a lower one that the request asks for. */
export function rankOf({ principal, head }: Call): number {
  const own = PRIORITIES.indexOf(principal?.priority ?? 'normal');
  if (!head.headers.hasOwn) return own;
  const asked = head.headers.get('x-headgate-priority') ?? '';
  return Math.max(own, (PRIORITIES as readonly string[]).indexOf(asked));
}

/** `x-headgate-strict: 1`: every loss in translation is a 400. */
export function encodeTargetFor(call: Call, target: Target): EncodeTarget {
  if (!call.head.headers.hasOwn) return target.encode;
  const strict = call.head.headers.get('x-headgate-strict');
  return strict === '1' || strict === 'true' ? { ...target.encode, strict: true } : target.encode;
}

/** ms left of the call's total clock at a target; Infinity where it is off. */
export function leftMs(call: Call, target: Target, now: number): number {
  const { totalMs } = timeoutsFor(call, target);
  return totalMs === 0 ? Number.POSITIVE_INFINITY : totalMs - (now - call.startedAt);
}
