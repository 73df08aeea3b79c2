import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts';
import { GatewayError, type UpstreamFault } from '../contracts/errors.ts';
import { clientRetry } from './client-retry.ts';
import { errorHeaders } from './error-headers.ts';
import { faultError } from './fault-error.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

const fault = (status: number, headers: Record<string, string> = {}): UpstreamFault => ({
  dialect: 'openai-chat',
  status,
  body: null,
  type: null,
  code: null,
  param: null,
  message: 'm',
  headers,
});

const told = (error: GatewayError) => errorHeaders(error, error.status, 'x-ratelimit')['x-should-retry'];

describe('whether an SDK should try again', () => {
  // A new code must be thought about: it is final unless it stands here.
  const leftToTheStatus: ErrorCode[] = [
    'GW_CLIENT_CONVERSATION_LOCKED',
    'GW_CLIENT_BODY_TIMEOUT',
    'GW_LANE_FULL',
    'GW_LANE_QUEUE_TIMEOUT',
    'GW_LANE_NO_KEY',
    'GW_LANE_NO_CREDENTIAL',
    'GW_LIMIT_EXCEEDED',
    // Its window ends soon.
    'GW_BUDGET_EXCEEDED',
    'GW_LIMIT_UNKNOWN',
    'GW_GUARDRAIL_UNCHECKED',
    // It may be back by then, as a guardrail's service.
    'GW_PLUGIN_FAILED',
    'GW_CALLER_UNKNOWN',
    'GW_GATEHOUSE_AWAY',
    'GW_GATEWAY_BUSY',
    'GW_GATEWAY_DRAINING',
    'GW_GATEWAY_INTERNAL',
  ];

  test.each(CODES)('%s', (code) => {
    const error = new GatewayError(code, { retryAfterMs: 5_000 });
    expect(clientRetry(error, undefined)).toBe(leftToTheStatus.includes(code) ? null : 'false');
  });

  test('a provider no key of which may serve the model is no use to come back to', () => {
    expect(clientRetry(new GatewayError('GW_LANE_NO_KEY'), undefined)).toBe('false');
  });

  test.each([400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529])(
    'a %i of an upstream has had all attempts that could help',
    (status) => expect(told(faultError(fault(status)))).toBe('false'),
  );

  test('the word of an upstream counts only for what the gateway does not repeat by itself', () => {
    const says = { 'x-should-retry': 'true' };
    expect(told(faultError(fault(422, says)))).toBe('true');
    for (const status of [401, 403, 408, 409, 429, 500, 529]) {
      expect(told(faultError(fault(status, says)))).toBe('false');
    }
  });
});

describe('a 401', () => {
  test('says how to authenticate, and whose key was refused', () => {
    const own = new GatewayError('GW_CLIENT_AUTH');
    expect(errorHeaders(own, 401, 'x-ratelimit')['www-authenticate']).toBe('Bearer realm="headgate"');
    const theirs = faultError(fault(401));
    expect(errorHeaders(theirs, 401, 'x-ratelimit')['www-authenticate']).toBe('Bearer realm="provider"');
    const forbidden = faultError(fault(403));
    expect(errorHeaders(forbidden, 403, 'x-ratelimit')['www-authenticate']).toBeUndefined();
  });
});
