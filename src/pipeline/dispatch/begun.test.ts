// What goes on at its provider whether anybody hears of it or not (films): it is asked for once, unless nothing can have begun.
import { expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { ErrorCode } from '../../contracts/error-codes.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { OperationName } from '../../contracts/operation.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const film = { model: 'm', prompt: 'a boat' };
const made = { id: 'video_1', object: 'video', status: 'queued' };

function ask(operation: OperationName, method = 'POST') {
  const clocks = createClocks({ now: () => 0, wall: () => 0 });
  const retries = { max: 1, backoffMs: 0, maxBackoffMs: 0, maxAttempts: 5 };
  const [one, two] = ['a', 'b'].map((name) => fakeProvider(name, dialectByName('openai-chat'), { retries }));
  const { call, sink } = fakeCall('openai-chat', film, [one!, two!], {}, operation);
  Object.assign(call.route, { forward: '/videos' });
  Object.assign(call, { head: { ...call.head, method } });
  void quietDispatch(clocks, [])(call);
  const asked = () => [one!.requests.length, two!.requests.length];
  return { sink, asked, one: one!, two: two! };
}

const UNHEARD: readonly (readonly [ErrorCode, object])[] = [
  ['GW_UPSTREAM_RESET', { retry: 'same' }],
  ['GW_UPSTREAM_RESET', { retry: 'next' }],
  ['GW_UPSTREAM_TRUNCATED', {}],
  ['GW_UPSTREAM_BAD_OUTPUT', {}],
  ['GW_UPSTREAM_TOO_LARGE', {}],
];

test.each(UNHEARD)('is not asked for again behind %s %o', (code, more) => {
  for (const operation of ['video', 'video-object'] as const) {
    const { sink, asked, one } = ask(operation);
    one.requests[0]!.handler.onSent(true);
    one.requests[0]!.handler.onError(new GatewayError(code, more));
    expect([asked(), sink.status]).toEqual([[1, 0], 502]);
  }
  // What begins nothing is.
  const { asked, one } = ask('ocr');
  one.requests[0]!.handler.onSent(true);
  one.requests[0]!.handler.onError(new GatewayError(code, more));
  expect(asked()).not.toEqual([1, 0]);
});

test('is asked for again where it was refused, or did not come there', () => {
  const refused = ask('video');
  refused.one.requests[0]!.json(503, { error: { message: 'busy' } });
  refused.one.requests[1]?.json(503, { error: { message: 'busy' } });
  refused.two.requests[0]!.json(200, made);
  expect([refused.sink.status, JSON.parse(refused.sink.body)]).toEqual([200, made]);
  const away = ask('video');
  for (let at = 0; at < away.one.requests.length; at++)
    away.one.requests[at]!.handler.onError(new GatewayError('GW_UPSTREAM_CONNECT'));
  away.two.requests[0]!.json(200, made);
  expect(away.sink.status).toBe(200);
});

test('is asked for on a new connection where an idle one was found closed, once', () => {
  const closed = () => new GatewayError('GW_UPSTREAM_RESET', { retry: 'fresh' });
  const { asked, one, sink } = ask('video');
  one.requests[0]!.handler.onSent(true);
  one.requests[0]!.handler.onError(closed());
  expect(asked()).toEqual([2, 0]);
  one.requests[1]!.handler.onSent(true);
  one.requests[1]!.handler.onError(closed());
  expect([asked(), sink.status]).toEqual([[2, 0], 502]);
});

test.each(UNHEARD)(
  'of one that there is already, what asks for it is repeated behind %s %o',
  (code, more) => {
    for (const method of ['GET', 'DELETE']) {
      const { sink, one, two } = ask('video-object', method);
      one.requests[0]!.handler.onSent(true);
      one.requests[0]!.handler.onError(new GatewayError(code, more));
      const again = one.requests[1] ?? two.requests[0];
      again!.json(200, made);
      expect([sink.status, JSON.parse(sink.body)]).toEqual([200, made]);
    }
  },
);
