// How failures end over gRPC.
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import { GRPC_CODES } from '../../contracts/grpc.ts';
import { renderError } from '../../pipeline/refuse.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { codeOfStatus, failureOf, failureTrailers } from './grpc-status.ts';

const chat = dialectByName('openai-chat');
const trailersOf = (error: GatewayError): Record<string, string> =>
  failureTrailers(failureOf(error, renderError(chat, error, 'req_1')), 'req_1');

it.each([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [402, 'RESOURCE_EXHAUSTED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [408, 'DEADLINE_EXCEEDED'],
  [409, 'ABORTED'],
  [413, 'RESOURCE_EXHAUSTED'],
  [415, 'UNIMPLEMENTED'],
  [422, 'INVALID_ARGUMENT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [446, 'FAILED_PRECONDITION'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
  [529, 'UNAVAILABLE'],
] as const)('%i is %s', (status, name) => {
  expect(codeOfStatus(status)).toBe(GRPC_CODES[name]);
});

describe('trailers', () => {
  it('say which error of ours it is, and when to come again', () => {
    const told = trailersOf(
      new GatewayError('GW_LIMIT_EXCEEDED', { message: 'Too many: 50 %.', retryAfterMs: 2_500 }),
    );
    expect(told).toMatchObject({
      'grpc-status': '8',
      'grpc-message': 'Too many: 50 %25.',
      'x-request-id': 'req_1',
      'x-headgate-error': 'GW_LIMIT_EXCEEDED',
      'retry-after': '3',
    });
    const details = Buffer.from(told['grpc-status-details-bin']!, 'base64').toString('latin1');
    for (const name of ['ErrorInfo', 'RequestInfo', 'RetryInfo'])
      expect(details).toContain(`type.googleapis.com/google.rpc.${name}`);
  });

  it('name the field that was wrong', () => {
    const told = trailersOf(
      new GatewayError('GW_CLIENT_BAD_REQUEST', { message: 'No.', param: 'messages[2]' }),
    );
    const details = Buffer.from(told['grpc-status-details-bin']!, 'base64').toString('latin1');
    expect(details).toContain('google.rpc.BadRequest');
    expect(details).toContain('messages[2]');
  });

  it('are never larger than what clients take, whatever a provider says', () => {
    const told = trailersOf(new GatewayError('GW_UPSTREAM_ERROR', { message: 'ß'.repeat(100_000) }));
    expect(Object.values(told).join('').length).toBeLessThan(10_000);
  });
});
