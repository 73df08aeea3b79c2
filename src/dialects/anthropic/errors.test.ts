import { describe, expect, it } from 'vitest';
import { told } from '../../../tests/kit/told.ts';
import { GatewayError, type UpstreamFault } from '../../contracts/errors.ts';
import { faultError } from '../fault-error.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';

const streamError = (error: GatewayError): string => told((out) => encodeStreamError(error, 'r', out));
const foreign = (status: number, type: string | null, code: string | null): UpstreamFault => ({
  dialect: 'openai-chat',
  status,
  body: Buffer.from('{"error":{}}'),
  type,
  code,
  param: null,
  message: 'said so',
  headers: { 'retry-after': '7', 'x-ratelimit-remaining-tokens': '9', 'x-ratelimit-reset-tokens': '1s' },
});

describe('decodeError', () => {
  it('reads an error body and keeps its bytes and the headers that matter', () => {
    const body = Buffer.from(
      '{ "type":"error","error":{"type":"rate_limit_error","message":"slow","details":{"error_code":"tier"}},"request_id":"r"}',
    );
    const headers = {
      'retry-after': '3',
      'retry-after-ms': '2500',
      'x-should-retry': 'true',
      'anthropic-ratelimit-tokens-remaining': '0',
      server: 'cf',
    };
    expect(decodeError(429, headers, body)).toEqual({
      dialect: 'anthropic',
      status: 429,
      body,
      type: 'rate_limit_error',
      code: 'tier',
      param: null,
      message: 'slow',
      headers: {
        'retry-after': '3',
        'retry-after-ms': '2500',
        'x-should-retry': 'true',
        'anthropic-ratelimit-tokens-remaining': '0',
      },
    });
  });

  it.each(['<html>502 Bad Gateway at 10.0.0.1</html>', '', '[]', '{"type":"error"'])(
    'makes a fault of %j with a plain message and no bytes to pass on',
    (body) => {
      const fault = decodeError(502, {}, Buffer.from(body));
      expect(fault).toMatchObject({ status: 502, body: null, type: null });
      expect(fault.message).toBe('The provider answered with status 502 and no readable error.');
    },
  );

  it('keeps the words of a server that speaks another shape', () => {
    const body = '{"error":{"message":"no such model","type":"NotFound","code":"gone"}}';
    expect(decodeError(404, {}, Buffer.from(body))).toMatchObject({
      message: 'no such model',
      code: 'gone',
      body: null,
    });
    expect(decodeError(422, {}, Buffer.from('{"detail":"bad"}')).message).toBe('bad');
  });
});

describe('encodeError', () => {
  it('refuses a thread by the code that lets the SDKs go on without one', () => {
    const answer = encodeError(new GatewayError('GW_CLIENT_UNSUPPORTED', { param: 'thread' }), 'req');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toMatchObject({
      type: 'invalid_request_error',
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    });
  });

  it("passes an Anthropic upstream's own bytes on, with status and headers", () => {
    const bytes =
      '{"type" : "error","error":{"type":"not_found_error","message":"model: x \\u00e9"}, "x":1.0}';
    const answer = encodeError(
      faultError(decodeError(404, { 'retry-after': '1' }, Buffer.from(bytes))),
      'req',
    );
    expect(answer).toEqual({
      status: 404,
      headers: { 'content-type': 'application/json', 'retry-after': '1', 'x-should-retry': 'false' },
      body: bytes,
    });
  });

  it.each([
    [400, 'invalid_request_error', 'unknown_parameter', 'invalid_request_error'],
    [401, 'invalid_request_error', 'invalid_api_key', 'authentication_error'],
    [402, null, null, 'billing_error'],
    [403, 'permission_error', null, 'permission_error'],
    [404, 'invalid_request_error', 'model_not_found', 'not_found_error'],
    [409, null, null, 'conflict_error'],
    [413, null, null, 'request_too_large'],
    [422, 'invalid_request_error', null, 'invalid_request_error'],
    [429, 'insufficient_quota', 'insufficient_quota', 'rate_limit_error'],
    [500, 'server_error', null, 'api_error'],
    [503, 'service_unavailable_error', 'server_is_overloaded', 'overloaded_error'],
    [504, 'server_error', null, 'timeout_error'],
  ])('translates a foreign %i %s: same status and message, nearest type', (status, type, code, expected) => {
    const error = faultError(foreign(status, type, code));
    const answer = encodeError(error, 'req_1');
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({
      type: 'error',
      error: { type: expected, message: 'said so', details: { error_code: code ?? error.code } },
      request_id: 'req_1',
    });
    expect(answer.headers['retry-after']).toBe('7');
    expect(answer.headers['anthropic-ratelimit-tokens-remaining']).toBe('9');
    expect(Object.keys(answer.headers).some((name) => name.includes('reset'))).toBe(false);
  });

  it.each([
    ['GW_CLIENT_BAD_REQUEST', 400, 'invalid_request_error'],
    ['GW_CLIENT_AUTH', 401, 'authentication_error'],
    ['GW_CLIENT_FORBIDDEN', 403, 'permission_error'],
    ['GW_CLIENT_MODEL_NOT_FOUND', 404, 'not_found_error'],
    ['GW_CLIENT_METHOD', 405, 'invalid_request_error'],
    ['GW_CLIENT_TOO_LARGE', 413, 'request_too_large'],
    ['GW_LANE_FULL', 529, 'overloaded_error'],
    ['GW_GATEWAY_DRAINING', 529, 'overloaded_error'],
    ['GW_GATEWAY_INTERNAL', 500, 'api_error'],
    ['GW_UPSTREAM_CONNECT', 502, 'api_error'],
    ['GW_UPSTREAM_TIMEOUT_HEADERS', 504, 'timeout_error'],
  ] as const)('renders %s as %i %s', (code, status, type) => {
    const answer = encodeError(new GatewayError(code, { message: 'm', retryAfterMs: 1500 }), 'req_1');
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'retry-after': '2', 'retry-after-ms': '1500' });
    expect(JSON.parse(answer.body)).toEqual({
      type: 'error',
      error: { type, message: 'm', details: { error_code: code } },
      request_id: 'req_1',
    });
  });

  it('tells the SDK not to repeat what the gateway has repeated', () => {
    const retry = (error: GatewayError): string | undefined =>
      encodeError(error, 'r').headers['x-should-retry'];
    expect(retry(new GatewayError('GW_UPSTREAM_CONNECT'))).toBe('false');
    expect(retry(faultError(foreign(429, null, null)))).toBe('false');
    expect(retry(faultError(foreign(400, null, null)))).toBe('false');
    expect(retry(new GatewayError('GW_LANE_FULL'))).toBeUndefined();
  });
});

describe('encodeStreamError', () => {
  it('is one event named error that holds the same body', () => {
    const error = new GatewayError('GW_UPSTREAM_TRUNCATED');
    expect(streamError(error)).toBe(`event: error\ndata: ${encodeError(error, 'r').body}\n\n`);
  });

  it('keeps a body of several lines one event', () => {
    const body = '{"type":"error",\n"error":{"type":"api_error",\r\n"message":"m"}}';
    const event = streamError(faultError(decodeError(500, {}, Buffer.from(body))));
    expect(event).toBe(
      'event: error\ndata: {"type":"error",\ndata: "error":{"type":"api_error",\ndata: "message":"m"}}\n\n',
    );
  });
});
