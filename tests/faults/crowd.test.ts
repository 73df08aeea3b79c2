// Many callers at once, in the order of events and never by the clock: what is refused is refused while all that was taken still
// runs, and who behaves well notices nobody.
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { call, chatBody, chatPath, open, type Receiving } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { rawClient } from '../kit/raw.ts';
import { upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

const SLOTS = 8;
const PLACES = 8;
const keys = { noisy: 'hg-noisy-0123456789abcdef', quiet: 'hg-quiet-0123456789abcdef' };

const harness = useGateway((mock) => ({
  providers: {
    narrow: {
      dialect: 'openai-chat',
      baseUrl: mock.openaiUrl,
      keys: [{ value: upstreamKeys.oa }],
      retries: { max: 0 },
      lane: { concurrency: SLOTS, queue: PLACES, queueTimeoutMs: 60_000 },
      timeouts: { headersMs: 60_000 },
    },
  },
  rest: {
    auth: {
      keys: [
        gateKey,
        { name: 'noisy', value: keys.noisy, limits: [{ concurrent: 2 }] },
        { name: 'quiet', value: keys.quiet },
      ],
    },
  },
}));

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const refusedOf = (calls: readonly Receiving[], status: number): Receiving[] =>
  calls.filter((one) => one.over && one.status === status);

test('O01: of five times what fits the rest is refused while the first still run, and what was taken is served whole', async () => {
  const model = 'text:20+gate:crowd';
  const calls = times(5 * (SLOTS + PLACES), () =>
    open(harness, chatPath, { body: chatBody(`narrow/${model}`, { stream: true }) }),
  );
  const refused = (): Receiving[] => refusedOf(calls, 503);
  // Not one of those that were taken has been answered yet: nobody's refusal waited for a place.
  await waitUntil(() => refused().length === calls.length - SLOTS - PLACES, 'the refusals', 20_000);
  expect(calls.filter((one) => one.status === 200)).toHaveLength(0);
  for (const one of refused()) {
    expect(Number(one.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(pick(JSON.parse(one.text), 'error.code')).toBe('gw_lane_full');
    expect(one.headers['x-request-id']).toBeTruthy();
  }
  // Those that run are on their way or there.
  await harness.mock.waitForCount(model, SLOTS);
  expect(harness.mock.requestsFor(model)).toHaveLength(SLOTS);
  harness.mock.open('crowd');
  const served = await Promise.all(calls.filter((one) => one.status !== 503).map((one) => one.whole()));
  expect(served).toHaveLength(SLOTS + PLACES);
  for (const { status, text } of served) expect([status, text.includes('[DONE]')]).toEqual([200, true]);
  expect(harness.mock.requestsFor(model)).toHaveLength(SLOTS + PLACES);
});

test('O04: a tenant that asks twenty times as much as it may delays nobody else', async () => {
  const noisy = times(40, () =>
    open(harness, chatPath, { key: keys.noisy, body: chatBody('narrow/gate:noisy') }),
  );
  await waitUntil(() => refusedOf(noisy, 429).length === 38, 'all but two to be refused', 20_000);
  for (const one of refusedOf(noisy, 429)) expect(Number(one.headers['retry-after'])).toBeGreaterThan(0);
  // Its two calls run, and will until the gate opens: everybody else is served meanwhile.
  const quiet = await Promise.all(
    times(30, () => call(harness, chatPath, { key: keys.quiet, body: chatBody('oa/ok') })),
  );
  const beside = times(SLOTS - 2, () =>
    call(harness, chatPath, { key: keys.quiet, body: chatBody('narrow/ok') }),
  );
  for (const { status } of [...quiet, ...(await Promise.all(beside))]) expect(status).toBe(200);
  expect(noisy.filter((one) => one.over)).toHaveLength(38);
  harness.mock.open('noisy');
  for (const one of noisy) await one.whole();
  expect(noisy.filter(({ status }) => status === 200)).toHaveLength(2);
});

test('C04: a flood of connections that say nothing keeps out no caller', async () => {
  const silent: Socket[] = [];
  try {
    await Promise.all(
      times(
        1_500,
        () =>
          new Promise<void>((resolve, reject) => {
            const socket = connect(harness.port, '127.0.0.1', () => resolve());
            socket.on('error', reject);
            silent.push(socket);
          }),
      ),
    );
    for (const socket of silent) socket.on('error', () => undefined);
    const good = await Promise.all(times(50, () => call(harness, chatPath, { body: chatBody('oa/ok') })));
    expect(new Set(good.map(({ status }) => status))).toEqual(new Set([200]));
  } finally {
    for (const socket of silent) socket.destroy();
  }
});

test('C15: headers that `Connection` names take nothing away and let nothing through', async () => {
  const body = JSON.stringify(chatBody('oa/ok'));
  for (const named of [
    'authorization, x-request-id',
    'close, authorization, content-length, host',
    'x-secret, keep-alive',
  ]) {
    const client = await rawClient(harness.port);
    await client.send(
      `POST ${chatPath} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\nConnection: ${named}\r\n` +
        `X-Secret: of-the-client\r\nProxy-Authorization: Basic c2VjcmV0\r\nCookie: of=the-client\r\nKeep-Alive: timeout=9\r\n` +
        `X-Forwarded-For: 203.0.113.7\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const answer = await client.answer();
    client.destroy();
    expect(answer.status).toBe(200);
    expect(answer.headers['x-request-id']).toBeTruthy();
    const { headers } = harness.mock.lastRequest();
    // The gateway's own credential, and of the client's head nothing.
    expect(headers['authorization']).toBe(`Bearer ${upstreamKeys.oa}`);
    expect(headers['content-length']).toBeTruthy();
    expect(JSON.stringify(headers)).not.toMatch(
      new RegExp(`${gateKey}|of-the-client|of=the-client|c2VjcmV0|203\\.0\\.113`),
    );
    for (const name of ['x-secret', 'proxy-authorization', 'cookie', 'keep-alive', 'x-forwarded-for'])
      expect(headers).not.toHaveProperty(name);
  }
});

test('C15: on a route that hands everything on, what `Connection` names ends at the gateway', async () => {
  const client = await rawClient(harness.port);
  await client.send(
    `GET /passthrough/oa/models HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ${gateKey}\r\n` +
      `Connection: x-secret, authorization\r\nX-Secret: of-the-client\r\nX-Other: goes-on\r\n\r\n`,
  );
  await client.answer();
  client.destroy();
  const { headers } = harness.mock.lastRequest();
  expect(headers).not.toHaveProperty('x-secret');
  expect(headers['x-other']).toBe('goes-on');
  expect(headers['authorization']).toBe(`Bearer ${upstreamKeys.oa}`);
});

test('C18: who speaks HTTP/2 to a listener of HTTP/1.1 is refused and closed, and no call is made of it', async () => {
  const before = harness.mock.requests.length;
  const headers = Buffer.alloc(2_000);
  for (let at = 0; at + 9 <= headers.length; at += 9) headers.set([0, 0, 0, 9, 0, 0, 0, 0, 1], at);
  const client = await rawClient(harness.port);
  await client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', headers);
  await client.untilClosed();
  client.destroy();
  expect(client.received.toString('latin1')).not.toContain(' 200 ');
  expect(harness.mock.requests.length).toBe(before);
  expect((await call(harness, chatPath, { body: chatBody('oa/ok') })).status).toBe(200);
});
