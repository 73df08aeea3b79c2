// Every door there is, one walk: who has no key is refused, who is over a limit or has spent a budget too, and asks nobody; what is
// answered has its line in the log and its row in the metrics; and when the gateway goes, what runs ends and nothing new is taken.
import { connect as connectHttp2 } from 'node:http2';
import { status as Status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { Role } from '../../src/grpc/chat-messages.ts';
import { makeAuthority } from '../kit/certificates.ts';
import { chatBody, chatPath } from '../kit/client.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { GrpcChat, metadataOf } from '../kit/grpc-client.ts';
import { pick } from '../kit/json.ts';
import { type MockRealtime, startMockRealtime } from '../kit/mock-realtime.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { testConfig } from '../kit/test-config.ts';

/** Answers when the test says so. */
const SLOW = 'gate:walk';
const messages = [{ role: 'user', content: 'hi' }];
const authority = makeAuthority();
const ports = { node: await freePort(), http2: await freePort(), grpc: await freePort() };
let mock: MockUpstream;
let voice: MockRealtime;
let gateway: GatewayProcess;

/** A key of its own for each door and lot: each has its own limits, and its own lines. */
const keyOf = (door: string, lot: string): string => `hg-${lot}-${door}-0123456789abcdef0123456789`;
/** What a door answered, as HTTP has it; 0 = nobody took it. */
type Ask = (key: string | null, model: string) => Promise<number>;

const GRPC_STATUS: Readonly<Record<number, number>> = {
  [Status.OK]: 200,
  [Status.UNAUTHENTICATED]: 401,
  [Status.RESOURCE_EXHAUSTED]: 429,
  [Status.UNAVAILABLE]: 0,
};
const bearer = (key: string | null): Record<string, string> =>
  key === null ? {} : { authorization: `Bearer ${key}` };

const post =
  (port: () => number, path: string, body: (model: string) => object): Ask =>
  async (key, model) => {
    const answered = await fetch(`http://127.0.0.1:${port()}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(key) },
      body: JSON.stringify(body(model)),
    }).catch(() => null);
    await answered?.text();
    return answered?.status ?? 0;
  };

const overHttp2: Ask = (key, model) =>
  new Promise((resolve) => {
    const session = connectHttp2(`https://localhost:${ports.http2}`, { ca: authority.ca });
    let status = 0;
    session.on('error', () => resolve(0));
    const stream = session.request({
      ':method': 'POST',
      ':path': chatPath,
      'content-type': 'application/json',
      ...bearer(key),
    });
    stream.on('error', () => undefined);
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
    });
    stream.on('close', () => {
      session.close();
      resolve(status);
    });
    stream.resume();
    stream.end(JSON.stringify(chatBody(`oa/${model}`)));
  });

const overGrpc: Ask = async (key, model) => {
  const chat = new GrpcChat(ports.grpc);
  const request = { model: `oa/${model}`, messages: [{ role: Role.USER, text: 'hi' }] };
  const { status } = await chat.complete(request, metadataOf(key));
  chat.close();
  return GRPC_STATUS[status.code] ?? -1;
};

/** A WebSocket: what its first words are, and which frame ends it. */
const overSocket =
  (path: string, begin: (model: string) => object, ends: (frame: object) => number | null): Ask =>
  (key, model) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, { headers: bearer(key) });
      socket.on('error', () => resolve(0));
      socket.on('close', () => resolve(-1));
      socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode ?? 0));
      socket.on('open', () => socket.send(JSON.stringify(begin(model))));
      socket.on('message', (data) => {
        const status = ends(JSON.parse(String(data)) as object);
        if (status === null) return;
        resolve(status);
        socket.terminate();
      });
    });

const statusOf = (frame: object, done: string): number | null => {
  const type = pick(frame, 'type');
  if (type === done) return 200;
  return type === 'error' ? Number(pick(frame, 'status')) : null;
};

interface Door {
  ask: Ask;
  route: string;
}
const chatOf = (model: string): object => chatBody(`oa/${model}`);
const DOORS: Readonly<Record<string, Door>> = {
  uws: { ask: post(() => gateway.port, chatPath, chatOf), route: chatPath },
  node: { ask: post(() => ports.node, chatPath, chatOf), route: chatPath },
  http2: { ask: overHttp2, route: chatPath },
  grpc: { ask: overGrpc, route: '/headgate.chat.v1.ChatService/Complete' },
  socket: {
    ask: overSocket(
      '/v1/chat/ws',
      (model) => ({ id: 'a', model: `oa/${model}`, messages }),
      (frame) => statusOf(frame, 'done'),
    ),
    route: '/v1/chat/ws',
  },
  job: {
    ask: (key, model) =>
      post(
        () => gateway.port,
        model === SLOW ? '/jobs/slow' : '/jobs/walk',
        () => ({}),
      )(key, model),
    route: '/jobs/walk',
  },
  realtime: {
    ask: overSocket(
      '/v1/realtime?model=rt/gpt-realtime',
      () => ({ type: 'response.create' }),
      (frame) => statusOf(frame, 'response.done'),
    ),
    route: '/v1/realtime',
  },
};
const NAMES = Object.keys(DOORS);
/** A session is a call by itself, and its turn another. */
const requestsOf = (door: string): number => (door === 'realtime' ? 2 : 1);

beforeAll(async () => {
  [mock, voice] = await Promise.all([startMock(), startMockRealtime()]);
  const { cert, key } = authority.sign('localhost');
  const host = '127.0.0.1';
  const job = (model: string) => ({
    model: `oa/${model}`,
    request: { messages },
    answer: { body: { said: '{{text}}' } },
  });
  gateway = await startGateway({
    config: testConfig(mock, {
      server: {
        listeners: [
          { port: ports.node, host, engine: 'node' },
          { port: ports.http2, host, http2: true, tls: { cert, key } },
          { port: ports.grpc, host, grpc: true },
        ],
      },
      providers: {
        rt: {
          dialect: 'openai-chat',
          baseUrl: voice.url,
          keys: [{ value: 'sk-upstream-realtime-0001' }],
          models: ['gpt-*'],
          retries: { max: 0 },
        },
      },
      rest: {
        unknownPrice: 'allow',
        operations: { walk: job('ok'), slow: job(SLOW) },
        auth: {
          keys: NAMES.flatMap((door) => [
            { name: `free-${door}`, value: keyOf(door, 'free') },
            {
              name: `broke-${door}`,
              value: keyOf(door, 'broke'),
              budgets: [{ amountUsd: 0, window: 'never' }],
            },
            {
              name: `spent-${door}`,
              value: keyOf(door, 'spent'),
              limits: [{ requests: `${requestsOf(door)}/d`, burst: requestsOf(door) }],
            },
          ]),
        },
      },
    }),
  });
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await Promise.all([mock?.close(), voice?.close()]);
  authority.remove();
});

const lines = (client: string) => gateway.logs().filter((line) => line['client'] === client);

describe.each(Object.entries(DOORS))('the door %s', (name, { ask, route }) => {
  test('is closed to who has no key, and to a key that nobody knows', async () => {
    const before = mock.requests.length;
    expect(await ask(null, 'ok')).toBe(401);
    expect(await ask('hg-nobody-knows-this-one-0123456789', 'ok')).toBe(401);
    expect(mock.requests).toHaveLength(before);
  });

  test('refuses behind a limit, and where a budget is spent', async () => {
    expect(await ask(keyOf(name, 'spent'), 'ok')).toBe(200);
    const before = mock.requests.length;
    expect(await ask(keyOf(name, 'spent'), 'ok')).toBe(429);
    expect(await ask(keyOf(name, 'broke'), 'ok')).toBe(429);
    expect(mock.requests).toHaveLength(before);
  });

  test('answers, and has a line in the log and a row in the metrics', async () => {
    expect(await ask(keyOf(name, 'free'), 'ok')).toBe(200);
    const provider = name === 'realtime' ? 'rt' : 'oa';
    await vi.waitFor(
      async () => {
        expect(lines(`free-${name}`).filter(({ status }) => status === 200)).toMatchObject([
          { route, attempts: [{ provider, status: 200 }], usage: expect.any(Object) as object },
        ]);
        expect(lines(`broke-${name}`).filter(({ status }) => status === 429)).toMatchObject([
          { route, status: 429 },
        ]);
        const text = await fetch(`${gateway.url}/metrics`).then((answer) => answer.text());
        expect(text).toContain(`headgate_http_requests_total{route="${route}"`);
      },
      { timeout: 30_000, interval: 100 },
    );
  });
});

test('behind all of them what runs ends when the gateway goes, and nothing new is taken', async () => {
  const waiting = NAMES.filter((name) => name !== 'realtime');
  const running = waiting.map((name) => DOORS[name]!.ask(keyOf(name, 'free'), SLOW));
  await mock.waitForCount(SLOW, waiting.length);
  const talk = new WebSocket(`ws://127.0.0.1:${gateway.port}/v1/realtime?model=rt/gpt-realtime`, {
    headers: bearer(keyOf('realtime', 'free')),
  });
  const closed = new Promise<number>((resolve) => talk.on('close', (code) => resolve(code)));
  await new Promise((resolve) => talk.on('message', resolve));
  gateway.kill('SIGTERM');
  expect(await closed).toBe(1001);
  mock.open('walk');
  expect(await Promise.all(running)).toEqual(waiting.map(() => 200));
  const { code } = await gateway.exit;
  expect(code).toBe(0);
  for (const { ask } of Object.values(DOORS)) expect(await ask(keyOf('uws', 'free'), 'ok')).toBe(0);
});
