// A cap of the connections that one address may have, at both listeners.
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { call, chatBody, chatPath, errorOf } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { tryJson } from '../kit/json.ts';
import { freePort } from '../kit/port.ts';
import { type RawClient, rawClient } from '../kit/raw.ts';
import { waitUntil } from '../kit/wait.ts';

const MOST = 4;
const beside = await freePort();
const harness = useGateway({
  server: {
    workers: 1,
    maxConnectionsPerAddress: MOST,
    listeners: [{ port: beside, engine: 'node', host: '127.0.0.1' }],
  },
});

const silent: Socket[] = [];
afterEach(() => {
  for (const socket of silent.splice(0)) socket.destroy();
});

const sockets = (port: number, count: number) =>
  Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve());
          socket.on('error', reject);
          silent.push(socket);
        }),
    ),
  );

const body = JSON.stringify(chatBody('oa/ok'));
const request =
  `POST ${chatPath} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

async function ask(client: RawClient) {
  await client.send(request);
  return client.answer();
}

test.each([
  ['uWebSockets.js', () => harness.port],
  ['node', () => beside],
])('at %s who has too many is told so, and served again with fewer', async (_, port) => {
  await sockets(port(), MOST);
  const client = await rawClient(port());
  const answer = await ask(client);
  expect([answer.status, answer.headers['connection']]).toEqual([429, 'close']);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(answer.headers['x-request-id']).toBeTruthy();
  expect(errorOf(tryJson(answer.body))).toMatchObject({ code: 'rate_limit_exceeded' });
  await client.untilClosed();
  for (const socket of silent.splice(0)) socket.destroy();
  await waitUntil(
    async () => {
      const again = await rawClient(port());
      // Closed without a word where it is far too many.
      const status = await ask(again).then(
        (given) => given.status,
        () => 0,
      );
      again.destroy();
      return status === 200;
    },
    'room for another connection',
    20_000,
    100,
  );
});

test('a connection far beyond the cap is closed as it comes, and all of it is counted', async () => {
  await sockets(harness.port, 3 * MOST);
  await waitUntil(() => silent.some((socket) => socket.closed), 'a closed connection', 20_000);
  for (const socket of silent.splice(0)) socket.destroy();
  const metrics = await waitUntil(
    async () => {
      const answer = await call(harness, '/metrics').catch(() => null);
      return answer?.text.includes('refused_total{how="closed"}') === true ? answer.text : null;
    },
    'the count of it',
    20_000,
    100,
  );
  expect(metrics).toMatch(/headgate_connections_refused_total\{how="told"\} [1-9]/);
});
