// Clients that pause for longer than uWebSockets.js waits, or read slower than the kernel tells of room: the cut is ours
// alone, after clientProgressMs without any progress, and a call is what its client made of it: 200 only if all was taken.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownListener } from '../../src/http/uws/accept-queue.ts';
import { boundReceiveBuffer } from '../../src/http/uws/receive-buffer.ts';
import { call, chatBody, chatPath, messagesBody, messagesPath } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { tryJson } from '../kit/json.ts';
import { type RawClient, rawClient } from '../kit/raw.ts';
import { sleep, waitUntil } from '../kit/wait.ts';

/** uWS closes after 8 to 12 s. */
const PAUSE_MS = 14_000;
/** A provider that takes a body only when it is told to. */
const standing = { server: createServer(), port: 0, asked: null as IncomingMessage | null };
beforeAll(async () => {
  standing.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    standing.asked = request.pause();
    request.on('end', () => response.end('{}'));
  });
  standing.server.listen(0, '127.0.0.1');
  await once(standing.server, 'listening');
  standing.port = (standing.server.address() as AddressInfo).port;
  // Of what it does not read the kernel would hold as much as tcp_rmem allows: on some systems 32 MB.
  expect(await boundReceiveBuffer(ownListener(standing.port), 65_536)).toBeNull();
});
afterAll(() => {
  standing.server.closeAllConnections();
  standing.server.close();
});
const patient = useGateway(() => ({
  providers: {
    standing: {
      dialect: 'openai-chat',
      baseUrl: `http://127.0.0.1:${standing.port}/v1`,
      keys: ['sk-standing'],
    },
  },
  // Tells when its listeners are bounded.
  rest: { log: { level: 'debug' } },
}));
/** Longer than a test that has a machine to share does not get to read. */
const strict = useGateway({ server: { clientProgressMs: 15_000 } });
type Gate = typeof patient;

const request = (id: string, path: string, body: object, ...lines: string[]) => {
  const text = JSON.stringify(body);
  return [
    `POST ${path} HTTP/1.1`,
    'Host: gate',
    `Authorization: Bearer ${gateKey}`,
    `X-Request-Id: ${id}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...lines,
    '',
    text,
  ].join('\r\n');
};

async function ask(
  gate: Gate,
  id: string,
  path: string,
  body: object,
  ...lines: string[]
): Promise<RawClient> {
  const client = await rawClient(gate.port, { reading: false });
  await client.send(request(id, path, body, ...lines));
  return client;
}

const accessLine = (gate: Gate, id: string) =>
  gate.gateway.logs().find((entry) => entry['id'] === id && entry['msg'] === 'request');

const settled = (gate: Gate, id: string, timeoutMs = 5_000) =>
  waitUntil(() => accessLine(gate, id), `the access line of ${id}`, timeoutMs);

test.concurrent.each([
  ['a plain answer of 8 MB', 'plain-8', chatPath, chatBody('oa/big:8000000')],
  [
    'a plain answer of 40 MB',
    'plain-40',
    messagesPath,
    { ...messagesBody('an/big:40000000'), max_tokens: 100_000 },
  ],
  ['a translated answer of 8 MB', 'translated-8', chatPath, chatBody('an/big:8000000')],
  ['a stream of 24 MB', 'stream-24', chatPath, chatBody('oa/fast-flood:24000000', { stream: true })],
  [
    'a translated stream of 24 MB',
    'stream-t',
    messagesPath,
    { ...messagesBody('oa/fast-flood:24000000'), stream: true },
  ],
])('%s is whole for a client that pauses', async (_what, id, path, body) => {
  const client = await ask(patient, id, path, body, 'Connection: close');
  await sleep(PAUSE_MS);
  expect(accessLine(patient, id), 'settled before it was taken').toBeUndefined();
  client.read();
  const answer = await client.answer(20_000);
  expect(answer.status).toBe(200);
  if ('stream' in body) expect(answer.body.slice(-200)).toMatch(/data: \[DONE\]|event: message_stop/);
  else expect(tryJson(answer.body)).toBeTypeOf('object');
  expect(await settled(patient, id)).toMatchObject({ status: 200 });
  client.destroy();
});

test.concurrent('a reader of 500 KB/s is not cut, however rarely the kernel tells of room', async () => {
  const client = await ask(strict, 'steady', chatPath, chatBody('oa/big:10000000'));
  let bytes = 0;
  const began = performance.now();
  client.socket.on('data', (piece: Buffer) => {
    bytes += piece.length;
    const ahead = bytes / 500 - (performance.now() - began);
    if (ahead > 0) {
      client.socket.pause();
      setTimeout(() => client.socket.resume(), ahead);
    }
  });
  await waitUntil(() => bytes > 10_000_000 || client.closed, 'the whole answer', 60_000, 50);
  expect(bytes).toBeGreaterThan(10_000_000);
  expect(await settled(strict, 'steady')).toMatchObject({ status: 200 });
  client.destroy();
});

test.concurrent.each([
  ['plain answer', 'cut-plain', chatBody('oa/big:20000000')],
  ['stream', 'cut-stream', chatBody('oa/fast-flood:40000000', { stream: true })],
])('who takes nothing of a %s is cut by our clock and logged as gone', async (_what, id, body) => {
  const client = await ask(strict, id, chatPath, body);
  const line = await settled(strict, id, 20_000);
  expect(line).toMatchObject({ status: 499 });
  client.read();
  await client.untilClosed();
  expect(client.receivedBytes).toBeLessThan(19_000_000);
});

test.concurrent('who leaves with half of it is logged as gone, with what the answer used', async () => {
  // More than the kernel takes for a reader that was quick: its buffer grows as it is read (tcp_rmem, tcp_wmem).
  const client = await ask(patient, 'half', chatPath, chatBody('oa/big:60000000'));
  const took = new Promise<void>((resolve) => {
    client.socket.once('data', () => {
      client.socket.pause();
      resolve();
    });
  });
  client.socket.resume();
  await took;
  await sleep(300);
  expect(accessLine(patient, 'half'), 'settled before it was taken').toBeUndefined();
  client.destroy();
  const line = await settled(patient, 'half');
  expect(line).toMatchObject({ status: 499 });
  expect(JSON.stringify(line)).toContain('"usage":{');
});

test.concurrent('an upload that pauses is not cut before its own deadline', async () => {
  const whole = request('upload', chatPath, chatBody('oa/ok'));
  const client = await rawClient(patient.port);
  await client.send(whole.slice(0, -20), { waitMs: PAUSE_MS }, whole.slice(-20));
  expect((await client.answer()).status).toBe(200);
  client.destroy();
});

test.concurrent('an upload stands still with its provider, at its sender, and is whole in the end', async () => {
  const bounded = () =>
    patient.gateway.logs().filter(({ msg }) => msg === 'receive buffer of the listener is set');
  await waitUntil(() => bounded().length >= 1, 'the listeners to be bounded', 30_000);
  const total = 40_000_000;
  const client = await rawClient(patient.port);
  await client.send(
    [
      'POST /passthrough/standing/files HTTP/1.1',
      'Host: gate',
      `Authorization: Bearer ${gateKey}`,
      `Content-Length: ${total}`,
      '',
      '',
    ].join('\r\n'),
  );
  let sent = 0;
  const push = (): void => {
    while (sent < total) {
      sent += 100_000;
      if (!client.socket.write(Buffer.alloc(100_000))) return;
    }
  };
  client.socket.on('drain', push);
  push();
  await waitUntil(() => standing.asked !== null, 'the provider to be asked', 20_000);
  await sleep(PAUSE_MS);
  // What the kernel keeps of two connections on their way out (tcp_wmem: 4 MB each), and what is read ahead of a pause.
  expect(sent).toBeLessThan(20_000_000);
  let arrived = 0;
  standing.asked!.on('data', (piece: Buffer) => {
    arrived += piece.length;
  });
  standing.asked!.resume();
  expect((await client.answer(20_000)).status).toBe(200);
  expect(arrived).toBe(total);
  client.destroy();
});

test('a refused body of 60 MB is answered before it is sent, and its sender reads the answer', async () => {
  const client = await rawClient(patient.port);
  const sender = request('over', messagesPath, { pad: '' }).replace(
    /Content-Length: \d+/,
    'Content-Length: 60000000',
  );
  await client.send(sender);
  const answer = await client.answer(2_000);
  expect(answer.status).toBe(413);
  expect(answer.headers).toMatchObject({ 'x-request-id': 'over', connection: 'close' });
  expect(tryJson(answer.body)).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
  // Who reads only once all is sent is not reset meanwhile.
  const late = await rawClient(patient.port, { reading: false });
  await late.send(sender);
  for (let sent = 0; sent < 59_999_000 && late.error === null; sent += 500_000) {
    if (!late.socket.write(Buffer.alloc(500_000, ' ')))
      await new Promise((go) => late.socket.once('drain', go));
  }
  expect(late.error).toBeNull();
  late.read();
  expect((await late.answer()).status).toBe(413);
  client.destroy();
  late.destroy();
  expect((await call(patient, chatPath, { body: chatBody('oa/ok') })).status).toBe(200);
});

test.each([
  ['none that could be one', 'a b'],
  ['a URL', 'http://gate'],
  ['bytes beyond ASCII', '\xe9'],
])('a host that is %s is a 400 with ids', async (_what, host) => {
  const client = await rawClient(patient.port);
  await client.send(Buffer.from(`GET /livez HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'latin1'));
  const answer = await client.answer();
  expect(answer.status).toBe(400);
  expect(answer.headers['x-request-id']).toBeTruthy();
  expect(tryJson(answer.body)).toMatchObject({ error: { code: 'gw_client_bad_framing' } });
  await client.untilClosed();
  client.destroy();
});

/** As long as a model thinks before its first word; uWS would end a connection after 8 to 12 s. */
const SILENT = `slow-first:${PAUSE_MS}`;
const sdks: [string, () => Promise<string>][] = [
  [
    'openai',
    async () => {
      const client = new OpenAI({ baseURL: `${patient.url}/v1`, apiKey: gateKey, maxRetries: 0 });
      const stream = client.chat.completions.stream({
        model: `oa/${SILENT}`,
        messages: [{ role: 'user', content: 'hello' }],
      });
      return (await stream.finalChatCompletion()).choices[0]!.message.content!;
    },
  ],
  [
    '@anthropic-ai/sdk',
    async () => {
      const client = new Anthropic({ baseURL: patient.url, apiKey: gateKey, maxRetries: 0 });
      const stream = client.messages.stream({
        model: `oa/${SILENT}`,
        max_tokens: 50,
        messages: [{ role: 'user', content: 'hello' }],
      });
      return stream.finalText();
    },
  ],
  [
    'openai, not streamed',
    async () => {
      const client = new OpenAI({ baseURL: `${patient.url}/v1`, apiKey: gateKey, maxRetries: 0 });
      const answer = await client.chat.completions.create({
        model: `oa/slow-head:${PAUSE_MS}`,
        messages: [{ role: 'user', content: 'hello' }],
      });
      return answer.choices[0]!.message.content!;
    },
  ],
];
test.concurrent.each(sdks)(
  'C19: an answer that begins late finds its client still there: %s',
  async (_, ask) => {
    expect(await ask()).toContain('Hello from the mock provider');
  },
);
