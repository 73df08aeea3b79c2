import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider, unlimited } from '../../../tests/kit/fake-call.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createEventRoom } from '../../upstream/event-room.ts';
import { createClocks } from '../clocks.ts';
import type { Attempt } from './attempt.ts';
import { Delivery } from './delivery.ts';
import { Leg } from './leg.ts';

const event = (value: object | string): Buffer =>
  Buffer.from(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
const role = event({ id: 'a', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
const hello = event({ id: 'a', choices: [{ index: 0, delta: { content: 'hello' } }] });
const usage = event({ id: 'a', choices: [], usage: { prompt_tokens: 7, completion_tokens: 1 } });

interface Asked {
  dialect?: DialectName;
  client?: DialectName;
  operation?: 'chat' | 'embeddings' | 'token-count';
}

function setUp(
  streamed = true,
  { dialect = 'openai-chat', client = dialect, operation = 'chat' }: Asked = {},
) {
  const provider = fakeProvider('p', dialectByName(dialect));
  const asked = { model: 'm', stream: streamed, messages: [] };
  const { call, sink } = fakeCall(client, asked, [provider], {}, operation);
  let now = 100;
  const malformed: string[] = [];
  const delivery = new Delivery(
    {
      clocks: createClocks({ now: () => now, wall: () => 1_000 }),
      admission: unlimited,
      offload: null,
      serverTiming: () => 'gw;dur=1',
      overheadMs: () => 0.5,
      eventRoom: createEventRoom(1 << 20),
      ownObjects: (_call, _provider, delivered) => delivered,
      malformed: ({ label }) => malformed.push(label),
    },
    call,
    dialectByName(client),
  );
  const held: string[] = [];
  const attempt = {
    target: provider.target,
    pause: () => held.push('pause'),
    resume: () => held.push('resume'),
  } as unknown as Attempt;
  const leg = new Leg(call, { ...provider.target, operation }, dialectByName(client));
  return { call, sink, delivery, attempt, leg, held, malformed, pass: (ms: number) => (now += ms) };
}

describe('a stream', () => {
  test('commits with its first byte, not when it begins', () => {
    const { call, sink, delivery, attempt, leg, pass } = setUp();
    const relay = delivery.begin(leg, attempt, { 'x-request-id': 'up-1' }, false);
    expect(sink.committed).toBe(false);
    pass(50);
    relay.data(role);
    expect(sink.status).toBe(200);
    expect(sink.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-headgate-provider': 'p',
      'x-headgate-upstream-request-id': 'up-1',
      'server-timing': 'gw;dur=1',
    });
    expect([call.firstByteAt, call.chunks]).toEqual([150, 1]);
  });

  test('that is gated says nothing before content, and then all of it', () => {
    const { sink, delivery, attempt, leg, call } = setUp();
    const relay = delivery.begin(leg, attempt, {}, true);
    relay.data(role);
    expect(sink.committed).toBe(false);
    relay.data(hello);
    expect(sink.body).toBe(`${role}${hello}`);
    expect(call.contentEvents).toBe(1);
  });

  test('that is forgotten leaves nothing behind for the next', () => {
    const { sink, delivery, attempt, leg } = setUp();
    delivery.begin(leg, attempt, { 'x-request-id': 'first' }, true).data(role);
    delivery.forget();
    expect(delivery.facts).toBeNull();
    delivery.begin(leg, attempt, { 'x-request-id': 'second' }, false).data(hello);
    expect(sink.headers['x-headgate-upstream-request-id']).toBe('second');
    expect(sink.body).toBe(hello.toString());
  });

  test('pauses its attempt while the client reads slowly, and goes on when it has drained', () => {
    const { sink, delivery, attempt, leg, held } = setUp();
    const relay = delivery.begin(leg, attempt, {}, false);
    sink.flowing = false;
    relay.data(hello);
    expect(held).toEqual(['pause']);
    sink.onDrain?.();
    expect(held).toEqual(['pause', 'resume']);
  });

  test('that breaks ends with an error of the client’s dialect and keeps what was told', () => {
    const { sink, delivery, attempt, leg, call, pass } = setUp();
    const relay = delivery.begin(leg, attempt, {}, false);
    relay.data(hello);
    relay.data(usage);
    pass(10);
    delivery.break(new GatewayError('GW_UPSTREAM_RESET'));
    expect(sink.closed).toBe(true);
    expect(sink.body).toContain('"error"');
    expect(sink.body).not.toContain('[DONE]');
    expect(delivery.facts?.usage?.input).toBe(7);
    expect(call.lastByteAt).toBe(110);
  });

  test('that ends is closed without a word of ours', () => {
    const { sink, delivery, attempt, leg } = setUp();
    delivery.begin(leg, attempt, {}, false).data(hello);
    delivery.end();
    expect(sink.closed).toBe(true);
    expect(sink.body).toBe(hello.toString());
  });

  test('that cannot be read is counted for its target', () => {
    const { delivery, attempt, leg, malformed } = setUp();
    const relay = delivery.begin(leg, attempt, {}, false);
    expect(() => relay.data(event('{"id":'))).toThrow(GatewayError);
    expect(malformed).toEqual(['p/m']);
  });
});

describe('a whole answer', () => {
  const answer = {
    id: 'a',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  };

  test('goes out as it came, with what was learned of it', async () => {
    const { sink, delivery, leg, call } = setUp(false);
    const bytes = Buffer.from(` ${JSON.stringify(answer)}\n`);
    const facts = await delivery.answer(leg, 200, {}, bytes);
    expect(sink.body).toBe(bytes.toString());
    expect(sink.headers).toMatchObject({ 'x-headgate-overhead-us': '500', 'server-timing': 'gw;dur=1' });
    expect(facts?.usage).toMatchObject({ input: 3, output: 1 });
    expect(call.firstByteAt).toBe(call.lastByteAt);
  });

  test('that is none writes nothing', () => {
    const { sink, delivery, leg } = setUp(false);
    expect(() => delivery.answer(leg, 200, {}, Buffer.from('<html>'))).toThrow(GatewayError);
    expect(sink.replies).toBe(0);
  });

  const head = { 'x-amzn-bedrock-input-token-count': '14', 'x-amzn-bedrock-output-token-count': '36' };

  test('whose head tells alone what it used is counted by that, and tells clients of its dialect so', async () => {
    const { sink, delivery, leg } = setUp(false, { dialect: 'bedrock-invoke' });
    const bytes = Buffer.from('{"generation_id":"g","text":"hi"}');
    const facts = await delivery.answer(leg, 200, head, bytes);
    expect([sink.body, facts?.usage]).toEqual([
      bytes.toString(),
      expect.objectContaining({ input: 14, output: 36 }),
    ]);
    expect(sink.headers).toMatchObject(head);
  });

  test('whose body tells is counted by that', async () => {
    const { delivery, leg } = setUp(false, { dialect: 'bedrock-invoke' });
    const message = {
      type: 'message',
      content: [],
      stop_reason: 'end_turn',
      usage: { input_tokens: 30, output_tokens: 4 },
    };
    const facts = await delivery.answer(leg, 200, head, Buffer.from(JSON.stringify(message)));
    expect(facts?.usage).toMatchObject({ input: 30, output: 4 });
  });

  test('of vectors, whose head tells alone, says so to a client of any dialect', async () => {
    const { sink, delivery, leg } = setUp(false, {
      dialect: 'bedrock-invoke',
      client: 'openai-chat',
      operation: 'embeddings',
    });
    const bytes = Buffer.from('{"id":"e","embeddings":[[0.5]],"response_type":"embeddings_floats"}');
    const told = { 'x-amzn-bedrock-input-token-count': '14' };
    const facts = await delivery.answer(leg, 200, told, bytes);
    expect(facts?.usage).toMatchObject({ input: 14, output: 0 });
    expect(JSON.parse(sink.body)).toMatchObject({ usage: { prompt_tokens: 14 } });
    expect(Object.keys(sink.headers).join()).not.toContain('token-count');
  });

  test('of another dialect tells clients of the invoke routes in its head what it used', async () => {
    const { sink, delivery, leg } = setUp(false, { client: 'bedrock-invoke', dialect: 'openai-chat' });
    await delivery.answer(leg, 200, {}, Buffer.from(JSON.stringify(answer)));
    expect(sink.headers).toMatchObject({
      'x-amzn-bedrock-input-token-count': '3',
      'x-amzn-bedrock-output-token-count': '1',
    });
  });
});
