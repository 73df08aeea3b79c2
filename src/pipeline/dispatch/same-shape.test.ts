// Objects of the hot path have every field from birth: one that gains a field later changes its hidden class, and all code
// that reads it becomes slower for all calls. The order of own keys tells, without natives of V8.
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { inspectBody } from '../../body/inspect.ts';
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Offload } from '../../contracts/ports.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';
import { Leg } from './leg.ts';

const openai = dialectByName('openai-chat');
const settled: Call[] = [];
const clocks = createClocks({ now: () => 1, wall: () => 1 });
const dispatch = quietDispatch(clocks, [{ settled: (call) => settled.push(call) }], {
  refusals: { failed() {}, givenUp() {}, passedBy() {}, withheld() {} },
  serverTiming: () => 'gw;dur=0',
});

const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };
const answer = {
  id: 'a',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const piece = { id: 'a', choices: [{ index: 0, delta: { content: 'x' } }] };
const finish = { id: 'a', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const once = { retries: { max: 0, backoffMs: 1, maxBackoffMs: 1, maxAttempts: 5 } };

function keysOfNewCall(): PropertyKey[] {
  return Reflect.ownKeys(fakeCall('openai-chat', body, [fakeProvider('p', openai)]).call);
}

function keysOfNewLeg(): PropertyKey[] {
  const provider = fakeProvider('p', openai);
  return Reflect.ownKeys(new Leg(fakeCall('openai-chat', body, [provider]).call, provider.target, openai));
}

/** Every leg makes its body first, so this is where a test can see it. */
const makeBody = vi.spyOn(Leg.prototype, 'makeBody');
beforeEach(() => void makeBody.mockClear());
afterAll(() => makeBody.mockRestore());

type Way = (first: FakeProvider, call: Call, second: FakeProvider) => void;

const ways: [name: string, dialect: DialectName, streamed: boolean, way: Way][] = [
  ['whole', 'openai-chat', false, (p) => p.requests[0]!.json(200, answer)],
  ['whole and translated', 'anthropic', false, (p) => p.requests[0]!.json(200, answer)],
  ['streamed', 'openai-chat', true, (p) => p.requests[0]!.stream().send(piece, finish, '[DONE]').end()],
  [
    'streamed and translated',
    'anthropic',
    true,
    (p) => p.requests[0]!.stream().send(piece, finish, '[DONE]').end(),
  ],
  [
    'broken',
    'openai-chat',
    true,
    (p, _, q) => {
      p.requests[0]!.stream().send(piece).end();
      q.requests[0]!.json(400, { error: { message: 'no' } });
      q.requests[1]!.json(400, { error: { message: 'no' } });
    },
  ],
  [
    'gone on with',
    'openai-chat',
    true,
    (p, _, q) => {
      p.requests[0]!.stream().send(piece).end();
      q.requests[0]!.stream().send(piece, piece, finish).end();
    },
  ],
  [
    'refused by both',
    'openai-chat',
    false,
    (p, _, q) => {
      p.requests[0]!.json(400, { error: { message: 'no' } });
      q.requests[0]?.json(400, { error: { message: 'no' } });
    },
  ],
  [
    'handed on',
    'openai-chat',
    false,
    (p, _, q) => {
      p.requests[0]!.json(503, { error: { message: 'down' } });
      q.requests[0]!.json(200, answer);
    },
  ],
  [
    'left by its client',
    'openai-chat',
    true,
    (p, call) => {
      p.requests[0]!.stream().send(piece);
      call.work!.cancel(new GatewayError('GW_CLIENT_GONE'));
    },
  ],
  ['drained', 'openai-chat', false, (_, call) => call.work!.cancel(new GatewayError('GW_GATEWAY_DRAINING'))],
];

test.each(ways)(
  'a call that is %s has the fields it was born with, and so has each leg and attempt',
  (_, dialect, streamed, way) => {
    const first = fakeProvider('p', openai, once);
    const second = fakeProvider('q', openai, once);
    const { call } = fakeCall(dialect, { ...body, stream: streamed }, [first, second]);
    const born = keysOfNewCall();
    expect(Reflect.ownKeys(call)).toEqual(born);
    void dispatch(call);
    way(first, call, second);
    expect(settled.at(-1)).toBe(call);
    expect(Reflect.ownKeys(call)).toEqual(born);
    expect(call.attempts.length).toBeGreaterThan(0);
    for (const record of call.attempts) expect(Reflect.ownKeys(record)).toEqual(RECORD);
    const legs = makeBody.mock.contexts;
    expect(legs.length).toBeGreaterThan(0);
    // Whose method it is: vitest does not type it.
    for (const leg of legs as Leg[]) expect(Reflect.ownKeys(leg)).toEqual(keysOfNewLeg());
  },
);

const tools = [{ type: 'custom', custom: { name: 'shell' } }];
const threads = (translate: Offload['translate']) => ({ translate }) as Offload; // as much of it as a leg asks for

test.each<[string, Offload | null]>([
  ['here', null],
  [
    'in a thread',
    threads(() => Promise.resolve({ encoded: { body: '{}', dropped: ['a'], adapted: ['b'] } } as never)),
  ],
  ['in a thread that gives up', threads(() => Promise.reject(new GatewayError('GW_CLIENT_GONE')))],
])('a leg whose tools are translated %s has the fields it was born with', async (_, offload) => {
  const provider = fakeProvider('p', dialectByName('anthropic'));
  const { call } = fakeCall('openai-chat', { ...body, tools }, [provider]);
  call.snapshot.config.server.offloadBytes = 1;
  const leg = new Leg(call, provider.target, openai);
  const born = Reflect.ownKeys(leg);
  const made = leg.makeBody(offload);
  leg.cancel();
  await Promise.allSettled([made]);
  if (offload === null) expect(leg.tools?.custom).toEqual(['shell']);
  expect(Reflect.ownKeys(leg)).toEqual(born);
});

const RECORD: (keyof AttemptRecord)[] = [
  'provider',
  'model',
  'keyAlias',
  'organization',
  'status',
  'errorType',
  'usage',
  'quantities',
  'contentEvents',
  'costNano',
  'priceVersion',
  'estimated',
  'answerBytes',
  'queuedAt',
  'slotAt',
  'connectMs',
  'sentAt',
  'headAt',
  'endAt',
];

test('the facts of a body have one shape, whatever the body says', () => {
  const bodies = [
    '{}',
    '{"model":"m"}',
    '{"stream":true,"stream_options":{"include_usage":true},"model":"m","messages":[]}',
    '{"fallbacks":["a"],"max_tokens":1,"tools":[{}],"x":1.0,"model":"m","stream_options":null}',
    '{"fallbacks":{"own":1},"max_completion_tokens":null}',
  ];
  const shapes = bodies.map((text) => Reflect.ownKeys(inspectBody(Buffer.from(text))).join());
  expect(new Set(shapes).size).toBe(1);
});
