import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { TimeoutConfig } from '../contracts/attempt-config.ts';
import { dialectByName } from '../registry/dialects.ts';
import { encodeTargetFor, timeoutsFor } from './overrides.ts';

const provider = fakeProvider('p', dialectByName('openai-chat'));
const { target } = provider;

function callWith(headers: Record<string, string>, route?: Partial<TimeoutConfig>) {
  const { call } = fakeCall('openai-chat', {}, [provider], headers);
  if (route !== undefined) call.snapshot.config.timeouts.routes['/v1/x'] = route;
  return call;
}

describe('the clocks of a call', () => {
  test('are the provider’s own object where nobody says otherwise', () => {
    expect(timeoutsFor(callWith({ 'content-type': 'x' }), target)).toBe(target.timeouts);
  });

  test('are changed by the route, and over it by the request', () => {
    const call = callWith({ 'x-headgate-timeout-ms': '1500' }, { totalMs: 9_000, connectMs: 7 });
    expect(timeoutsFor(call, target)).toEqual({ ...target.timeouts, totalMs: 1_500, connectMs: 7 });
  });

  test.each([
    ['x-headgate-connect-timeout-ms', 'connectMs'],
    ['x-headgate-headers-timeout-ms', 'headersMs'],
    ['x-headgate-first-token-timeout-ms', 'firstTokenMs'],
    ['x-headgate-between-tokens-timeout-ms', 'betweenTokensMs'],
  ] as const)('%s sets %s', (header, clock) => {
    expect(timeoutsFor(callWith({ [header]: '12' }), target)[clock]).toBe(12);
  });

  test.each(['0', '-5', '1e3', 'soon', '1.5', '', '9999999999'])('are not changed by %j', (value) => {
    expect(timeoutsFor(callWith({ 'x-headgate-timeout-ms': value }), target)).toEqual(target.timeouts);
  });

  test('are a day at most', () => {
    const call = callWith({ 'x-headgate-timeout-ms': '999999999' });
    expect(timeoutsFor(call, target).totalMs).toBe(86_400_000);
  });
});

test.each([
  ['1', true],
  ['true', true],
  ['0', false],
  ['yes', false],
])('x-headgate-strict: %s makes losses an error: %s', (value, strict) => {
  expect(encodeTargetFor(callWith({ 'x-headgate-strict': value }), target).strict).toBe(strict);
});

test('without the header the compiled target is used as it is', () => {
  expect(encodeTargetFor(callWith({}), target)).toBe(target.encode);
});
