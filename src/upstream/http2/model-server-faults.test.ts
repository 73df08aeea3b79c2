// Model servers that do it wrong, as a provider's connections: each fault is the error that it would be over HTTP.
import { once } from 'node:events';
import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chat, modelServer, readEvents, send } from '../../../tests/kit/grpc-provider.ts';
import { textTensor, writeMessage } from '../../../tests/kit/model-protos.ts';
import type { GrpcConfig } from '../../contracts/grpc-provider.ts';
import type { Upstream } from '../../contracts/upstream.ts';
import { grpcFrame } from '../../wire/grpc.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };

interface Wrong {
  upstream: Upstream;
  sessions: ServerHttp2Session[];
  server: Http2Server;
}

/** @param answer how the server treats each stream, once its request came whole. */
async function wrong(
  answer: (stream: ServerHttp2Stream, at: number) => void,
  over: Partial<GrpcConfig> = { protocol: 'triton' },
): Promise<Wrong> {
  const server = createServer();
  const sessions: ServerHttp2Session[] = [];
  let count = 0;
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    const at = count++;
    stream.resume();
    stream.once('end', () => answer(stream, at));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    for (const session of sessions) session.destroy();
  });
  const upstream = modelServer((server.address() as AddressInfo).port, over);
  closing.push(() => upstream.close());
  return { upstream, sessions, server };
}

const piece = (text: string): Buffer =>
  grpcFrame(
    writeMessage('inference.ModelStreamInferResponse', {
      infer_response: { outputs: [textTensor('text_output', text)] },
    }),
  );

/** Says these pieces, and that it was well. */
function finish(stream: ServerHttp2Stream, ...texts: string[]): void {
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  for (const text of texts) stream.write(piece(text));
  stream.end();
}

describe('a connection that ends', () => {
  it('before the answer is a reset, in the middle of it a cut; the next call has a new one', async () => {
    const { upstream, sessions } = await wrong((stream, at) => {
      if (at === 0) sessions.at(-1)!.destroy();
      else if (at === 1) {
        stream.respond(GRPC);
        stream.write(piece('Hel'), () => sessions.at(-1)!.destroy());
      } else finish(stream, 'Hello');
    });
    const reset = await send(upstream, chat('x', { stream: true })).over;
    expect(reset.error).toMatchObject({ code: 'GW_UPSTREAM_RESET', retry: 'same' });
    const cut = await send(upstream, chat('x', { stream: true })).over;
    expect(cut.error).toMatchObject({ code: 'GW_UPSTREAM_TRUNCATED' });
    expect(cut.body).toContain('"Hel"');
    const whole = await send(upstream, chat('x', { stream: true })).over;
    expect(readEvents(whole.body)).toMatchObject({ text: 'Hello', done: true });
    expect(sessions).toHaveLength(3);
  });

  it('by GOAWAY lets a stream end that it began with; calls behind it have another connection', async () => {
    const held: ServerHttp2Stream[] = [];
    const { upstream, sessions } = await wrong((stream, at) => {
      if (at > 0) {
        finish(stream, 'second');
        return;
      }
      stream.respond(GRPC, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.write(piece('fir'));
      held.push(stream);
    });
    const first = send(upstream, chat('x', { stream: true }));
    await vi.waitFor(() => expect(first.heard.body).toContain('fir'), 20_000);
    sessions[0]!.goaway(constants.NGHTTP2_NO_ERROR, held[0]!.id!);
    await vi.waitFor(async () => {
      const second = await send(upstream, chat('x', { stream: true })).over;
      expect(readEvents(second.body).text).toBe('second');
      expect(sessions.length).toBeGreaterThan(1);
    }, 20_000);
    held[0]!.end(piece('st'));
    expect(readEvents((await first.over).body)).toMatchObject({ text: 'first', done: true });
  });

  it('without having begun says that the same may be sent once more', async () => {
    const { upstream } = await wrong((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    const { error } = await send(upstream, chat('x')).over;
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_RESET', retry: 'fresh' });
  });
});

describe('a server that cannot be reached', () => {
  it('is told of, and calls meanwhile are told at once', async () => {
    const listener = createTcpServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    const reasons: string[] = [];
    const upstream = modelServer(port, {}, reasons);
    closing.push(() => upstream.close());
    for (let call = 0; call < 2; call++) {
      const { error, log } = await send(upstream, chat('x')).over;
      expect(error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT' });
      expect(log).toEqual(['error']);
    }
    expect(reasons[0]).toContain('ECONNREFUSED');
  });

  it('that accepts and says nothing is left when its client leaves', async () => {
    const sockets: unknown[] = [];
    const listener = createTcpServer((socket) => sockets.push(socket.on('error', () => {}))).listen(
      0,
      '127.0.0.1',
    );
    await once(listener, 'listening');
    closing.push(() => listener.close());
    const upstream = modelServer((listener.address() as AddressInfo).port);
    closing.push(() => upstream.close());
    const { call, heard } = send(upstream, chat('x'));
    await vi.waitFor(() => expect(sockets).toHaveLength(1), 20_000);
    call.abort();
    expect([heard.log, upstream.stats().running]).toEqual([[], 0]);
  });
});

describe('answers that are none', () => {
  const GARBAGE = grpcFrame(Buffer.from([0x0a, 0xff, 0xff, 0x01]));

  it.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    ['a message that is cut', (stream) => body(stream, GARBAGE), 'GW_UPSTREAM_BAD_OUTPUT'],
    ['a frame that is cut', (stream) => body(stream, piece('x').subarray(0, 9)), 'GW_UPSTREAM_BAD_OUTPUT'],
    [
      'a message of a megabyte and more',
      (stream) => body(stream, piece('x'.repeat(1_100_000))),
      'GW_UPSTREAM_TOO_LARGE',
    ],
    ['a page', (stream) => page(stream, 200), 'GW_UPSTREAM_BAD_OUTPUT'],
    ['no status at all', (stream) => cut(stream), 'GW_UPSTREAM_RESET'],
  ])('%s', async (_, answer, code) => {
    const { upstream } = await wrong((stream) => answer(stream));
    const { error, log } = await send(upstream, chat('x', { stream: true })).over;
    expect([error?.code, log]).toEqual([code, ['sent', 'error']]);
    await vi.waitFor(() => expect(upstream.stats().running).toBe(0));
  });

  it('of a proxy in between are its HTTP status', async () => {
    const { upstream } = await wrong((stream, at) => page(stream, at === 0 ? 503 : 401));
    expect((await send(upstream, chat('x')).over).status).toBe(503);
    expect((await send(upstream, chat('x')).over).status).toBe(401);
  });

  function body(stream: ServerHttp2Stream, bytes: Buffer): void {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(bytes);
  }
  function page(stream: ServerHttp2Stream, status: number): void {
    stream.respond({ ':status': status, 'content-type': 'text/html' });
    stream.end('<h1>hello</h1>');
  }
  function cut(stream: ServerHttp2Stream): void {
    stream.respond(GRPC);
    stream.end();
  }
});

describe('who reads slowly', () => {
  it('stops its own stream at the server, and no other', async () => {
    const blocked = new Set<number>();
    const { upstream } = await wrong((stream, at) => {
      if (at === 1) {
        finish(stream, 'quick');
        return;
      }
      stream.respond(GRPC, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      let left = 64;
      const more = (): void => {
        while (left > 0) {
          left--;
          if (stream.write(piece('x'.repeat(65_536)))) continue;
          blocked.add(left);
          stream.once('drain', more);
          return;
        }
        stream.end();
      };
      more();
    });
    const slow = send(upstream, chat('x', { stream: true }), { onData: () => slow.call.pause() });
    await vi.waitFor(() => expect(blocked.size).toBeGreaterThan(0), 20_000);
    const quick = await send(upstream, chat('x', { stream: true })).over;
    expect(readEvents(quick.body).text).toBe('quick');
    // It was given a window of what has not been read, and not four megabytes.
    expect(slow.heard.body.length).toBeLessThan(2_000_000);
    expect(slow.heard.log).not.toContain('end');
    const resume = setInterval(() => slow.call.resume(), 1);
    const { text, done } = readEvents((await slow.over).body);
    clearInterval(resume);
    expect([text.length, done]).toEqual([64 * 65_536, true]);
  });
});

describe('connections', () => {
  it('are closed behind the calls that run, and take no further one', async () => {
    const held: ServerHttp2Stream[] = [];
    const { upstream, sessions } = await wrong((stream) => held.push(stream));
    const running = send(upstream, chat('x', { stream: true }));
    await vi.waitFor(() => expect(held).toHaveLength(1), 20_000);
    let closed = false;
    const closing = upstream.close().then(() => (closed = true));
    const refused = await send(upstream, chat('x')).over;
    expect(refused.error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT' });
    expect(closed).toBe(false);
    finish(held[0]!, 'last');
    expect(readEvents((await running.over).body).text).toBe('last');
    await closing;
    await vi.waitFor(() => expect(sessions[0]!.closed).toBe(true), 20_000);
  });
});

describe('requests', () => {
  it('for something else than chat are refused, and another target may be asked', async () => {
    const { upstream } = await wrong((stream) => finish(stream, 'x'));
    const { error } = await send(upstream, chat('x'), { path: '/embeddings' }).over;
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_REJECTED', retry: 'next', status: 404 });
  });
});
