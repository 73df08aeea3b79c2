// The header `traceparent`: version, trace id, id of the parent's span, flags (W3C Trace Context, level 2).
import type { CallTrace } from '../../contracts/trace.ts';

/** A later version may have more behind the flags; `ff` is none, and what is all zeros names nothing. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Longest `tracestate` that must be handed on. */
const MAX_STATE = 512;
const SAMPLED = 1;

export interface Traceparent {
  readonly traceId: string;
  readonly parentId: string;
  readonly sampled: boolean;
}

/** @returns null for what is no such header: the trace begins anew. */
export function readTraceparent(value: string | undefined): Traceparent | null {
  if (value === undefined) return null;
  const found = TRACEPARENT.exec(value.trim());
  if (found === null) return null;
  const [, version, traceId, parentId, flags, more] = found;
  if (version === '00' && more !== undefined) return null;
  return { traceId: traceId!, parentId: parentId!, sampled: (Number.parseInt(flags!, 16) & SAMPLED) === 1 };
}

/** A state that is too long is left out whole, as the recommendation allows. */
export const readTracestate = (value: string | undefined): string =>
  value === undefined || value.length > MAX_STATE ? '' : value;

/**
 * Id of the span of a call's attempt: that of the call with the attempt's number, from 1, added to its last two bytes. Both
 * who tells the provider and who writes the span make it, so nothing has to be kept between them.
 */
export function attemptSpanId({ spanId }: Pick<CallTrace, 'spanId'>, number: number): string {
  const last = (Number.parseInt(spanId.slice(12), 16) + number) & 0xffff;
  return spanId.slice(0, 12) + last.toString(16).padStart(4, '0');
}

/** What a provider is told; of a call that is not recorded what its caller said. */
export function traceparentOf(trace: CallTrace, attempt: number): string {
  const span = trace.sampled ? attemptSpanId(trace, attempt) : trace.spanId;
  return `00-${trace.traceId}-${span}-${trace.sampled ? '01' : '00'}`;
}
