// Conversations of the chat socket over machines: two gateways with one real Redis, and the package `ws` as their client. Whose socket
// broke comes back at the other one, and gets the rest of it from there: nothing twice, nothing missing.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { pick } from '../../kit/json.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';
import { workerPids } from '../../kit/workers.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const otherKey = 'hg-test-key-of-another-tenant-0123456789';
const messages = [{ role: 'user', content: 'hi' }];
let redis: RedisServer;
let mock: MockUpstream;
let gateways: GatewayProcess[];
const open: WebSocket[] = [];

interface Frame {
  type: string;
  id: string | null;
  seq?: number;
  [member: string]: unknown;
}

beforeAll(async () => {
  [redis, mock] = await Promise.all([startRedis(), startMock()]);
  const rest = {
    redis: { url: `redis://127.0.0.1:${redis.port}`, timeoutMs: 20_000 },
    auth: { keys: [gateKey, { name: 'other', value: otherKey }] },
  };
  const config = testConfig(mock, { rest });
  gateways = await Promise.all([1, 2].map((workers) => startGateway({ config, workers })));
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop(3_000)));
  await mock.close();
  await redis.close();
});

async function connect(at: number, key = gateKey) {
  const headers = { authorization: `Bearer ${key}` };
  const socket = new WebSocket(`ws://127.0.0.1:${gateways[at]!.port}/v1/chat/ws`, { headers });
  open.push(socket);
  const frames: Frame[] = [];
  socket.on('message', (text) => void frames.push(JSON.parse(String(text)) as Frame));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    frames,
    say: (frame: object) => socket.send(JSON.stringify(frame)),
    until: (what: string, is: (frame: Frame) => boolean) => waitUntil(() => frames.some(is), what),
  };
}

const textOf = (frames: readonly Frame[]): string =>
  frames.map(({ data }) => pick(data, 'choices.0.delta.content') ?? '').join('');
const ends = ({ type }: Frame): boolean => ['done', 'error', 'cancelled'].includes(type);
const words = (count: number): string => Array.from({ length: count }, (_, at) => `t${at}`).join(' ');

/** A conversation that has said some of its text, and whose socket is cut then. */
async function broken(at: number, model: string) {
  const first = await connect(at);
  first.say({ id: 'a', model, messages });
  await first.until('its first words', () => textOf(first.frames).includes('t1'));
  first.socket.terminate();
  const frames = [...first.frames];
  return { frames, resume: frames[0]!['resume'], after: frames.length };
}

test.each([
  [0, 1],
  [1, 0],
])('a conversation of gateway %i is gone on with at gateway %i, every word once', async (from, to) => {
  const { frames, resume, after } = await broken(from, 'oa/text:30+pace:20');
  const second = await connect(to);
  second.say({ type: 'resume', resume, after });
  await second.until('its end', ends);
  const all = [...frames, ...second.frames];
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, at) => at + 1));
  expect(all.at(-1)).toMatchObject({ type: 'done', id: 'a' });
  expect(textOf(all).trim()).toBe(words(30));
});

test('another tenant does not find it, and it goes on all the same', async () => {
  const { frames, resume, after } = await broken(0, 'oa/text:30+pace:20');
  const stranger = await connect(1, otherKey);
  stranger.say({ type: 'resume', resume, after: 0 });
  await stranger.until('its refusal', ends);
  expect(stranger.frames).toMatchObject([{ type: 'error', status: 404 }]);
  const second = await connect(1);
  second.say({ type: 'resume', resume, after });
  await second.until('its end', ends);
  expect(textOf([...frames, ...second.frames]).trim()).toBe(words(30));
});

test('who cancels it at the other gateway ends it at its own', async () => {
  await waitUntil(() => mock.running() === 0, 'earlier calls to end');
  const { resume, after } = await broken(0, 'oa/text:9+stall-after:2');
  expect(mock.running()).toBe(1);
  const second = await connect(1);
  second.say({ type: 'resume', resume, after: after - 1 });
  await second.until('its last word', ({ type }) => type === 'delta');
  second.say({ type: 'cancel', id: 'a' });
  await second.until('its end', ends);
  expect(second.frames.at(-1)).toMatchObject({ type: 'cancelled', id: 'a' });
  await waitUntil(() => mock.running() === 0, 'the provider to be left');
});

test('a worker that dies in the middle leaves an error, not silence', async () => {
  const { resume, after } = await broken(0, 'oa/text:9+stall-after:2');
  const second = await connect(1);
  second.say({ type: 'resume', resume, after: after - 1 });
  await second.until('its last word', ({ type }) => type === 'delta');
  const [worker] = await workerPids(gateways[0]!, 1);
  process.kill(worker!, 'SIGKILL');
  await second.until('its end', ends);
  expect(second.frames.at(-1)).toMatchObject({
    type: 'error',
    id: 'a',
    status: 404,
    error: { code: 'gw_client_resume' },
  });
});

test('without Redis each gateway goes on with its own', async () => {
  // The one that took the place of the dead one waits for Redis before it listens.
  await workerPids(gateways[0]!, 2);
  await redis.kill();
  const { frames, resume, after } = await broken(0, 'oa/text:30+pace:20');
  const stranger = await connect(1);
  stranger.say({ type: 'resume', resume, after });
  await stranger.until('its refusal', ends);
  expect(stranger.frames).toMatchObject([{ type: 'error', status: 404 }]);
  const second = await connect(0);
  second.say({ type: 'resume', resume, after });
  await second.until('its end', ends);
  expect(textOf([...frames, ...second.frames]).trim()).toBe(words(30));
});
