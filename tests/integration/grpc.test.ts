// The gRPC front door, with @grpc/grpc-js as its client and a bare HTTP/2 client where a peer misbehaves: the same keys, limits,
// budgets, log and drain as over HTTP.
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status as Status } from '@grpc/grpc-js';
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  onTestFailed,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { ChatRequestSchema, Role } from '../../src/grpc/chat-messages.ts';
import { EmbeddingsRequestSchema, EmbeddingsResponseSchema } from '../../src/grpc/embeddings-messages.ts';
import { grpcFrame } from '../../src/wire/grpc.ts';
import { makeAuthority } from '../kit/certificates.ts';
import { gateKey, startGateway } from '../kit/gateway.ts';
import { type ChatInit, endOf, GrpcChat, metadataOf } from '../kit/grpc-client.ts';
import { showOutput, useGateway } from '../kit/harness.ts';
import { freePort } from '../kit/port.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

const BROKE = 'hg-broke-key-0123456789abcdef0123456789abcdef';
const SPENT = 'hg-spent-key-0123456789abcdef0123456789abcdef';
const NARROW = 'hg-narrow-key-0123456789abcdef0123456789abcdef';
const HEALTH = '/grpc.health.v1.Health/';
const MAX_BODY = 1_000_000;

const authority = makeAuthority();
const plain = await freePort();
const secure = await freePort();

const harness = useGateway(() => {
  const { cert, key } = authority.sign('localhost');
  return {
    server: {
      maxBodyBytes: MAX_BODY,
      listeners: [
        { port: plain, host: '127.0.0.1', grpc: true },
        { port: secure, host: '127.0.0.1', grpc: true, tls: { cert, key } },
      ],
    },
    models: { two: { targets: ['oa/status:503', 'an/ok'] } },
    rest: {
      unknownPrice: 'allow',
      guardrails: [{ name: 'words', checks: [{ type: 'keywords', words: ['nightingale'] }], on: ['input'] }],
      auth: {
        keys: [
          { name: 'free', value: gateKey },
          { name: 'broke', value: BROKE, budgets: [{ amountUsd: 0, window: 'never' }] },
          { name: 'spent', value: SPENT, limits: [{ requests: '1/d', burst: 1 }] },
          { name: 'narrow', value: NARROW, endpoints: ['embeddings'] },
        ],
      },
    },
  };
});
let chat: GrpcChat;
const clients: GrpcChat[] = [];
const sessions: ClientHttp2Session[] = [];
const client = (port = plain, ca?: string): GrpcChat => {
  const one = new GrpcChat(port, ca);
  clients.push(one);
  return one;
};
beforeAll(() => {
  chat = new GrpcChat(plain);
});
afterEach(() => {
  for (const one of clients.splice(0)) one.close();
  for (const session of sessions.splice(0)) session.destroy();
});
afterAll(() => {
  chat?.close();
  authority.remove();
});

const user = (text: string) => [{ role: Role.USER, text }];
const asking = (model: string, more: ChatInit = {}): ChatInit => ({ model, messages: user('hi'), ...more });
const told = (metadata: { get(name: string): unknown[] }, name: string): string =>
  String(metadata.get(name)[0] ?? '');
describe('calls', () => {
  test('are answered whole, with usage, over a provider of either dialect', async () => {
    for (const model of ['oa/ok', 'an/ok', 'two']) {
      const { message, metadata, status } = await chat.complete(asking(model));
      expect(status.code).toBe(Status.OK);
      expect(message?.choices[0]).toMatchObject({
        text: expect.stringContaining('Hello from the mock'),
        finishReason: 'stop',
      });
      expect(Number(message?.usage?.inputTokens)).toBeGreaterThan(0);
      expect(told(metadata, 'x-request-id')).toMatch(/^req_/);
    }
  });

  test('are streamed chunk by chunk, usage in the last, over TLS too', async () => {
    for (const one of [chat, client(secure, authority.ca)]) {
      const { chunks, text, status } = await one.stream(asking('oa/text:5'));
      expect(status.code).toBe(Status.OK);
      expect(chunks.length).toBeGreaterThan(2);
      expect(text).not.toBe('');
      expect(Number(chunks.at(-1)?.usage?.outputTokens)).toBeGreaterThan(0);
      expect(
        chunks.flatMap(({ choices }) => choices.map((choice) => choice.finishReason)).filter(Boolean),
      ).toEqual(['stop']);
    }
  });

  test('are many at once on one connection', async () => {
    const running = Array.from({ length: 200 }, () => chat.complete(asking('oa/gate:many+ok')));
    await waitUntil(() => harness.mock.running() === running.length, 'all of them to be asked');
    harness.mock.open('many');
    const codes = new Set((await Promise.all(running)).map(({ status }) => status.code));
    expect([...codes]).toEqual([Status.OK]);
  });

  test('say what they want in fields, and in JSON what has none', async () => {
    const { message, status } = await chat.complete({
      model: 'oa/tools',
      messages: [
        { role: Role.SYSTEM, text: 'Be brief.' },
        {
          role: Role.USER,
          parts: [
            { kind: { case: 'text', value: 'What is this?' } },
            {
              kind: {
                case: 'image',
                value: { source: { case: 'data', value: new Uint8Array([1, 2]) }, mediaType: 'image/png' },
              },
            },
          ],
        },
      ],
      tools: [{ name: 'get_weather', description: 'w', parameters: { type: 'object', properties: {} } }],
      toolChoice: { choice: { case: 'mode', value: 'auto' } },
      sampling: { temperature: 0, maxTokens: 7, stop: ['x'] },
      extra: { logit_bias: { '50256': -100 }, stream: true, model: 'nobody/else' },
      includeJson: true,
    });
    expect(status.code).toBe(Status.OK);
    expect(harness.mock.lastRequest().json).toMatchObject({
      model: 'tools',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AQI=' } },
          ],
        },
      ],
      temperature: 0,
      logit_bias: { '50256': -100 },
      tool_choice: 'auto',
    });
    expect(harness.mock.lastRequest().json).not.toMatchObject({ stream: true });
    const [choice] = message!.choices;
    expect(choice!.toolCalls.length).toBeGreaterThan(0);
    expect(JSON.parse(choice!.toolCalls[0]!.arguments)).toBeTypeOf('object');
    expect(JSON.parse(Buffer.from(message!.json).toString())).toMatchObject({ object: 'chat.completion' });
  });

  test('have a line in the log and a row in the metrics, under the method', async () => {
    const { metadata } = await chat.complete(asking('oa/ok'));
    const id = told(metadata, 'x-request-id');
    await vi.waitFor(
      () =>
        expect(harness.gateway.logs().filter((entry) => entry['id'] === id)).toMatchObject([
          { route: '/headgate.chat.v1.ChatService/Complete', status: 200, client: 'free' },
        ]),
      { timeout: 20_000, interval: 50 },
    );
    await waitUntil(async () => {
      const metrics = await fetch(`${harness.url}/metrics`).then((answer) => answer.text());
      return metrics.includes('/headgate.chat.v1.ChatService/Complete');
    }, 'the metrics to tell of it');
  });
});

describe('refusals', () => {
  test('of who has no key, a spent limit or budget, another endpoint, are statuses with details', async () => {
    const before = harness.mock.requests.length;
    const stranger = await chat.complete(asking('oa/ok'), metadataOf(null));
    expect(stranger.status.code).toBe(Status.UNAUTHENTICATED);
    expect(told(stranger.status.metadata, 'x-headgate-error')).toBe('GW_CLIENT_AUTH');
    expect(told(stranger.status.metadata, 'x-request-id')).toMatch(/^req_/);
    const details = stranger.status.metadata.get('grpc-status-details-bin')[0] as Buffer;
    expect(details.toString('latin1')).toContain('type.googleapis.com/google.rpc.ErrorInfo');
    expect(details.toString('latin1')).toContain('GW_CLIENT_AUTH');
    expect(
      (await chat.complete(asking('oa/ok'), metadataOf(null, { 'x-api-key': 'hg-wrong-0123456789' }))).status
        .code,
    ).toBe(Status.UNAUTHENTICATED);
    const narrow = await chat.complete(asking('oa/ok'), metadataOf(NARROW));
    expect(narrow.status.code).toBe(Status.PERMISSION_DENIED);
    const broke = await chat.stream(asking('oa/ok'), metadataOf(BROKE));
    expect(broke.status.code).toBe(Status.RESOURCE_EXHAUSTED);
    expect(told(broke.status.metadata, 'x-headgate-error')).toBe('GW_BUDGET_EXCEEDED');
    expect(harness.mock.requests).toHaveLength(before);
    expect((await chat.complete(asking('oa/ok'), metadataOf(null, { 'x-api-key': SPENT }))).status.code).toBe(
      Status.OK,
    );
    const over = await chat.complete(asking('oa/ok'), metadataOf(SPENT));
    expect(over.status.code).toBe(Status.RESOURCE_EXHAUSTED);
    expect(Number(told(over.status.metadata, 'retry-after'))).toBeGreaterThan(0);
    expect(Number(told(over.status.metadata, 'grpc-retry-pushback-ms'))).not.toBe(0);
  });

  test('of what cannot be asked name the field', async () => {
    const unknown = await chat.complete(
      asking('oa/ok', { messages: [{ role: Role.UNSPECIFIED, text: 'hi' }] }),
    );
    expect(unknown.status.code).toBe(Status.INVALID_ARGUMENT);
    expect((unknown.status.metadata.get('grpc-status-details-bin')[0] as Buffer).toString()).toContain(
      'messages[0].role',
    );
    const blocked = await chat.complete({ model: 'oa/ok', messages: user('Project Nightingale') });
    expect(blocked.status.code).toBe(Status.INVALID_ARGUMENT);
    expect(told(blocked.status.metadata, 'x-headgate-error')).toBe('GW_GUARDRAIL_BLOCKED');
    const large = await chat.complete({ model: 'oa/ok', messages: user('x'.repeat(MAX_BODY + 1)) });
    expect(large.status.code).toBe(Status.RESOURCE_EXHAUSTED);
  });

  test('of a provider keep their kind, and what breaks off behind the first chunk ends with a status', async () => {
    expect((await chat.complete(asking('oa/status:429'))).status.code).toBe(Status.RESOURCE_EXHAUSTED);
    expect((await chat.complete(asking('oa/status:503'))).status.code).toBe(Status.UNAVAILABLE);
    const cut = await chat.stream(asking('oa/cut-rst-after:2'));
    expect(cut.chunks.length).toBeGreaterThan(0);
    expect(cut.status.code).toBe(Status.UNAVAILABLE);
    expect(told(cut.status.metadata, 'x-headgate-error')).toMatch(/^GW_UPSTREAM_/);
  });

  test('of messages in a coding that is not known tell what is', async () => {
    const session = await dial();
    const answer = await post(
      session,
      '/headgate.chat.v1.ChatService/Complete',
      { 'grpc-encoding': 'gzip' },
      chatBytes('oa/ok'),
    );
    expect(answer).toMatchObject({
      'grpc-status': String(Status.UNIMPLEMENTED),
      'grpc-accept-encoding': 'identity',
    });
    const nowhere = await chat.raw('/headgate.chat.v1.ChatService/Nothing', Buffer.alloc(0));
    expect(nowhere.status.code).toBe(Status.UNIMPLEMENTED);
  });
});

describe('embeddings', () => {
  const METHOD = '/headgate.embeddings.v1.EmbeddingsService/Embed';
  const embed = async (
    request: MessageInitShape<typeof EmbeddingsRequestSchema>,
    metadata = metadataOf(),
  ) => {
    const bytes = toBinary(EmbeddingsRequestSchema, create(EmbeddingsRequestSchema, request));
    const { message, ...end } = await chat.raw(METHOD, Buffer.from(bytes), metadata);
    return { ...end, message: message === null ? null : fromBinary(EmbeddingsResponseSchema, message) };
  };

  test('are vectors of all inputs, counted, and logged by their method', async () => {
    const named = metadataOf(gateKey, { 'x-request-id': 'grpc-embeds-1' });
    const { message, metadata, status } = await embed(
      { model: 'oa/ok', inputs: ['a', 'b'], dimensions: 8, includeJson: true },
      named,
    );
    expect(status.code).toBe(Status.OK);
    const json = JSON.parse(Buffer.from(message!.json).toString()) as { data: { embedding: number[] }[] };
    expect(message!.embeddings.map(({ index }) => index)).toEqual([0, 1]);
    for (const [at, { values }] of message!.embeddings.entries())
      expect(values).toEqual(json.data[at]!.embedding.map(Math.fround));
    expect(Number(message!.usage?.inputTokens)).toBeGreaterThan(0);
    expect(told(metadata, 'x-request-id')).toBe('grpc-embeds-1');
    expect(harness.mock.lastRequest().json).toMatchObject({ input: ['a', 'b'], dimensions: 8 });
    await vi.waitFor(
      () =>
        expect(harness.gateway.logs().filter((entry) => entry['id'] === 'grpc-embeds-1')).toMatchObject([
          { route: METHOD, status: 200, client: 'free' },
        ]),
      { timeout: 20_000, interval: 50 },
    );
  });

  test('have the keys, budgets and guardrails of every call', async () => {
    const asked = { model: 'oa/ok', inputs: ['a'] };
    const code = async (key: string | null, more = {}): Promise<number> =>
      (await embed({ ...asked, ...more }, metadataOf(key))).status.code;
    expect(await code(null)).toBe(Status.UNAUTHENTICATED);
    expect(await code(NARROW)).toBe(Status.OK);
    expect(await code(BROKE)).toBe(Status.RESOURCE_EXHAUSTED);
    expect(await code(gateKey, { inputs: ['Project Nightingale'] })).toBe(Status.INVALID_ARGUMENT);
    expect(await code(gateKey, { model: 'oa/status:503' })).toBe(Status.UNAVAILABLE);
    expect(await code(gateKey, { inputs: [] })).toBe(Status.INVALID_ARGUMENT);
  });
});

describe('time', () => {
  test('is kept: behind its deadline nobody works for a call, streamed or not', async () => {
    for (const model of ['oa/never-head', 'oa/pace:200+text:400']) {
      const session = await dial();
      const path = `/headgate.chat.v1.ChatService/${model.includes('pace') ? 'StreamComplete' : 'Complete'}`;
      // A client that keeps no clock of its own: what ends the call is the gateway.
      const answer = await post(session, path, { 'grpc-timeout': '400m' }, chatBytes(model));
      expect(answer['grpc-status']).toBe(String(Status.DEADLINE_EXCEEDED));
      await waitUntil(() => harness.mock.running() === 0, 'the provider to be left');
    }
    const asked = await chat.complete(asking('oa/never-head'), metadataOf(), { deadline: Date.now() + 300 });
    expect(asked.status.code).toBe(Status.DEADLINE_EXCEEDED);
    await waitUntil(() => harness.mock.running() === 0, 'the provider to be left');
  });

  test('of a client that cancels is nobody’s any more: the provider is left, and the log says so', async () => {
    const call = chat.open(
      asking('oa/never-head+cancelled'),
      metadataOf(gateKey, { 'x-request-id': 'grpc-cancelled-1' }),
    );
    await harness.mock.waitForCount('never-head+cancelled', 1);
    call.cancel();
    await waitUntil(() => harness.mock.running() === 0, 'the provider to be left');
    await vi.waitFor(
      () =>
        expect(harness.gateway.logs().filter((entry) => entry['id'] === 'grpc-cancelled-1')).toMatchObject([
          { status: 499 },
        ]),
      { timeout: 20_000, interval: 50 },
    );
  });

  test('of a slow reader is its own: the stream waits, and comes whole', async () => {
    const call = chat.open(asking('oa/text:60000'));
    let text = '';
    call.pause();
    call.on('data', ({ choices }) => {
      text += choices.map((choice: { text: string }) => choice.text).join('');
    });
    call.pause();
    // Beside it others are answered on the same connection.
    expect((await chat.complete(asking('oa/ok'))).status.code).toBe(Status.OK);
    call.resume();
    expect((await endOf(call)).code).toBe(Status.OK);
    expect(text.length).toBeGreaterThan(60_000);
  });
});

describe('health and reflection', () => {
  test('are told without a key', async () => {
    const check = await chat.raw(`${HEALTH}Check`, Buffer.alloc(0));
    expect([check.status.code, check.message?.toString('hex')]).toEqual([Status.OK, '0801']);
    const named = Buffer.from('headgate.chat.v1.ChatService');
    const service = await chat.raw(
      `${HEALTH}Check`,
      Buffer.concat([Buffer.from([0x0a, named.length]), named]),
    );
    expect(service.message?.toString('hex')).toBe('0801');
    const unknown = await chat.raw(`${HEALTH}Check`, Buffer.from([0x0a, 1, 0x78]));
    expect(unknown.status.code).toBe(Status.NOT_FOUND);
    expect((await chat.raw(`${HEALTH}Check`, Buffer.from([0xff]))).status.code).toBe(Status.INVALID_ARGUMENT);
    for (const version of ['v1', 'v1alpha']) {
      const call = chat.both(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);
      const answers: string[] = [];
      call.on('data', (bytes: Buffer) => answers.push(bytes.toString('latin1')));
      const ask = (field: number, text: string): void => {
        call.write(Buffer.concat([Buffer.from([(field << 3) | 2, text.length]), Buffer.from(text)]));
      };
      ask(7, '*');
      ask(4, 'headgate.chat.v1.ChatService');
      ask(3, 'google/protobuf/struct.proto');
      ask(4, 'no.such.Thing');
      ask(4, 'headgate.embeddings.v1.EmbeddingsService.Embed');
      call.end();
      expect((await endOf(call)).code).toBe(Status.OK);
      expect(answers).toHaveLength(5);
      expect(answers[0]).toContain('headgate.chat.v1.ChatService');
      expect(answers[0]).toContain('headgate.embeddings.v1.EmbeddingsService');
      expect(answers[4]).toContain('token_inputs');
      expect(answers[1]).toContain('StreamComplete');
      expect(answers[2]).toContain('google.protobuf');
      expect(answers[3]).toContain('no such file');
    }
  });

  test('whoever goes says so first, ends what runs, takes nothing new, and waits for nothing that was reset', async () => {
    const port = await freePort();
    const going = await startGateway({
      config: testConfig(harness.mock, { server: { listeners: [{ port, host: '127.0.0.1', grpc: true }] } }),
    });
    onTestFailed(() => showOutput(going));
    onTestFinished(async () => void (await going.stop()));
    await flood(port);
    const busy = client(port);
    const watching = client(port).watch(`${HEALTH}Watch`, Buffer.alloc(0));
    const seen: string[] = [];
    watching.on('data', (bytes: Buffer) => seen.push(bytes.toString('hex')));
    const over = endOf(watching);
    const told = waitUntil(() => seen.length === 1, 'the health to be told').then(() => null);
    expect(await Promise.race([told, over])).toBeNull();
    const running = busy.stream(asking('oa/gate:going+ok'));
    await harness.mock.waitForCount('gate:going+ok', 1);
    const stopped = going.stop(20_000);
    expect((await over).code).toBe(Status.UNAVAILABLE);
    expect(seen).toEqual(['0801', '0802']);
    harness.mock.open('going');
    const { status, text } = await running;
    expect([status.code, text !== '']).toEqual([Status.OK, true]);
    expect((await stopped).code).toBe(0);
    expect((await busy.complete(asking('oa/ok'))).status.code).toBe(Status.UNAVAILABLE);
  });
});

describe('peers that misbehave', () => {
  test('heads that are too large, and what is no gRPC, are refused, and the next call goes on', async () => {
    const session = await dial();
    const large = await post(
      session,
      '/headgate.chat.v1.ChatService/Complete',
      { 'x-large': 'x'.repeat(40_000) },
      chatBytes('oa/ok'),
    );
    expect(large['grpc-status']).toBeUndefined();
    expect(large['failed']).toBe('true');
    const other = await dial();
    expect(
      await post(other, '/v1/chat/completions', { 'content-type': 'application/json' }, Buffer.from('{}')),
    ).toMatchObject({
      ':status': '415',
    });
    const broken = await post(
      other,
      '/headgate.chat.v1.ChatService/Complete',
      {},
      Buffer.from([0, 0, 0, 0, 9, 1]),
    );
    expect(broken['grpc-status']).toBe(String(Status.INVALID_ARGUMENT));
    const two = Buffer.concat([chatBytes('oa/ok'), chatBytes('oa/ok')]);
    expect((await post(other, '/headgate.chat.v1.ChatService/Complete', {}, two))['grpc-status']).toBe(
      String(Status.INVALID_ARGUMENT),
    );
    const http1 = await fetch(`http://127.0.0.1:${plain}/`).then(
      () => 'answered',
      () => 'refused',
    );
    expect(http1).toBe('refused');
    expect((await chat.complete(asking('oa/ok'))).status.code).toBe(Status.OK);
  });
});

/** Streams that are opened and reset by the thousand, until the gateway has enough of it. */
async function flood(port: number): Promise<void> {
  const session = await dial(port);
  for (let at = 0; at < 1_200 && !session.destroyed && !session.closed; at++) {
    const stream = session.request(headersOf('/headgate.chat.v1.ChatService/Complete'));
    stream.on('error', () => undefined);
    stream.close(constants.NGHTTP2_CANCEL);
    if (at % 100 === 99) await new Promise(setImmediate);
  }
}

function dial(port = plain): Promise<ClientHttp2Session> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  sessions.push(session);
  return new Promise((resolve) => session.once('remoteSettings', () => resolve(session)));
}

const headersOf = (path: string, more: Record<string, string> = {}) => ({
  ':method': 'POST',
  ':path': path,
  'content-type': 'application/grpc',
  te: 'trailers',
  authorization: `Bearer ${gateKey}`,
  ...more,
});

const chatBytes = (model: string): Buffer =>
  grpcFrame(toBinary(ChatRequestSchema, create(ChatRequestSchema, asking(model) as ChatInit)));

/** @returns headers and trailers; `failed` where the stream was reset. */
function post(
  session: ClientHttp2Session,
  path: string,
  more: Record<string, string>,
  body: Buffer,
): Promise<Record<string, string>> {
  return new Promise((resolve) => {
    const got: Record<string, string> = {};
    const note = (headers: object): void => {
      for (const [name, value] of Object.entries(headers)) got[name] = String(value);
    };
    const stream = session.request(headersOf(path, more));
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('error', () => {
      got['failed'] = 'true';
    });
    stream.on('close', () => resolve(got));
    stream.resume();
    stream.end(body);
  });
}
