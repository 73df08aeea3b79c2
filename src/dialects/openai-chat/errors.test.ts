import { describe, expect, test } from 'vitest';
import { told } from '../../../tests/kit/told.ts';
import type { ErrorCode } from '../../contracts/error-codes.ts';
import { GatewayError, type UpstreamFault } from '../../contracts/errors.ts';
import { faultError } from '../fault-error.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';

const streamError = (error: GatewayError): string => told((out) => encodeStreamError(error, 'r', out));
const refused = (status: number, body: string, headers: Record<string, string> = {}): UpstreamFault =>
  decodeError(status, headers, Buffer.from(body));

const foreign = (status: number, type: string, more: Partial<UpstreamFault> = {}): UpstreamFault => ({
  dialect: 'anthropic',
  status,
  body: Buffer.from('{"type":"error"}'),
  type,
  code: null,
  param: null,
  message: 'said by another vendor',
  headers: {},
  ...more,
});

const body = (error: GatewayError) => JSON.parse(encodeError(error).body).error;

describe('reading a refusal', () => {
  const native = '{"error":{"message":"m","type":"t","param":"p","code":"c"}}';

  test("OpenAI's shape is kept byte for byte", () => {
    const fault = refused(400, ` ${native}\n`);
    expect(fault).toMatchObject({
      dialect: 'openai-chat',
      status: 400,
      type: 't',
      param: 'p',
      code: 'c',
      message: 'm',
    });
    expect(fault.body?.toString()).toBe(` ${native}\n`);
  });

  test.each([
    ['{"error":"model is loading"}', 'model is loading'],
    ['{"message":"no","type":"BadRequestError"}', 'no'],
    ['{"detail":"Not Found"}', 'Not Found'],
    ['{"detail":[{"loc":["body"],"msg":"field required"},{"msg":"too long"}]}', 'field required; too long'],
    ['{"object":"error","message":"too long","code":400}', 'too long'],
    ['[{"error":{"code":429,"message":"exhausted","status":"RESOURCE_EXHAUSTED"}}]', 'exhausted'],
  ])('%s is read, but not passed on as it is', (text, message) => {
    expect(refused(500, text)).toMatchObject({ message, body: null, status: 500 });
  });

  test.each([
    ['<html><h1>502 nginx at 10.0.0.7</h1></html>'],
    [''],
    ['not json'],
    ['[]'],
    ['5'],
    ['{}'],
    ['\xff\xfe'],
  ])('%j gives a plain message', (text) => {
    const fault = refused(502, text);
    expect(fault.body).toBe(null);
    expect(fault.message).toBe('The provider answered with status 502 and no readable error.');
  });

  test('headers about limits and retries are kept, others not', () => {
    const headers = {
      'retry-after': '3',
      'retry-after-ms': '2500',
      'x-ratelimit-remaining-requests': '0',
      'x-should-retry': 'true',
      'set-cookie': 'a=b',
      server: 'x',
    };
    expect(Object.keys(refused(429, native, headers).headers)).toEqual([
      'retry-after',
      'retry-after-ms',
      'x-ratelimit-remaining-requests',
      'x-should-retry',
    ]);
  });
});

describe('rendering an error of the gateway', () => {
  test.each<[ErrorCode, number, string, string]>([
    ['GW_CLIENT_BAD_REQUEST', 400, 'invalid_request_error', 'gw_client_bad_request'],
    ['GW_CLIENT_UNSUPPORTED', 400, 'invalid_request_error', 'unsupported_parameter'],
    ['GW_CLIENT_AUTH', 401, 'invalid_request_error', 'invalid_api_key'],
    ['GW_CLIENT_FORBIDDEN', 403, 'permission_error', 'gw_client_forbidden'],
    ['GW_CLIENT_MODEL_NOT_FOUND', 404, 'invalid_request_error', 'model_not_found'],
    ['GW_CLIENT_ROUTE_NOT_FOUND', 404, 'invalid_request_error', 'gw_client_route_not_found'],
    ['GW_CLIENT_METHOD', 405, 'invalid_request_error', 'gw_client_method'],
    ['GW_CLIENT_TOO_LARGE', 413, 'invalid_request_error', 'request_too_large'],
    ['GW_LANE_FULL', 503, 'service_unavailable_error', 'gw_lane_full'],
    ['GW_GATEWAY_DRAINING', 503, 'service_unavailable_error', 'gw_gateway_draining'],
    ['GW_GATEWAY_INTERNAL', 500, 'server_error', 'gw_gateway_internal'],
    ['GW_UPSTREAM_CONNECT', 502, 'server_error', 'upstream_error'],
    ['GW_UPSTREAM_TIMEOUT_HEADERS', 504, 'server_error', 'upstream_timeout'],
  ])('%s', (code, status, type, shown) => {
    const error = new GatewayError(code, { param: 'messages[0]' });
    expect(encodeError(error).status).toBe(status);
    expect(body(error)).toEqual({ message: error.publicMessage, type, param: 'messages[0]', code: shown });
  });

  test('a wait is told in whole seconds, rounded up, and in ms', () => {
    const { headers } = encodeError(new GatewayError('GW_LANE_FULL', { retryAfterMs: 1200 }));
    expect(headers).toMatchObject({ 'retry-after': '2', 'retry-after-ms': '1200' });
    expect(headers['x-should-retry']).toBe(undefined);
  });

  test('the SDK is told not to retry what the gateway has retried, or what a retry cannot help', () => {
    const should = (code: ErrorCode) => encodeError(new GatewayError(code)).headers['x-should-retry'];
    expect(should('GW_UPSTREAM_TIMEOUT_HEADERS')).toBe('false');
    expect(should('GW_UPSTREAM_CONNECT')).toBe('false');
    expect(should('GW_CLIENT_FORBIDDEN')).toBe('false');
    expect(should('GW_GATEWAY_DRAINING')).toBe(undefined);
    expect(should('GW_CLIENT_BAD_REQUEST')).toBe('false');
  });
});

describe('rendering the fault of an upstream', () => {
  test('of this dialect: status, bytes and limits as received', () => {
    const text = '{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"},"x":1.0}';
    const fault = refused(429, text, {
      'retry-after': '7',
      'x-ratelimit-reset-requests': '1s',
      'x-should-retry': 'true',
    });
    const answer = encodeError(faultError(fault));
    expect(answer.status).toBe(429);
    expect(answer.body).toBe(text);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'retry-after': '7',
      'x-ratelimit-reset-requests': '1s',
      'x-should-retry': 'false',
    });
  });

  test('an HTML page becomes an error object with the status as received', () => {
    const answer = encodeError(faultError(refused(502, '<html>secret</html>')));
    expect(answer.status).toBe(502);
    expect(answer.body).not.toContain('html');
    expect(JSON.parse(answer.body).error).toMatchObject({
      type: 'server_error',
      code: 'upstream_error',
      param: null,
    });
  });

  test.each([
    [400, 'invalid_request_error', 'invalid_request_error', null],
    [401, 'authentication_error', 'invalid_request_error', 'invalid_api_key'],
    [402, 'billing_error', 'insufficient_quota', 'insufficient_quota'],
    [403, 'permission_error', 'permission_error', 'permission_denied'],
    [404, 'not_found_error', 'invalid_request_error', 'model_not_found'],
    [413, 'request_too_large', 'invalid_request_error', 'request_too_large'],
    [429, 'rate_limit_error', 'rate_limit_error', 'rate_limit_exceeded'],
    [500, 'api_error', 'server_error', 'upstream_error'],
    [504, 'timeout_error', 'server_error', 'upstream_timeout'],
    [529, 'overloaded_error', 'service_unavailable_error', 'server_is_overloaded'],
    [418, 'a_new_error', 'invalid_request_error', null],
  ])('of another dialect: %i %s', (status, theirs, type, code) => {
    const error = faultError(foreign(status, theirs));
    expect(encodeError(error).status).toBe(status);
    expect(body(error)).toEqual({ message: 'said by another vendor', type, param: null, code });
  });

  test("another vendor's limits get the names of this route", () => {
    const headers = {
      'retry-after': '4',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-tokens-limit': '50',
      'anthropic-ratelimit-requests-reset': '2026-11-21T00:00:00Z',
    };
    const answer = encodeError(faultError(foreign(429, 'rate_limit_error', { headers })));
    expect(answer.headers).toEqual({
      'content-type': 'application/json',
      'retry-after': '4',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-limit-tokens': '50',
      'x-should-retry': 'false',
    });
  });
});

describe('rendering an error inside a stream', () => {
  test('is one data event without [DONE]', () => {
    const text = streamError(new GatewayError('GW_UPSTREAM_TRUNCATED'));
    expect(text).toMatch(/^data: \{"error":\{.*\}\}\n\n$/);
    expect(text).not.toContain('[DONE]');
    expect(JSON.parse(text.slice(6)).error.code).toBe('upstream_error');
  });

  test('passes the upstream event on, each line as data', () => {
    const fault = refused(500, '{"error":\n{"message":"m"}}');
    expect(streamError(faultError(fault))).toBe('data: {"error":\ndata: {"message":"m"}}\n\n');
  });

  test('a fault of another dialect or shape is one of this dialect', () => {
    const read = (fault: UpstreamFault) => JSON.parse(streamError(faultError(fault)).slice(6)).error;
    expect(read(foreign(529, 'overloaded_error'))).toMatchObject({ type: 'service_unavailable_error' });
    expect(read(refused(503, ''))).toMatchObject({
      type: 'service_unavailable_error',
      code: 'server_is_overloaded',
    });
  });
});
