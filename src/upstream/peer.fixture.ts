// What tests of an upstream client stand on: a TCP peer that answers as told, and a call that notes what it hears.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { GatewayError } from '../contracts/errors.ts';
import type {
  Upstream,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
} from '../contracts/upstream.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Ends all peers. */
export function closePeers(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
}

export interface Peer {
  port: number;
  connections: Socket[];
  /** Everything each connection sent. */
  received: string[];
}

/** A TCP server that speaks whatever `answer` writes once a whole request has arrived. */
export async function listen(
  answer: (socket: Socket, nth: number) => void,
  at: { host?: string; port?: number } = {},
): Promise<Peer> {
  const peer: Peer = { port: 0, connections: [], received: [] };
  let requests = 0;
  const server = createServer((socket) => {
    const index = peer.connections.push(socket) - 1;
    peer.received[index] = '';
    sockets.add(socket);
    socket.on('error', () => {});
    let pending = '';
    socket.on('data', (chunk) => {
      peer.received[index] += chunk.toString('latin1');
      pending += chunk.toString('latin1');
      for (;;) {
        const head = pending.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending.slice(0, head))?.[1] ?? 0);
        if (pending.length < head + 4 + length) return;
        pending = pending.slice(head + 4 + length);
        answer(socket, requests++);
      }
    });
  });
  servers.push(server);
  server.listen(at.port ?? 0, at.host ?? '127.0.0.1');
  await once(server, 'listening');
  peer.port = (server.address() as AddressInfo).port;
  return peer;
}

/** A chat call with a small body. */
export const post = (body: string | null = '{"a":1}'): UpstreamRequest => ({
  method: 'POST',
  path: '/chat',
  headers: { 'content-type': 'application/json' },
  body: body === null ? null : Buffer.from(body),
});

/** All that a call heard, in order. */
export interface Heard {
  log: string[];
  status: number;
  headers: UpstreamHeaders;
  body: Buffer;
  chunks: Buffer[];
  error: GatewayError | null;
  call: UpstreamCall;
  ended: Promise<void>;
}

/** Sends; `on` acts after each note was taken. */
export function send(upstream: Upstream, request: UpstreamRequest, on: Partial<UpstreamHandler> = {}): Heard {
  let settle = () => {};
  const heard: Heard = {
    log: [],
    status: 0,
    headers: {},
    get body() {
      return Buffer.concat(heard.chunks);
    },
    chunks: [],
    error: null,
    call: { pause() {}, resume() {}, abort() {} },
    ended: new Promise((resolve) => {
      settle = resolve;
    }),
  };
  heard.call = upstream.send(request, {
    onSent(atOnce) {
      heard.log.push('sent');
      on.onSent?.(atOnce);
    },
    onHead(status, headers) {
      heard.log.push('head');
      heard.status = status;
      heard.headers = headers;
      on.onHead?.(status, headers);
    },
    onData(chunk) {
      if (heard.log.at(-1) !== 'data') heard.log.push('data');
      heard.chunks.push(chunk);
      on.onData?.(chunk);
    },
    onEnd() {
      heard.log.push('end');
      on.onEnd?.();
      settle();
    },
    onError(error) {
      heard.log.push('error');
      heard.error = error;
      on.onError?.(error);
      settle();
    },
  });
  return heard;
}

export async function exchange(upstream: Upstream, request: UpstreamRequest = post()): Promise<Heard> {
  const heard = send(upstream, request);
  await heard.ended;
  return heard;
}

/** A whole answer of known length. */
export const ok = (body = 'ok', headers = '') =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
