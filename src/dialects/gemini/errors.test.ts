import { describe, expect, it } from 'vitest';
import { told } from '../../../tests/kit/told.ts';
import { GatewayError, type UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { faultError } from '../fault-error.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError, faultIn } from './faults.ts';

const QUOTA = {
  error: {
    code: 429,
    message: 'You exceeded your current quota.',
    status: 'RESOURCE_EXHAUSTED',
    details: [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' },
    ],
  },
};
const read = (status: number, body: string | object, headers: Record<string, string> = {}) =>
  decodeError(status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const foreign = (change: Partial<UpstreamFault>): UpstreamFault => ({
  dialect: 'openai-chat',
  status: 400,
  body: Buffer.from('{}'),
  type: null,
  code: null,
  param: null,
  message: 'said',
  headers: {},
  ...change,
});
const bodyOf = (error: GatewayError) => JSON.parse(encodeError(error, 'req_1').body) as { error: JsonObject };

describe('a refusal of Gemini, read', () => {
  it('says when to come again by RetryInfo', () => {
    const fault = read(429, QUOTA);
    expect(fault).toMatchObject({
      status: 429,
      type: 'RESOURCE_EXHAUSTED',
      headers: { 'retry-after': '13', 'retry-after-ms': '12500' },
    });
    expect(faultError(fault)).toMatchObject({ code: 'GW_UPSTREAM_RATE_LIMIT', retryAfterMs: 12_500 });
  });

  it('may be the only one of a list', () => {
    expect(
      read(404, `[${JSON.stringify({ error: { code: 404, message: 'no model', status: 'NOT_FOUND' } })}\n]`),
    ).toMatchObject({
      message: 'no model',
      type: 'NOT_FOUND',
    });
  });

  it('of a key is one, though its status says otherwise', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    const fault = read(400, {
      error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT', details },
    });
    expect(faultError(fault)).toMatchObject({ code: 'GW_UPSTREAM_AUTH', status: 400 });
  });

  it('names the field', () => {
    const details = [{ fieldViolations: [{ field: 'contents[0]', description: 'x' }] }];
    expect(read(400, { error: { code: 400, message: 'x', status: 'INVALID_ARGUMENT', details } }).param).toBe(
      'contents[0]',
    );
  });

  it.each(['', '<html>', '[]', '[7]', 'null', '{"error":7}', '{"message":"proxied"}'])(
    'is one whatever it is: %j',
    (body) => {
      const fault = read(502, body);
      expect(fault).toMatchObject({ status: 502, body: null });
      expect(fault.message).not.toBe('');
    },
  );

  it('in a stream has the status it states', () => {
    expect(faultIn({ error: { code: 503, status: 'UNAVAILABLE', message: 'x' } }, '{}')).toMatchObject({
      status: 503,
    });
    expect(faultIn({ error: { status: 'DEADLINE_EXCEEDED' } }, '{}')).toMatchObject({ status: 504 });
    expect(faultIn({ error: 'text' }, '{}')).toMatchObject({ status: 500, message: 'text', body: null });
    expect(faultIn({ candidates: [] }, '{}')).toBeNull();
  });
});

describe('an error for a client of Gemini', () => {
  it('of its own vendor keeps every byte', () => {
    const text = `${JSON.stringify(QUOTA, null, 2)}\n`;
    const answer = encodeError(faultError(read(429, text)), 'req_1');
    expect(answer).toMatchObject({
      status: 429,
      body: text,
      headers: { 'retry-after': '13', 'x-should-retry': 'false' },
    });
  });

  it('of another has the nearest status and the same message', () => {
    const error = faultError(
      foreign({
        status: 429,
        type: 'rate_limit_error',
        code: 'rate_limit_exceeded',
        headers: { 'retry-after': '7' },
      }),
    );
    expect(bodyOf(error)).toEqual({
      error: {
        code: 429,
        message: 'said',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'rate_limit_exceeded',
            domain: 'provider',
          },
          { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'req_1' },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' },
        ],
      },
    });
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [422, 'INVALID_ARGUMENT'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
    [529, 'UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED'],
  ])('with status %i says %s', (status, type) => {
    expect(bodyOf(faultError(foreign({ status }))).error).toMatchObject({ code: status, status: type });
  });

  it("of the gateway's own has its code and the field", () => {
    const error = new GatewayError('GW_CLIENT_BAD_REQUEST', { message: 'no', param: 'contents[0]' });
    expect(bodyOf(error).error).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      details: [
        { reason: 'GW_CLIENT_BAD_REQUEST', domain: 'headgate' },
        { requestId: 'req_1' },
        { fieldViolations: [{ field: 'contents[0]' }] },
      ],
    });
    expect(encodeError(error, 'r').headers).not.toHaveProperty('x-ratelimit-limit-requests');
  });

  it('of a prompt that is too long is one that its clients know', () => {
    const message =
      "This model's maximum context length is 1000 tokens. However, your messages resulted in 2000 tokens.";
    const error = faultError(foreign({ message, code: 'context_length_exceeded' }));
    expect(bodyOf(error).error['message']).toBe(
      'The input token count (2000) exceeds the maximum number of tokens allowed (1000).',
    );
  });

  it('in a stream is a message that the SDKs raise on', () => {
    const list = faultError(
      foreign({
        dialect: 'gemini',
        body: Buffer.from(`[${JSON.stringify(QUOTA)}]`),
        status: 429,
        type: 'RESOURCE_EXHAUSTED',
      }),
    );
    for (const error of [
      list,
      new GatewayError('GW_UPSTREAM_TRUNCATED'),
      faultError(foreign({ status: 503 })),
    ]) {
      const text = told((out) => encodeStreamError(error, 'req_1', out));
      const { error: raised } = JSON.parse(text.slice('data: '.length)) as {
        error: { code: number; status: string };
      };
      expect(raised.code).toBe(error.status);
      expect(text.endsWith('\n\n')).toBe(true);
    }
  });
});
