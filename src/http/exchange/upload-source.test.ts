// Bodies that are handed on while they come, on real sockets.
import type { us_listen_socket } from 'uWebSockets.js';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BodyReader, BodySource } from '../../contracts/body-source.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import { loadUws } from './loader.ts';
import { UwsExchange } from '../uws/uws-exchange.ts';

const uws = loadUws();
const MAX_BYTES = 64 * 1024 * 1024;
let listener: us_listen_socket | null = null;
let client: Socket;
let got = '';
let exchange: UwsExchange;
let source: BodySource;

/** Takes what comes while `open`. */
class Reader implements BodyReader {
  pieces: Buffer[] = [];
  open = true;
  over = false;
  error: GatewayError | null = null;

  get bytes(): number {
    return this.pieces.reduce((sum, { length }) => sum + length, 0);
  }

  data(piece: Buffer): boolean {
    this.pieces.push(piece);
    return this.open;
  }

  end(): void {
    this.over = true;
  }

  failed(error: GatewayError): void {
    this.error = error;
  }
}

/** Connects a client that has sent `head`. */
async function begin(head: string, maxBytes = MAX_BYTES): Promise<void> {
  got = '';
  const host = { draining: false, now: () => performance.now(), closed: () => {} };
  let arrived = false;
  const port = await new Promise<number>((resolve, reject) => {
    uws
      .App()
      .any('/*', (res, req) => {
        const length = Number(req.getHeader('content-length') || -1);
        exchange = new UwsExchange(res, host);
        exchange.setBaseHeaders('id', []);
        source = exchange.openBody(maxBytes, length, 5_000);
        arrived = true;
      })
      .listen('127.0.0.1', 0, (socket) => {
        if (socket === false) return reject(new Error('cannot listen'));
        listener = socket;
        resolve(uws.us_socket_local_port(socket as never));
      });
  });
  client = connect(port, '127.0.0.1', () => client.write(`POST / HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`));
  client.on('data', (bytes) => {
    got += bytes.toString('latin1');
  });
  client.on('error', () => {});
  await vi.waitFor(() => expect(arrived).toBe(true));
}

let reader: Reader;
beforeEach(() => {
  reader = new Reader();
});
afterEach(() => {
  client.destroy();
  if (listener !== null) uws.us_listen_socket_close(listener);
  listener = null;
});

it('hands on every byte in order, those that came before anybody read among them', async () => {
  const body = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
  await begin(`content-length: ${body.length}`);
  expect(source.length).toBe(body.length);
  client.write(body.subarray(0, 1000));
  await vi.waitFor(() => expect(source.received).toBe(1000));
  source.pull(reader);
  client.write(body.subarray(1000));
  await vi.waitFor(() => expect(reader.over).toBe(true));
  expect(Buffer.concat(reader.pieces).equals(body)).toBe(true);
  expect([source.ended, exchange.bodyBy]).toEqual([true, 0]);
  exchange.reply(200, [], 'ok');
  await vi.waitFor(() => expect(got).toContain('ok'));
});

it('knows no length of a body in chunks', async () => {
  await begin('transfer-encoding: chunked');
  source.pull(reader);
  client.write('3\r\nabc\r\n0\r\n\r\n');
  await vi.waitFor(() => expect(reader.over).toBe(true));
  expect([source.length, Buffer.concat(reader.pieces).toString()]).toEqual([-1, 'abc']);
});

it('reads no further than its reader wants, and waits for nobody meanwhile', async () => {
  const size = 32 * 1024 * 1024;
  await begin(`content-length: ${size}`);
  reader.open = false;
  source.pull(reader);
  client.write(Buffer.alloc(size));
  await vi.waitFor(() => expect(reader.pieces.length).toBe(1));
  const before = source.received;
  // What is told to wait is tended all the same.
  for (let turn = 0; turn < 50; turn++) {
    exchange.tend(performance.now() + 10_000 * turn);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(source.received).toBeLessThan(before + 2 * 1024 * 1024);
  expect([reader.pieces.length, exchange.bodyBy]).toEqual([1, 0]);
  source.resume();
  await vi.waitFor(() => expect(reader.pieces.length).toBeGreaterThan(1));
  reader.open = true;
  source.resume();
  await vi.waitFor(() => expect(reader.over).toBe(true));
  expect(reader.bytes).toBe(size);
});

it('ends a body that is too large, and its client still reads the answer', async () => {
  await begin('transfer-encoding: chunked', 1000);
  source.pull(reader);
  client.write(`7d0\r\n${'x'.repeat(2000)}\r\n`);
  await vi.waitFor(() => expect(reader.error?.code).toBe('GW_CLIENT_TOO_LARGE'));
  exchange.reply(413, [], '{"too":"large"}');
  await vi.waitFor(() => expect(got).toContain('{"too":"large"}'));
  expect(got).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/);
});

it('a reader that is told to stop hears nothing more', async () => {
  await begin('content-length: 10');
  source.pull(reader);
  client.write('12345');
  await vi.waitFor(() => expect(reader.bytes).toBe(5));
  source.abort();
  client.write('67890');
  await vi.waitFor(() => expect(source.received).toBe(10));
  source.resume();
  expect([reader.bytes, reader.over]).toEqual([5, false]);
});

it('the client of an unfinished body that leaves is noticed', async () => {
  await begin('content-length: 10');
  source.pull(reader);
  let gone = false;
  exchange.onGone = () => {
    gone = true;
  };
  client.write('12345');
  await vi.waitFor(() => expect(reader.bytes).toBe(5));
  client.destroy();
  await vi.waitFor(() => expect(gone).toBe(true));
  source.resume();
  source.abort();
});

it('leaves the socket of a body that waited for its reader ready for the next request', async () => {
  const size = 4 * 1024 * 1024;
  await begin(`content-length: ${size}`);
  reader.open = false;
  source.pull(reader);
  client.write(Buffer.alloc(size));
  for (let turn = 0; !reader.over; turn++) {
    source.resume();
    await new Promise((resolve) => setImmediate(resolve));
    expect(turn).toBeLessThan(1_000_000);
  }
  exchange.reply(200, [], 'first');
  await vi.waitFor(() => expect(got).toContain('first'));
  const before = exchange;
  client.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
  await vi.waitFor(() => expect(exchange).not.toBe(before));
});
