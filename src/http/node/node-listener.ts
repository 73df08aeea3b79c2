// A listener on node's `http` and `http2`, for what uWebSockets.js cannot give: TLS whose certificate can change, HTTP/2,
// HTTP/1.0, Unix sockets, PROXY headers, connections that may be idle for long. It makes the same exchanges for the same server.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import {
  createSecureServer,
  createServer as createHttp2Server,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Server as TlsServer } from 'node:https';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ListenerTls, NodeListenerConfig } from '../../contracts/listener.ts';
import { behindReads } from '../../ipc/behind-reads.ts';
import { AddressCap, type AddressCapDeps } from '../exchange/address-cap.ts';
import { ClientCertificates } from './client-certificates.ts';
import type { DescriptorGate } from '../exchange/descriptor-gate.ts';
import type { ArrivedHead, ExchangeHost, RequestHandler } from '../exchange/exchange.ts';
import type { GrpcTaker } from '../grpc/grpc-server.ts';
import type { Listener } from '../exchange/listener.ts';
import { MAX_HEADER_BYTES } from '../exchange/loader.ts';
import { nodeHttp, nodeHttps } from '../../wire/node-http.ts';
import { NodeExchange } from './node-exchange.ts';
import { headOf, type NodeRequest } from './node-head.ts';
import { NodeSockets } from './node-sockets.ts';
import { readProxyHeader } from './proxy-header.ts';

export interface NodeListener extends Listener {
  /** Resolves when it listens. @throws Error when it cannot. */
  listen(): Promise<void>;
  /** New connections get this certificate; those that are open keep theirs. */
  renew(tls: ListenerTls): void;
  /** HTTP/2 clients are told to open no further streams here. */
  leave(): void;
}

/** A head must have come after so long; a connection that sends nothing at all is closed by then, too. */
const HEADERS_MS = 30_000;
const PROXY_HEADER_MS = 5_000;
/** What one HTTP/2 client may ask at once, as nginx and Envoy have it. */
const STREAMS = 128;
/**
 * A service has one connection for all its calls over gRPC, and each may take half a minute: with 128 its clients would wait in their own
 * queues for a gateway that is idle. What waits for those that read slowly is bounded for all of a connection (MB).
 */
const GRPC = { streams: 1_000, sessionMemory: 64 } as const;

export function createNodeListener(
  config: NodeListenerConfig,
  { descriptors, addresses }: { descriptors: DescriptorGate; addresses: AddressCapDeps },
  host: ExchangeHost,
  handle: RequestHandler,
  grpc: GrpcTaker | null = null,
): NodeListener {
  const told = new ToldAddresses();
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const webSockets = new NodeSockets();
  const cap = new AddressCap(addresses);
  /** Those that their address may not have, by their ends: to be told so. TLS has wrapped the socket by then. */
  const crowded = new Set<string>();
  /** What a socket counts for from now on. */
  const countFor = (socket: Socket, address: string): void => {
    if (cap.off || socket.destroyed) return;
    const room = cap.opened(address);
    const ends = endsOf(socket);
    socket.on('close', () => {
      cap.closed(address);
      if (ends !== null) crowded.delete(ends);
    });
    // Nothing that a client of gRPC reads can be said on a connection.
    if (room === 'full' || (room === 'over' && grpc !== null)) socket.destroy();
    else if (room === 'over' && ends !== null) crowded.add(ends);
  };
  const arrived = (
    request: NodeRequest,
    exchange: NodeExchange,
    socket: Socket,
    fault?: string,
  ): ArrivedHead => {
    const head = headOf(request, exchange, fault);
    if (crowded.size === 0) return head;
    head.crowded = crowded.has(endsOf(socket) ?? '');
    if (head.crowded) cap.told();
    return head;
  };
  const server = makeServer(config);
  const certificates = config.tls?.client === undefined ? null : new ClientCertificates();

  const peerOf = (socket: Socket) => ({
    socketAddress: () => socket.remoteAddress ?? '',
    proxiedAddress: () => told.of(socket),
    certificate: () => certificates?.of(socket) ?? null,
  });

  let leaving = false;
  if (grpc !== null)
    server.on(
      'stream',
      (
        stream: ServerHttp2Stream,
        headers: IncomingHttpHeaders,
        _flags: number,
        rawHeaders: readonly string[],
      ) => {
        const { session } = stream;
        grpc.take(stream, headers, rawHeaders, peerOf(session?.socket as Socket));
        // Who comes while it drains gets its answer, and is told to go elsewhere with the next call.
        if (leaving) session?.close();
      },
    );
  // With a listener for requests node makes requests of streams.
  else
    server.on('request', (request: NodeRequest, response) => {
      const startedAt = host.now();
      // Of HTTP/2 the true socket stands behind its session.
      const socket = 'stream' in request ? (request.stream.session?.socket as Socket) : request.socket;
      const exchange = new NodeExchange(request, response, peerOf(socket), host);
      handle(exchange, arrived(request, exchange, socket), startedAt);
    });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, first: Buffer) => {
    const startedAt = host.now();
    // Node leaves the answer to us: a refusal is written as any other.
    const response = new (nodeHttp().ServerResponse)(request);
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    socket.on('error', ignore);
    const exchange = new NodeExchange(request, response, peerOf(socket), host);
    exchange.closeAfter = true;
    const isSocket = /^websocket$/i.test(request.headers.upgrade ?? '') && request.method === 'GET';
    const fault = isSocket || request.method === 'GET' ? '' : `upgrade on ${request.method}`;
    handle(
      exchange,
      arrived(request, exchange, socket, fault),
      startedAt,
      isSocket
        ? (open) => {
            exchange.release();
            response.detachSocket(socket);
            webSockets.open(request, socket, first, open);
          }
        : undefined,
    );
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // HTTP/1 would be said into HTTP/2.
    if (grpc === null) refuse(error, socket);
    else socket.destroy();
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('error', ignore);
    session.on('close', () => sessions.delete(session));
    // A client that says nothing for so long is gone or has nothing to ask.
    session.setTimeout(config.keepAliveMs, () => session.close());
  });

  /** Who accepts connections: the server itself, or what reads their PROXY header first. */
  const front: NetServer = config.proxyProtocol
    ? createNetServer((socket) =>
        readHeader(socket, told, () => {
          countFor(socket, told.of(socket) || (socket.remoteAddress ?? ''));
          server.emit('connection', socket);
          // TLS and HTTP/2 take what stands behind the header by themselves, and would not find what flows away.
          if (config.tls === null && grpc === null) socket.resume();
        }),
      )
    : server;
  front.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    if (!descriptors.opened()) socket.destroy();
    // Behind a PROXY header it is not known yet whose it is.
    else if (!config.proxyProtocol) countFor(socket, socket.remoteAddress ?? '');
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      descriptors.closed();
    });
  });

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        front.once('error', reject);
        const done = (): void => {
          front.off('error', reject);
          front.on('error', ignore);
          resolve();
        };
        if (config.unix !== null) front.listen({ path: config.unix }, done);
        // Each worker has a socket of its own, as those of uWebSockets.js: the kernel gives each its part.
        else front.listen({ host: config.host, port: config.port!, exclusive: true, reusePort: true }, done);
      }),
    renew(tls) {
      if ('setSecureContext' in server) server.setSecureContext(contextOf(tls));
    },
    leave() {
      leaving = true;
      for (const session of sessions) session.close();
    },
    async stop() {
      if (front.listening) front.close();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    },
    close() {
      if (front.listening) front.close();
      webSockets.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function makeServer({
  tls,
  http2,
  grpc,
  keepAliveMs,
}: NodeListenerConfig): Server | TlsServer | Http2Server | Http2SecureServer {
  const http1 = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    // How long a body may take is for the server of all listeners to say.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: 5_000,
    // Node's own refusal says nothing: node-head.ts looks at it.
    requireHostHeader: false,
    insecureHTTPParser: false,
  };
  const settings = { maxConcurrentStreams: STREAMS, maxHeaderListSize: MAX_HEADER_BYTES };
  const forGrpc = {
    settings: { ...settings, maxConcurrentStreams: GRPC.streams },
    maxSessionMemory: GRPC.sessionMemory,
  };
  if (tls === null) return grpc ? createHttp2Server(forGrpc) : nodeHttp().createServer(http1);
  const secure = {
    ...contextOf(tls),
    requestCert: tls.client !== undefined,
    rejectUnauthorized: tls.client === 'require',
    minVersion: 'TLSv1.2' as const,
  };
  if (grpc) return createSecureServer({ ...secure, ...forGrpc, allowHTTP1: false });
  if (!http2) return nodeHttps().createServer({ ...http1, ...secure });
  const server = createSecureServer({
    ...http1,
    ...secure,
    allowHTTP1: true,
    settings,
  });
  return Object.assign(server, { keepAliveTimeout: keepAliveMs });
}

const contextOf = ({ cert, key, ca }: ListenerTls): SecureContextOptions =>
  ca === undefined ? { cert, key } : { cert, key, ca };

/** What is no HTTP, or not ours to read: nobody knows in whose dialect an answer would be read. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, text] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [
          '431 Request Header Fields Too Large',
          `The head of the request is larger than ${MAX_HEADER_BYTES} bytes.`,
        ]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The head of the request did not come in time.']
        : ['400 Bad Request', 'This is no HTTP request that can be read without doubt.'];
  const id = `req_${randomUUID().replaceAll('-', '')}`;
  const body = JSON.stringify({
    error: { message: text, type: 'invalid_request_error', param: null, code: 'gw_client_bad_framing' },
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nx-request-id: ${id}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Reads the PROXY header, and hands the connection over with what stands behind it. */
function readHeader(socket: Socket, told: ToldAddresses, ready: () => void): void {
  let held = Buffer.alloc(0);
  const late = behindReads(PROXY_HEADER_MS, () => socket.destroy());
  const take = (piece: Buffer): void => {
    held = Buffer.concat([held, piece]);
    const header = readProxyHeader(held);
    if (header.kind === 'more') return;
    late.clear();
    socket.off('data', take);
    socket.pause();
    if (header.kind === 'none') {
      socket.destroy();
      return;
    }
    told.set(socket, header.address);
    if (held.length > header.bytes) socket.unshift(held.subarray(header.bytes));
    ready();
  };
  socket.on('error', ignore);
  socket.on('close', () => late.clear());
  socket.on('data', take);
}

function ignore(): void {}

/** Whose connections those of proxies are. TLS wraps the socket that the header came on: then the two ends tell which it is. */
class ToldAddresses {
  readonly #bySocket = new WeakMap<Socket, string>();
  readonly #byEnds = new Map<string, string>();

  set(socket: Socket, address: string): void {
    this.#bySocket.set(socket, address);
    const ends = endsOf(socket);
    if (ends === null) return;
    this.#byEnds.set(ends, address);
    socket.on('close', () => this.#byEnds.delete(ends));
  }

  of(socket: Socket): string {
    const own = this.#bySocket.get(socket);
    if (own !== undefined) return own;
    const ends = endsOf(socket);
    return ends === null ? '' : (this.#byEnds.get(ends) ?? '');
  }
}

const endsOf = ({ remoteAddress, remotePort }: Socket): string | null =>
  remoteAddress === undefined ? null : `${remoteAddress} ${remotePort}`;
