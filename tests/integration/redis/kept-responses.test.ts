// Turns of Responses in a real Redis: two gateways build on each other's, what is over is gone, and without Redis each keeps
// what it makes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, open } from '../../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { pick } from '../../kit/json.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { parseSse } from '../../kit/sse.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const otherKey = 'hg-test-key-of-another-tenant-0123456789';
const path = '/v1/responses';
let redis: RedisServer;
let mock: MockUpstream;
let gateways: GatewayProcess[];

beforeAll(async () => {
  [redis, mock] = await Promise.all([startRedis(), startMock()]);
  const rest = {
    redis: { url: `redis://127.0.0.1:${redis.port}`, timeoutMs: 20_000 },
    auth: { keys: [gateKey, { name: 'other', value: otherKey }] },
  };
  const config = testConfig(mock, { rest });
  gateways = await Promise.all([startGateway({ config }), startGateway({ config, workers: 2 })]);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop(3_000)));
  await mock.close();
  await redis.close();
});

const create = (at: number, body: object, key = gateKey) =>
  call(gateways[at]!, path, { body, headers: { authorization: `Bearer ${key}` } });
const read = (at: number, id: string, key = gateKey) =>
  call(gateways[at]!, `${path}/${id}`, { headers: { authorization: `Bearer ${key}` } });

test('a turn is built on, read and forgotten at the other gateway, by its key alone', async () => {
  const first = await create(0, { model: 'an/ok', input: 'I am Ada' });
  const id = String(pick(first.json, 'id'));
  // It is written behind the answer.
  const there = await waitUntil(async () => {
    const found = await read(1, id);
    return found.status === 200 ? found : null;
  }, 'Redis to have it');
  expect(there.json).toEqual(first.json);
  const second = await create(1, { model: 'oa/ok', input: 'who am I?', previous_response_id: id });
  expect(second.status).toBe(200);
  expect(JSON.stringify(mock.lastRequest().json)).toContain('I am Ada');
  expect((await read(1, id, otherKey)).status).toBe(404);
  const next = String(pick(second.json, 'id'));
  await waitUntil(async () => (await read(0, next)).status === 200, 'Redis to have the second');
  const third = await create(0, { model: 'an/ok', input: 'and now?', previous_response_id: next });
  expect(third.status).toBe(200);
  for (const words of ['I am Ada', 'who am I?', 'and now?'])
    expect(JSON.stringify(mock.lastRequest().json)).toContain(words);
  const headers = { authorization: `Bearer ${gateKey}` };
  const gone = await call(gateways[1]!, `${path}/${id}`, { method: 'DELETE', headers });
  expect(gone.status).toBe(200);
  expect((await read(0, id)).status).toBe(404);
  expect((await create(0, { model: 'an/ok', input: 'x', previous_response_id: next })).status).toBe(404);
});

test('what runs in the background is followed and stopped at the other gateway', async () => {
  const headers = { authorization: `Bearer ${gateKey}` };
  const body = { model: 'an/text:9+stall-after:2', input: 'hi', background: true, stream: true };
  const stream = open(gateways[0]!, path, { body, headers });
  await waitUntil(() => stream.text.includes('t1'), 'two pieces');
  const id = String(pick(parseSse(stream.text)[0]?.json, 'response.id'));
  const begun = await waitUntil(async () => {
    const found = await read(1, id);
    return found.status === 200 ? found : null;
  }, 'Redis to have it');
  expect(begun.json).toMatchObject({ status: 'in_progress' });
  const other = open(gateways[1]!, `${path}/${id}?stream=true`, { method: 'GET', headers });
  await waitUntil(() => other.text.includes('response.in_progress'), 'its events at the other gateway');
  const stopped = await call(gateways[1]!, `${path}/${id}/cancel`, { method: 'POST', headers });
  expect([stopped.status, pick(stopped.json, 'status')]).toEqual([200, 'cancelled']);
  const events = parseSse((await stream.whole()).text);
  expect(events.at(-1)?.json).toMatchObject({ response: { id, status: 'cancelled' } });
  expect(parseSse((await other.whole()).text)).toEqual(events);
});

test('without Redis a gateway goes on with what it makes itself', async () => {
  await redis.kill();
  const first = await create(1, { model: 'an/ok', input: 'alone' });
  const id = String(pick(first.json, 'id'));
  const second = await create(1, { model: 'an/ok', input: 'still here', previous_response_id: id });
  expect(second.status).toBe(200);
  expect(JSON.stringify(mock.lastRequest().json)).toContain('alone');
  expect((await read(0, id)).status).toBe(404);
});
