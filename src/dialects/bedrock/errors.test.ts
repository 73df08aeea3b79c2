import { describe, expect, test } from 'vitest';
import { told } from '../../../tests/kit/told.ts';
import { GatewayError, type UpstreamFault } from '../../contracts/errors.ts';
import { faultError } from '../fault-error.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';

const foreign = (status: number, message: string): UpstreamFault => ({
  dialect: 'openai-chat',
  status,
  body: null,
  type: null,
  code: null,
  param: null,
  message,
  headers: {},
});
const shown = (error: GatewayError) => {
  const { status, headers, body } = encodeError(error, 'r');
  return [status, headers['x-amzn-errortype'], (JSON.parse(body) as { message: string }).message];
};

describe('errors of our own', () => {
  test.each([
    ['GW_CLIENT_BAD_REQUEST', 400, 'ValidationException'],
    ['GW_CLIENT_AUTH', 403, 'AccessDeniedException'],
    ['GW_CLIENT_MODEL_NOT_FOUND', 404, 'ResourceNotFoundException'],
    ['GW_CLIENT_TOO_LARGE', 413, 'ValidationException'],
    ['GW_LIMIT_EXCEEDED', 429, 'ThrottlingException'],
    ['GW_LANE_FULL', 503, 'ServiceUnavailableException'],
    ['GW_UPSTREAM_RESET', 424, 'ModelErrorException'],
    ['GW_UPSTREAM_TIMEOUT_TOTAL', 408, 'ModelTimeoutException'],
    ['GW_GATEWAY_INTERNAL', 500, 'InternalServerException'],
  ] as const)('%s', (code, status, type) => {
    expect(shown(new GatewayError(code, { message: 'm' }))).toEqual([status, type, 'm']);
  });
});

describe('what a provider says', () => {
  test('goes on as it came where the provider is Bedrock', () => {
    const body = Buffer.from('{ "message":"Slow  down" }');
    const headers = {
      'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/',
      'retry-after': '3',
    };
    const fault = decodeError(429, headers, body);
    expect(fault).toMatchObject({
      type: 'ThrottlingException',
      message: 'Slow  down',
      headers: { 'retry-after': '3' },
    });
    const answer = encodeError(faultError(fault), 'r');
    expect(answer).toMatchObject({
      status: 429,
      body: body.toString(),
      headers: { 'x-amzn-errortype': 'ThrottlingException', 'retry-after': '3' },
    });
  });

  test.each([
    [
      '{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}',
      'AccessDeniedException',
      'no',
    ],
    ['<html>', 'AccessDeniedException', 'The provider answered with status 403 and no readable error.'],
    ['', 'AccessDeniedException', 'The provider answered with status 403 and no readable error.'],
  ])('is read without a header: %s', (body, type, message) => {
    expect(decodeError(403, {}, Buffer.from(body))).toMatchObject({ type, message });
  });

  test.each([
    [400, 400, 'ValidationException'],
    [401, 401, 'AccessDeniedException'],
    [402, 402, 'ServiceQuotaExceededException'],
    [404, 404, 'ResourceNotFoundException'],
    [409, 409, 'ConflictException'],
    [429, 429, 'ThrottlingException'],
    [500, 500, 'InternalServerException'],
    [502, 502, 'ModelErrorException'],
    [504, 504, 'ModelTimeoutException'],
    [529, 503, 'ServiceUnavailableException'],
  ])('with %i elsewhere is %i %s', (told, status, type) => {
    expect(shown(faultError(foreign(told, 'm')))).toEqual([status, type, 'm']);
  });

  test('of a prompt that is too long is said in words that agents of Bedrock know', () => {
    const long = foreign(
      400,
      "This model's maximum context length is 100 tokens. However, your messages resulted in 200 tokens.",
    );
    expect(shown(faultError(long))).toEqual([
      400,
      'ValidationException',
      'Input is too long for requested model. prompt is too long: 200 tokens > 100 maximum',
    ]);
    expect(shown(faultError(foreign(413, 'prompt is too long')))[2]).toBe(
      'Input is too long for requested model. prompt is too long',
    );
  });

  test.each([
    ['GW_LIMIT_EXCEEDED', 'throttlingException'],
    ['GW_UPSTREAM_TRUNCATED', 'modelStreamErrorException'],
    ['GW_UPSTREAM_TIMEOUT_IDLE', 'modelStreamErrorException'],
    ['GW_CLIENT_AUTH', 'validationException'],
    ['GW_GATEWAY_DRAINING', 'serviceUnavailableException'],
    ['GW_GATEWAY_INTERNAL', 'internalServerException'],
  ] as const)('%s ends a stream with an exception that a stream may hold', (code, event) => {
    const error = new GatewayError(code, { message: 'm' });
    expect(told((out) => encodeStreamError(error, 'r', out))).toBe(
      `event: !${event}\ndata: {"message":"m"}\n\n`,
    );
  });
});
