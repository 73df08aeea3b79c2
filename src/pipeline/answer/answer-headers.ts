// Headers of an answer to the client: what the upstream may say through us, and what we say ourselves.
import type { Call } from '../../contracts/call.ts';
import type { ProviderConfig } from '../../contracts/provider-config.ts';
import type { Frames } from '../../contracts/framing.ts';
import type { LimitHeaderStyle } from '../../contracts/manner.ts';
import type { Target } from '../../contracts/plan.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { limitHeaderFor } from '../../dialects/limit-headers.ts';

/** A list under construction. */
export type Headers = HeaderList[number][];

/** Upstream headers a client of the same dialect understands. Everything else (cookies, framing, server names) ends here. */
const PASSED = /^(x-ratelimit-|anthropic-|openai-)/;
/** What such a name begins with: looked at first, since most do not. */
const LETTER_X = 0x78;
const LETTER_A = 0x61;
const LETTER_O = 0x6f;

/** Whether a header of the upstream's goes to clients of its dialect in any case. */
export function isPassedAnyway(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first === LETTER_X || first === LETTER_A || first === LETTER_O) && PASSED.test(name);
}

/** Adds the upstream's own headers where client and provider speak the same dialect. */
export function passUpstreamHeaders(into: Headers, from: UpstreamHeaders, provider: ProviderConfig): void {
  for (const name in from) {
    if (!isPassedAnyway(name)) continue;
    const value = from[name];
    if (value !== undefined) add(into, name, Array.isArray(value) ? value.join(', ') : value, provider);
  }
  passUpstreamId(into, from, provider);
}

/** Adds what a client of another dialect can read of the upstream's headers: its limits, under the route's names. */
export function translateUpstreamHeaders(
  into: Headers,
  from: UpstreamHeaders,
  to: LimitHeaderStyle,
  provider: ProviderConfig,
): void {
  for (const name in from) {
    const twin = limitHeaderFor(to, name);
    const value = from[name];
    if (twin !== null && typeof value === 'string') add(into, twin, value, provider);
  }
  passUpstreamId(into, from, provider);
}

function passUpstreamId(into: Headers, from: UpstreamHeaders, provider: ProviderConfig): void {
  const upstreamId = from['x-request-id'] ?? from['request-id'];
  if (typeof upstreamId === 'string') add(into, 'x-headgate-upstream-request-id', upstreamId, provider);
}

/** A header in which the upstream gives back a key of ours is left out. */
function add(into: Headers, name: string, value: string, { keys }: ProviderConfig): void {
  for (const key of keys) if (value.includes(key.value)) return;
  into.push([name, value]);
}

/** What an upstream says of the limits of our key there. */
const LIMITS = /^(x|anthropic)-ratelimit-/;

function isLimit(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first === LETTER_X || first === LETTER_A) && LIMITS.test(name);
}

/** Puts the limits of the client's own key in the place of those of our key at the provider. */
export function replaceLimits(into: Headers, limits: HeaderList): void {
  if (limits.length === 0) return;
  for (let at = into.length - 1; at >= 0; at--) if (isLimit(into[at]![0])) into.splice(at, 1);
  for (let at = 0; at < limits.length; at++) into.push(limits[at]!);
}

/** What every stream begins with. */
export function streamHead({ contentType }: Frames): Headers {
  return streamHeadOf(contentType);
}

export function streamHeadOf(contentType: string): Headers {
  return [
    ['content-type', contentType],
    ['cache-control', 'no-cache'],
    ['x-accel-buffering', 'no'],
  ];
}

/** Adds who answered and how it came to that. */
export function describeCall(into: Headers, call: Call, target: Target): void {
  into.push(['x-headgate-provider', target.provider.name], ['x-headgate-model', target.model]);
  if (call.attempts.length > 1) into.push(['x-headgate-attempts', String(call.attempts.length)]);
  if (call.plan !== null && call.plan.targets[0] !== target) into.push(['x-headgate-fallback', '1']);
  describeLosses(into, call);
}

/** Adds what the way through another dialect lost or changed. */
export function describeLosses(into: Headers, call: Call): void {
  if (call.dropped.length > 0) into.push(['x-headgate-dropped', list(call.dropped)]);
  if (call.adapted.length > 0) into.push(['x-headgate-adapted', list(call.adapted)]);
}

/** Paths may hold what a client named its tools: keep the header plain and short. */
function list(paths: readonly string[]): string {
  const text = paths.join(',').replace(/[^\x21-\x7e]/g, '?');
  return text.length <= 2000 ? text : `${text.slice(0, 1997)}...`;
}
