import { expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { GatewayError } from '../contracts/errors.ts';
import { NO_QUANTITIES } from '../contracts/quantities.ts';
import { operations } from '../registry/operations.ts';
import { createSettle } from './settle.ts';

const facts = {
  usage: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  stop: 'end',
  model: 'm',
} as never; // as much of it as settle hands on

function settling() {
  const { call, sink } = fakeCall('anthropic', { model: 'm' }, []);
  const clock = { now: () => 5, wall: () => 0 };
  const heard: number[] = [];
  const settle = createSettle(clock, [{ settled: ({ status }) => heard.push(status) }]);
  return { call, sink, heard, settle };
}

test('an answer that its client has whole settles at once', () => {
  const { call, heard, settle } = settling();
  settle(call, { status: 200, error: null, facts });
  expect(heard).toEqual([200]);
});

test('one whose client has yet to take the rest settles when it has', () => {
  const { call, sink, heard, settle } = settling();
  sink.ending = true;
  settle(call, { status: 200, error: null, facts });
  expect(heard).toEqual([]);
  expect(call.settled).toBe(false);
  expect(call.body).toBeNull();
  sink.bytesOut = 77;
  sink.onTaken?.();
  expect(heard).toEqual([200]);
  expect(call).toMatchObject({ status: 200, bytesOut: 77, answerModel: 'm' });
});

test('a client that leaves before is a 499 that still says what was used', () => {
  const { call, sink, heard, settle } = settling();
  sink.ending = true;
  settle(call, { status: 200, error: null, facts });
  call.work?.cancel(new GatewayError('GW_CLIENT_GONE'));
  expect(heard).toEqual([499]);
  expect(call.error?.code).toBe('GW_CLIENT_GONE');
  expect(call.usage).toMatchObject({ output: 2 });
});

test('what is said of an answer that is given changes nothing', () => {
  const { call, sink, heard, settle } = settling();
  sink.ending = true;
  settle(call, { status: 200, error: null, facts });
  settle(call, { status: 503, error: new GatewayError('GW_GATEWAY_INTERNAL'), facts: null });
  sink.onTaken?.();
  expect(heard).toEqual([200]);
});

test.each([
  ['POST', 8],
  ['GET', undefined],
])(
  'a film has its seconds when it is made, and not each time that it is looked at: %s',
  (method, seconds) => {
    const { call, settle } = settling();
    Object.assign(call, { head: { ...call.head, method }, operation: operations.video });
    const film = {
      usage: null,
      quantities: { ...NO_QUANTITIES, seconds: 8 },
      stop: null,
      model: null,
      id: null,
    };
    settle(call, { status: 200, error: null, facts: film });
    expect(call.quantities?.seconds).toBe(seconds);
  },
);
