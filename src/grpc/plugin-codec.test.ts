import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { decodeDecision, decodeDescribed, encodeEvent, pathOf } from './plugin-codec.ts';
import {
  DeltaDecisionSchema,
  DeltaEventSchema,
  DescribeResponseSchema,
  RequestDecisionSchema,
  RequestEventSchema,
  RouteDecisionSchema,
  SettleEventSchema,
} from './plugin-messages.ts';

const call = {
  id: 'req_1',
  operation: 'chat',
  dialect: 'anthropic',
  model: 'm',
  stream: true,
  key: 'k',
  team: '',
  organization: '',
  user: '',
  project: '',
  customer: 'c',
  tags: ['a', 'b'],
  metadata: { x: 'y' },
};

it('an event is its message, bodies as JSON', () => {
  const event = { call, headers: { 'x-a': 'b' }, body: { messages: [{ role: 'user', content: 'é' }] } };
  const message = fromBinary(RequestEventSchema, encodeEvent('onRequest', event));
  expect(message.call).toMatchObject(call);
  expect(message.headers).toEqual({ 'x-a': 'b' });
  expect(JSON.parse(Buffer.from(message.body!).toString())).toEqual(event.body);
  expect(
    fromBinary(RequestEventSchema, encodeEvent('onRequest', { ...event, body: null })).body,
  ).toBeUndefined();
});

it('what nobody said of a settled call is absent', () => {
  const event = {
    call,
    status: 200,
    error: '',
    provider: 'p',
    model: 'm',
    usage: null,
    costUsd: null,
    durationMs: 1.5,
    stop: '',
  };
  expect(fromBinary(SettleEventSchema, encodeEvent('onSettle', event))).not.toHaveProperty('usage');
  const usage = { input: 3, output: 2, cacheRead: 0, cacheWrite: 1, reasoning: 0 };
  const told = fromBinary(SettleEventSchema, encodeEvent('onSettle', { ...event, usage, costUsd: 0.25 }));
  expect(told).toMatchObject({ costUsd: 0.25, usage: { input: 3n, cacheWrite: 1n } });
});

it('a decision comes back as one in process would be', () => {
  const bytes = (init: Parameters<typeof create<typeof RequestDecisionSchema>>[1]) =>
    toBinary(RequestDecisionSchema, create(RequestDecisionSchema, init));
  expect(decodeDecision('onRequest', bytes({}))).toEqual({});
  const body = Buffer.from('{"a":[1]}');
  expect(decodeDecision('onRequest', bytes({ body, model: 'x', metadata: { a: 'b' } }))).toEqual({
    body: { a: [1] },
    model: 'x',
    metadata: { a: 'b' },
  });
  expect(decodeDecision('onRequest', bytes({ refuse: { status: 403, message: 'no' } }))).toMatchObject({
    refuse: { status: 403, message: 'no' },
  });
  expect(decodeDecision('onRequest', bytes({ answer: { text: 'hi' } }))).toEqual({ answer: { text: 'hi' } });
  expect(decodeDecision('onRequest', bytes({ answer: { body } }))).toEqual({ answer: { body: { a: [1] } } });
  const route = toBinary(RouteDecisionSchema, create(RouteDecisionSchema, { targets: ['a/b'] }));
  expect(decodeDecision('onRoute', route)).toEqual({ targets: ['a/b'] });
  expect(() => decodeDecision('onRequest', Buffer.from('no message'))).toThrow();
  expect(() => decodeDecision('onRequest', bytes({ body: Buffer.from('no json') }))).toThrow();
});

it('hooks that a newer plugin has beside ours are passed over', () => {
  const bytes = toBinary(
    DescribeResponseSchema,
    create(DescribeResponseSchema, { hooks: ['onAnswer', 'onDream', 'onDelta', 'onRequest'] }),
  );
  expect(decodeDescribed(bytes)).toEqual(['onRequest', 'onDelta', 'onAnswer']);
  expect(pathOf('onRequest')).toBe('/headgate.plugin.v1.Plugin/OnRequest');
});

it('a piece of an answer and what goes on in its place, the empty text too', () => {
  const event = { call, kind: 'text', block: 2, choice: 1, text: 'é ', last: false };
  expect(fromBinary(DeltaEventSchema, encodeEvent('onDelta', event))).toMatchObject({
    kind: 'text',
    block: 2,
    choice: 1,
    text: 'é ',
    last: false,
  });
  const decided = (init: { text?: string }) =>
    decodeDecision('onDelta', toBinary(DeltaDecisionSchema, create(DeltaDecisionSchema, init)));
  expect(decided({ text: 'e' })).toEqual({ text: 'e' });
  expect(decided({ text: '' })).toEqual({ text: '' });
  expect(decided({})).toEqual({});
  expect(pathOf('onDelta')).toBe('/headgate.plugin.v1.Plugin/OnDelta');
});
