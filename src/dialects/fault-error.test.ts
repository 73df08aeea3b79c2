import { describe, expect, test } from 'vitest';
import type { UpstreamFault } from '../contracts/errors.ts';
import { faultError, retryAfterMs } from './fault-error.ts';

const fault = (status: number, more: Partial<UpstreamFault> = {}): UpstreamFault => ({
  dialect: 'openai-chat',
  status,
  body: null,
  type: null,
  code: null,
  param: null,
  message: 'no',
  headers: {},
  ...more,
});

describe('an upstream fault as a GatewayError', () => {
  test.each([
    [400, 'GW_UPSTREAM_REJECTED', 'no'],
    [401, 'GW_UPSTREAM_AUTH', 'key'],
    [403, 'GW_UPSTREAM_AUTH', 'key'],
    [404, 'GW_UPSTREAM_REJECTED', 'no'],
    [408, 'GW_UPSTREAM_REJECTED', 'same'],
    [409, 'GW_UPSTREAM_REJECTED', 'same'],
    [429, 'GW_UPSTREAM_RATE_LIMIT', 'key'],
    [500, 'GW_UPSTREAM_ERROR', 'same'],
    [503, 'GW_UPSTREAM_OVERLOADED', 'same'],
    [529, 'GW_UPSTREAM_OVERLOADED', 'same'],
  ])('status %i is %s with advice %s, and the status is kept', (status, code, retry) => {
    const error = faultError(fault(status));
    expect([error.code, error.retry, error.status]).toEqual([code, retry, status]);
  });

  test.each([
    [400, {}, 'caller_invalid_request', 'provider_rejected'],
    [422, {}, 'caller_invalid_request', 'provider_rejected'],
    [413, {}, 'caller_too_large', 'provider_rejected'],
    [400, { code: 'context_length_exceeded' }, 'caller_invalid_request', 'provider_rejected'],
    [400, { code: 'API_KEY_INVALID' }, 'provider_auth', 'provider_auth'],
    [400, { code: 'content_filter' }, 'provider_rejected', 'provider_rejected'],
    [404, {}, 'provider_rejected', 'provider_rejected'],
    [409, {}, 'provider_rejected', 'provider_rejected'],
    [500, {}, 'provider_server_error', 'provider_server_error'],
  ])('%i %j is %s of what the caller wrote, and %s of what was made of it', (status, more, own, made) => {
    const of = (asWritten: boolean): string => faultError(fault(status, more), 0, asWritten).errorType;
    expect([of(true), of(false)]).toEqual([own, made]);
  });

  test('a spent quota is told from a rate limit by type or code', () => {
    expect(faultError(fault(429, { type: 'insufficient_quota' })).code).toBe('GW_UPSTREAM_QUOTA');
    expect(faultError(fault(429, { code: 'insufficient_quota' })).code).toBe('GW_UPSTREAM_QUOTA');
    expect(faultError(fault(402)).code).toBe('GW_UPSTREAM_QUOTA');
  });

  test('retry-after is read as milliseconds, seconds or a date', () => {
    expect(retryAfterMs({ 'retry-after-ms': '250', 'retry-after': '9' })).toBe(250);
    expect(retryAfterMs({ 'retry-after': '1.5' })).toBe(1500);
    const date = 'Sat, 21 Nov 2026 08:00:10 GMT';
    expect(retryAfterMs({ 'retry-after': date }, Date.parse(date) - 4000)).toBe(4000);
    expect(retryAfterMs({ 'retry-after': date }, Date.parse(date) + 1)).toBe(null);
    expect(retryAfterMs({ 'retry-after': 'soon' }, 0)).toBe(null);
    expect(retryAfterMs({})).toBe(null);
  });
});
