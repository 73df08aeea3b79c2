// Bodies that are still on their way, and methods other than POST.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { FedSource } from '../../tests/kit/fed-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Upstream, UpstreamRequest } from '../contracts/upstream.ts';
import { createLeanUpstream } from './lean-client.ts';
import { closePeers, exchange, listen, ok, send } from './peer.fixture.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  closePeers();
  for (const close of closing.splice(0)) await close();
});

function upstreamOf(port: number, connections = 4): Upstream {
  const upstream = createLeanUpstream({
    baseUrl: `http://127.0.0.1:${port}`,
    connections,
    connectTimeoutMs: 20_000,
    closeTimeoutMs: 200,
  });
  closing.push(() => upstream.close());
  return upstream;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const upload = (body: FedSource | null, method = 'POST'): UpstreamRequest => ({
  method,
  path: '/up',
  headers: { 'content-type': 'application/octet-stream' },
  body,
});

/** Says what it got, when it got all of it. */
const echo = (request: IncomingMessage, response: ServerResponse): void => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const { method, headers } = request;
    response.end(
      JSON.stringify({
        method,
        length: headers['content-length'] ?? null,
        coding: headers['transfer-encoding'] ?? null,
        body: Buffer.concat(pieces).toString(),
      }),
    );
  });
};

it.each([
  ['of unknown length in chunks', -1, { length: null, coding: 'chunked' }],
  ['of a known length as it is', 11, { length: '11', coding: null }],
])('an upload %s', async (_how, length, framing) => {
  const upstream = upstreamOf(await serve(echo), 1);
  for (let turn = 0; turn < 2; turn++) {
    const source = new FedSource(length);
    const heard = send(upstream, upload(source, 'PUT'));
    await vi.waitFor(() => expect(source.begun).toBe(true));
    source.feed('hello ');
    source.feed('');
    source.feed('world');
    source.end();
    await heard.ended;
    expect(JSON.parse(heard.body.toString())).toEqual({ method: 'PUT', body: 'hello world', ...framing });
    expect(source.aborted).toBe(false);
  }
  // The second went over the connection of the first.
  expect(upstream.stats().connected).toBe(1);
});

it('an upload that is there at once', async () => {
  const source = new FedSource(-1, (reader) => {
    reader.data(Buffer.from('all'));
    reader.end();
  });
  const heard = await exchange(upstreamOf(await serve(echo)), upload(source));
  expect(JSON.parse(heard.body.toString())).toMatchObject({ body: 'all' });
});

it('an upload waits for an upstream that reads slowly', async () => {
  let request: IncomingMessage | null = null;
  let got = 0;
  const port = await serve((incoming, response) => {
    request = incoming;
    incoming.on('end', () => response.end('done'));
  });
  const source = new FedSource();
  const heard = send(upstreamOf(port), upload(source));
  await vi.waitFor(() => expect(request).not.toBeNull());
  const piece = Buffer.alloc(256 * 1024);
  let fed = 0;
  // The kernel's buffers take some megabytes; an upload that is not held back would take all that is fed.
  while (source.feed(piece)) {
    fed += piece.length;
    expect(fed).toBeLessThan(64 * 1024 * 1024);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(source.resumed).toBe(0);
  request!.on('data', (bytes: Buffer) => {
    got += bytes.length;
  });
  await vi.waitFor(() => expect(source.resumed).toBeGreaterThan(0));
  source.end();
  await heard.ended;
  expect(heard.body.toString()).toBe('done');
  expect(got).toBe(fed + piece.length);
});

it('an upload that breaks off fails its call with the reason, and its connection carries no other', async () => {
  const upstream = upstreamOf(await serve(echo), 1);
  const source = new FedSource();
  const heard = send(upstream, upload(source));
  await vi.waitFor(() => expect(source.begun).toBe(true));
  source.feed('half');
  source.fail(new GatewayError('GW_CLIENT_BAD_REQUEST', { message: 'broken' }));
  await heard.ended;
  expect(heard.error?.code).toBe('GW_CLIENT_BAD_REQUEST');
  expect(upstream.stats()).toEqual({ connected: 0, running: 0, pending: 0 });
});

it('an answer that comes before the upload is over ends the upload and the connection', async () => {
  const port = await serve((_request, response) => response.writeHead(413).end('too much'));
  const upstream = upstreamOf(port, 1);
  const source = new FedSource();
  const heard = send(upstream, upload(source));
  await vi.waitFor(() => expect(source.begun).toBe(true));
  source.feed('half');
  await heard.ended;
  expect([heard.status, heard.body.toString()]).toEqual([413, 'too much']);
  expect(source.aborted).toBe(true);
  await vi.waitFor(() => expect(upstream.stats().connected).toBe(0));
});

it('an upload is given up with its call once it is on its way, and only then', async () => {
  const upstream = upstreamOf(await serve(echo), 1);
  const sources = [new FedSource(), new FedSource()] as const;
  const calls = sources.map((source) => send(upstream, upload(source)));
  await vi.waitFor(() => expect(sources[0].begun).toBe(true));
  for (const { call } of calls) call.abort();
  expect(sources.map(({ aborted, begun }) => [aborted, begun])).toEqual([
    [true, true],
    [false, false],
  ]);
});

/** Nobody listens there, and nobody will: the test's own peer had it. */
async function deadPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it.each([
  ['could not connect', async () => upstreamOf(await deadPort())],
  [
    'was closed',
    async () => {
      const upstream = upstreamOf((await listen(() => {})).port);
      await upstream.close();
      return upstream;
    },
  ],
])('an upload that was not begun because its upstream %s goes whole to another', async (_how, make) => {
  const upstream = await make();
  const source = new FedSource();
  const heard = await exchange(upstream, upload(source));
  expect(heard.error).not.toBeNull();
  expect([source.begun, source.aborted]).toEqual([false, false]);
  const again = send(upstreamOf(await serve(echo)), upload(source));
  await vi.waitFor(() => expect(source.begun).toBe(true));
  source.feed('all of it');
  source.end();
  await again.ended;
  expect(JSON.parse(again.body.toString())).toMatchObject({ body: 'all of it' });
});

it('the answer to a HEAD is its head, whatever length it says', async () => {
  const peer = await listen((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'));
  const upstream = upstreamOf(peer.port, 1);
  for (let turn = 0; turn < 2; turn++) {
    const heard = await exchange(upstream, upload(null, 'HEAD'));
    expect(heard.error).toBeNull();
    expect(heard.headers['content-length']).toBe('1000');
  }
  expect(peer.connections).toHaveLength(1);
  expect(peer.received.join('')).not.toContain('content-length');
});

it('a DELETE without a body says nothing of one', async () => {
  const peer = await listen((socket) => socket.write(ok('gone')));
  const heard = await exchange(upstreamOf(peer.port), upload(null, 'DELETE'));
  expect(heard.body.toString()).toBe('gone');
  expect(peer.received.join('')).toMatch(/^DELETE \/up HTTP\/1\.1\r\n(?!.*content-length)/s);
});
