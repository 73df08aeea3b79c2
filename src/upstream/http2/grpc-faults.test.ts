// Servers that do it wrong, each on a bare HTTP/2 or TCP server: a call ends, with the status that the protocol says.
import { once } from 'node:events';
import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GRPC_CODES, type GrpcChannel, type GrpcEnd, type GrpcFault } from '../../contracts/grpc.ts';
import { createNames } from '../../dns/names.ts';
import { grpcFrame } from '../../wire/grpc.ts';
import { createGrpcChannel, type GrpcChannelOptions } from './grpc-channel.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const close of closing.splice(0)) close();
});

async function channelTo(
  server: Server | Http2Server,
  options: GrpcChannelOptions = {},
): Promise<GrpcChannel> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const channel = createGrpcChannel(
    `http://127.0.0.1:${port}`,
    { names: createNames(), now: () => performance.now(), random: Math.random },
    options,
  );
  closing.push(
    () => channel.close(),
    () => server.close(),
  );
  return channel;
}

/** @param answer how the server treats each stream, once its request came whole. */
async function wrong(
  answer: (stream: ServerHttp2Stream, at: number) => void,
  options: GrpcChannelOptions = {},
): Promise<GrpcChannel> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  let count = 0;
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    const at = count++;
    stream.resume();
    stream.once('end', () => answer(stream, at));
  });
  closing.push(() => {
    for (const session of sessions) session.destroy();
  });
  return channelTo(server, options);
}

function ask(channel: GrpcChannel, deadlineMs = 20_000, message = 'x'): Promise<GrpcEnd | string> {
  return channel
    .unary('/test.Service/Method', Buffer.from(message), { deadlineMs })
    .then(String, (error: GrpcFault) => error.end);
}

const GRPC = { ':status': 200, 'content-type': 'application/grpc+proto' };

/** A whole answer: message and trailers. */
function right(stream: ServerHttp2Stream, trailers: Record<string, string> = { 'grpc-status': '0' }): void {
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(grpcFrame(Buffer.from('right')));
}

const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** The first connection is treated by hand, later ones are answered right. */
function twoConnections(first: (socket: Socket) => void): Server {
  const good = createServer();
  good.on('stream', (stream) => right(stream));
  let count = 0;
  return createTcpServer((socket) => {
    socket.on('error', () => {});
    closing.push(() => socket.destroy());
    if (count++ === 0) first(socket);
    else good.emit('connection', socket);
  });
}

describe('a gRPC server that does it wrong', () => {
  it.each<[string, (stream: ServerHttp2Stream) => void, Partial<GrpcEnd>]>([
    [
      'no gRPC',
      (s) => {
        s.respond({ ':status': 200, 'content-type': 'text/html' });
        s.end('hello');
      },
      { code: GRPC_CODES.UNKNOWN },
    ],
    [
      'a gateway of HTTP',
      (s) => s.respond({ ':status': 503 }, { endStream: true }),
      { code: GRPC_CODES.UNAVAILABLE },
    ],
    [
      'trailers only',
      (s) => s.respond({ ...GRPC, 'grpc-status': '5', 'grpc-message': 'nicht%20da' }, { endStream: true }),
      { code: GRPC_CODES.NOT_FOUND, message: 'nicht da' },
    ],
    [
      'OK without a message',
      (s) => s.respond({ ...GRPC, 'grpc-status': '0' }, { endStream: true }),
      { code: GRPC_CODES.INTERNAL },
    ],
    [
      'no trailers',
      (s) => {
        s.respond(GRPC);
        s.end(grpcFrame(Buffer.from('half')));
      },
      { code: GRPC_CODES.INTERNAL },
    ],
    ['trailers without a status', (s) => right(s, { 'x-other': '1' }), { code: GRPC_CODES.UNKNOWN }],
    ['a status that is none', (s) => right(s, { 'grpc-status': '99' }), { code: GRPC_CODES.UNKNOWN }],
    [
      'a message that is cut',
      (s) => {
        s.respond(GRPC, { waitForTrailers: true });
        s.on('wantTrailers', () => s.sendTrailers({ 'grpc-status': '0' }));
        s.end(grpcFrame(Buffer.from('right')).subarray(0, 7));
      },
      { code: GRPC_CODES.INTERNAL, message: 'the last message was cut' },
    ],
    [
      'a compressed message',
      (s) => {
        s.respond(GRPC);
        s.write(Buffer.from([1, 0, 0, 0, 1, 9]));
      },
      { code: GRPC_CODES.INTERNAL },
    ],
    [
      '4 GB',
      (s) => {
        s.respond(GRPC);
        s.write(Buffer.from([0, 255, 255, 255, 255]));
      },
      { code: GRPC_CODES.RESOURCE_EXHAUSTED },
    ],
    [
      'two messages',
      (s) => {
        s.respond(GRPC, { waitForTrailers: true });
        s.on('wantTrailers', () => s.sendTrailers({ 'grpc-status': '0' }));
        s.end(Buffer.concat([grpcFrame(Buffer.from('a')), grpcFrame(Buffer.from('b'))]));
      },
      { code: GRPC_CODES.INTERNAL, message: 'not one message was answered' },
    ],
    ['RST CANCEL', (s) => s.close(constants.NGHTTP2_CANCEL), { code: GRPC_CODES.CANCELLED }],
    ['RST INTERNAL', (s) => s.close(constants.NGHTTP2_INTERNAL_ERROR), { code: GRPC_CODES.INTERNAL }],
    [
      'RST CALM',
      (s) => s.close(constants.NGHTTP2_ENHANCE_YOUR_CALM),
      { code: GRPC_CODES.RESOURCE_EXHAUSTED },
    ],
    [
      'refused twice',
      (s) => s.close(constants.NGHTTP2_REFUSED_STREAM),
      { code: GRPC_CODES.UNAVAILABLE, unprocessed: true },
    ],
    [
      'a connection cut in the answer',
      (s) => {
        s.respond(GRPC);
        s.session!.destroy();
      },
      { code: GRPC_CODES.UNAVAILABLE },
    ],
    ['silence', () => {}, { code: GRPC_CODES.DEADLINE_EXCEEDED }],
  ])('answers with %s', async (name, answer, end) => {
    const channel = await wrong((stream, at) => (at < 2 ? answer(stream) : right(stream)));
    expect(await ask(channel, name === 'silence' ? 100 : 20_000)).toMatchObject(end);
    // Whatever it was, the channel goes on. The second stream may have been used up by a repetition.
    await ask(channel, name === 'silence' ? 100 : 20_000);
    expect(await ask(channel)).toBe('right');
  });

  it('is asked once more where it says that it has not begun', async () => {
    const refusing = await wrong((stream, at) => {
      if (at === 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else right(stream);
    });
    expect(await ask(refusing)).toBe('right');
    const leaving = await channelTo(
      twoConnections((first) => {
        first.write(SETTINGS);
        // GOAWAY, NO_ERROR, of no stream at all, once the call has come.
        first.on('data', (bytes: Buffer) => {
          if (bytes.includes('right now')) first.write(Buffer.from([0, 0, 8, 7, ...Array(13).fill(0)]));
        });
      }),
    );
    const answer = leaving.unary('/test.Service/Method', Buffer.from('right now'), { deadlineMs: 20_000 });
    expect(String(await answer)).toBe('right');
  });

  it('sends its status before all was read', async () => {
    const server = createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({ ...GRPC, 'grpc-status': '16' }, { endStream: true });
    });
    const channel = await channelTo(server);
    const end = await new Promise<GrpcEnd>((resolve) => {
      const stream = channel.open('/test.Service/Method', { message() {}, end: resolve });
      stream.send(Buffer.alloc(1_000_000));
    });
    expect(end.code).toBe(GRPC_CODES.UNAUTHENTICATED);
  });

  it('takes connections and says nothing', async () => {
    const sockets = new Set<Socket>();
    const silent = createTcpServer((socket) => sockets.add(socket.on('error', () => {})));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    const channel = await channelTo(silent, {
      connectTimeoutMs: 100,
      firstPauseMs: 60_000,
      maxPauseMs: 60_000,
    });
    expect(await ask(channel)).toMatchObject({ code: GRPC_CODES.UNAVAILABLE });
    // It is left alone for a while, and calls are told at once.
    expect(await ask(channel)).toMatchObject({ code: GRPC_CODES.UNAVAILABLE });
    // Its connection may be taken only now.
    await vi.waitFor(() => expect(sockets.size).toBe(1));
  });

  it('speaks HTTP/1.1', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    expect(await ask(await channelTo(server))).toMatchObject({ code: GRPC_CODES.UNAVAILABLE });
  });

  it('is dead behind a connection that stands: the next calls go by another', async () => {
    let connections = 0;
    let asked = false;
    const server = twoConnections((first) => {
      // SETTINGS and nothing more; as a server behind a link that broke.
      first.write(SETTINGS);
      first.on('data', (bytes: Buffer) => (asked ||= bytes.includes('hung')));
    });
    server.on('connection', () => connections++);
    const channel = await channelTo(server, { pingTimeoutMs: 50_000 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const hung = ask(channel, 100_000, 'hung');
    await vi.waitFor(() => expect(asked).toBe(true));
    vi.advanceTimersByTime(100_000);
    expect(await hung).toMatchObject({ code: GRPC_CODES.DEADLINE_EXCEEDED });
    vi.advanceTimersByTime(50_000);
    await vi.waitFor(async () => expect(await ask(channel)).toBe('right'));
    expect(connections).toBe(2);
  });
});
