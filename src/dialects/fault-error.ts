// From what an upstream said to what the gateway does about it: the fault's status and type pick the GatewayError code,
// and with it the retry advice (faults.md section 4). One table for refused calls, faults inside a 200 and faults
// inside a stream.
import type { ErrorCode } from '../contracts/error-codes.ts';
import type { RetryAdvice } from '../contracts/error-decision.ts';
import { GatewayError, type UpstreamFault } from '../contracts/errors.ts';
import { contextOverflow } from './context-overflow.ts';
import { limitResetMs } from './limit-reset.ts';

// A key with these is dead until its owner pays: resting it for a moment does not help.
const QUOTA_CODES: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
]);

// Google refuses a key that it does not know with a 400.
const KEY_CODES: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED']);

// What vendors call a request that they refuse for what it says.
const POLICY_CODES: ReadonlySet<string> = new Set([
  'content_filter',
  'content_policy_violation',
  'ResponsibleAIPolicyViolation',
  'moderation_blocked',
  'guardrail_intervened',
]);

interface Reading {
  code: ErrorCode;
  /** Where the status allows another attempt that the code's default would not. */
  retry?: RetryAdvice;
}

/**
 * The GatewayError of an upstream's fault, with the fault attached.
 *
 * @param nowMs wall clock, to read a `retry-after` that is a date; without it such a date is ignored.
 * @param asWritten the provider refused what the caller wrote, not what the gateway made of it.
 */
export function faultError(fault: UpstreamFault, nowMs?: number, asWritten = false): GatewayError {
  const { code, retry } = readFault(fault);
  return new GatewayError(code, {
    message: fault.message,
    param: fault.param ?? undefined,
    retry,
    retryAfterMs: retryAfterMs(fault.headers, nowMs) ?? resetOf(fault, nowMs) ?? undefined,
    fault,
    errorType: asWritten && OF_REQUESTS.has(code) ? OF_THE_CALLER[fault.status] : undefined,
  });
}

const OF_REQUESTS: ReadonlySet<ErrorCode> = new Set(['GW_UPSTREAM_REJECTED', 'GW_UPSTREAM_CONTEXT']);
/** What callers write wrong is no failure of their provider: it would count against its share of good calls. */
const OF_THE_CALLER: Readonly<Record<number, string>> = {
  400: 'caller_invalid_request',
  413: 'caller_too_large',
  422: 'caller_invalid_request',
};

function readFault(fault: UpstreamFault): Reading {
  const { status, type, code } = fault;
  if (isQuota(type) || isQuota(code) || status === 402) return { code: 'GW_UPSTREAM_QUOTA' };
  if (status === 401 || status === 403 || (code !== null && KEY_CODES.has(code)))
    return { code: 'GW_UPSTREAM_AUTH' };
  if (status === 408 || status === 409) return { code: 'GW_UPSTREAM_REJECTED', retry: 'same' };
  if (status === 429) return { code: 'GW_UPSTREAM_RATE_LIMIT' };
  if (status === 503 || status === 529) return { code: 'GW_UPSTREAM_OVERLOADED' };
  // Bedrock's word for a model that failed behind it: nothing is wrong with the request.
  if (status === 424) return { code: 'GW_UPSTREAM_ERROR' };
  if (isPolicy(type) || isPolicy(code)) return { code: 'GW_UPSTREAM_CONTENT_POLICY' };
  // Local model servers say it with a 500: another attempt at the same model meets the same context.
  if (contextOverflow(fault) !== null) return { code: 'GW_UPSTREAM_CONTEXT' };
  if (status >= 400 && status < 500) return { code: 'GW_UPSTREAM_REJECTED' };
  return { code: 'GW_UPSTREAM_ERROR' };
}

function isPolicy(value: string | null): boolean {
  return value !== null && POLICY_CODES.has(value);
}

function isQuota(value: string | null): boolean {
  return value !== null && QUOTA_CODES.has(value);
}

/** Where no `retry-after` says it: when the limit that was run into is free again. */
function resetOf(fault: UpstreamFault, nowMs: number | undefined): number | null {
  return fault.status === 429 ? limitResetMs(fault.headers, nowMs) : null;
}

/** `retry-after-ms`, else `retry-after` in seconds or as a date; null when absent, unreadable or in the past. */
export function retryAfterMs(headers: Record<string, string>, nowMs?: number): number | null {
  const exact = positive(headers['retry-after-ms']);
  if (exact !== null) return exact;
  const text = headers['retry-after'];
  const seconds = positive(text);
  if (seconds !== null) return seconds * 1000;
  if (text === undefined || nowMs === undefined) return null;
  const date = Date.parse(text);
  return Number.isNaN(date) || date < nowMs ? null : date - nowMs;
}

function positive(text: string | undefined): number | null {
  if (text === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return null;
  return Number(text);
}
