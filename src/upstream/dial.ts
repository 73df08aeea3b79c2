// Opens sockets to one origin:
//
//   name ─► addresses ─► TCP to one of them ─► [TLS] ─► ready                                  to the origin, or to a proxy
//                                         └─► [TLS] ─► CONNECT ─► TLS to the origin ─► ready   through a proxy
//
// Reads of the last layer go into a buffer of ours instead of a new one each (node's `onread`): nothing is allocated for
// a read and no stream machinery runs for it; the parser copies out what is kept.
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import type { Address, Found, Names } from '../contracts/names.ts';
import { addressOf, bareHost } from '../dns/address.ts';
import { AddressOrder } from './address-order.ts';
import { proxyOf } from './proxy.ts';
import { type Attempts, reach } from './reach.ts';
import {
  createTlsLayer,
  type ReadInto,
  readInto,
  type TlsIdentity,
  type TlsLayer,
  type TlsProtocol,
} from './tls-layer.ts';
import { openTunnel } from './tunnel.ts';

/** First TCP keep-alive probe on a silent connection. */
const PROBE_MS = 60_000;
const READ_BYTES = 64 * 1024;

/** Hears of one socket. */
export interface SocketListener {
  /** Connected; over TLS: its certificate was accepted. @param address what it is connected to. */
  ready(socket: Socket, address: string): void;
  /** The first `count` bytes of `bytes` came; they are overwritten by the next read. Absent: the socket is read as a stream. */
  read?(bytes: Buffer, count: number): void;
  /** The peer closed properly. */
  ended(): void;
  /** Also before `ready`. */
  failed(error: Error): void;
  closed(): void;
}

/** What a connection that does not stand yet is waiting for. */
export type DialStage = 'name' | 'tcp' | 'proxy' | 'tls';

/** A socket on its way. */
export interface Dialling {
  readonly stage: DialStage;
  /** Ends it; its listener hears nothing more of what was not ready. Idempotent. */
  stop(): void;
}

export interface Dial {
  open(listener: SocketListener): Dialling;
  /** `host:port` of what is connected to: the origin, or the proxy. */
  readonly place: string;
  /** Its addresses now; null where there is nothing to look up. @throws LookupFault, also by the promise. */
  addresses: (() => Found | Promise<Found>) | null;
}

export interface DialOptions {
  names: Names;
  tls?: TlsIdentity | undefined;
  /** Asked for in the TLS handshake with the origin; absent = HTTP/1.1. */
  protocol?: TlsProtocol | undefined;
  /** URL of a forward proxy. A request to an http origin is then to be written with its whole URL. */
  proxy?: string | undefined;
  /** Monotonic ms. */
  now: () => number;
}

/** @throws when the origin is neither http nor https, or a certificate cannot be used. */
export function createDial(origin: URL, options: DialOptions): Dial {
  if (origin.protocol !== 'https:' && origin.protocol !== 'http:') {
    throw new TypeError(`no connections can be made for ${origin.protocol}`);
  }
  const secure = origin.protocol === 'https:';
  const host = bareHost(origin.hostname);
  const port = Number(origin.port || (secure ? 443 : 80));
  const proxy = options.proxy === undefined ? null : proxyOf(options.proxy);
  const first = proxy ?? { host, port };
  const originTls = secure ? createTlsLayer(host, options.tls ?? {}, options.protocol) : null;
  const { names } = options;
  const route: Route = {
    find: () => names.find(first.host),
    port: first.port,
    order: new AddressOrder(options.now),
    // A proxy is trusted by the well-known authorities: `tls` is about the provider.
    tls: proxy === null ? originTls : proxy.secure ? createTlsLayer(proxy.host, {}) : null,
    tunnel:
      proxy === null || originTls === null
        ? null
        : { target: placeOf(host, port), authorization: proxy.authorization, tls: originTls },
    buffer: process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_BYTES),
  };
  return {
    open: (listener) => new Journey(route, listener),
    place: placeOf(first.host, first.port),
    addresses: addressOf(first.host) === null ? route.find : null,
  };
}

/** `host:port` as it stands in URLs. */
export function placeOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Route {
  find(): Found | Promise<Found>;
  port: number;
  order: AddressOrder;
  /** Of what is connected to, origin or proxy; null = plain. */
  tls: TlsLayer | null;
  /** Through the proxy that is connected to. */
  tunnel: { target: string; authorization: string | null; tls: TlsLayer } | null;
  /**
   * For the reads of all plain sockets: a read is over when its callback returns, and no read begins inside another.
   * Null on Windows, which fills the buffer before it tells: each socket needs its own.
   */
  buffer: Buffer | null;
}

class Journey implements Dialling {
  stage: DialStage = 'name';
  readonly #route: Route;
  readonly #listener: SocketListener;
  readonly #read: ReadInto | null;
  #attempts: Attempts | null = null;
  /** The outermost layer there is. */
  #socket: Socket | null = null;
  #address: Address | null = null;
  #over = false;

  constructor(route: Route, listener: SocketListener) {
    this.#route = route;
    this.#listener = listener;
    this.#read = listener.read === undefined ? null : (bytes, count) => listener.read!(bytes, count);
    let found: Found | Promise<Found>;
    try {
      found = route.find();
    } catch (cause) {
      // The listener may be under construction.
      queueMicrotask(() => this.#fail(cause));
      return;
    }
    if (!(found instanceof Promise)) this.#reach(found);
    else
      found.then(
        (later) => this.#reach(later),
        (cause: unknown) => this.#fail(cause),
      );
  }

  stop(): void {
    this.#over = true;
    this.#attempts?.stop();
    this.#socket?.destroy();
  }

  #reach({ addresses }: Found): void {
    if (this.#over) return;
    this.stage = 'tcp';
    const { order } = this.#route;
    this.#attempts = reach(order.order(addresses), (address) => this.#connect(address), {
      reached: (socket, address) => {
        order.worked(address);
        this.#address = address;
        this.#connected(socket);
      },
      missed: (address) => order.failed(address),
      unreached: (fault) => this.#fail(fault),
    });
  }

  #connect({ address, family }: Address): Socket {
    const { port, tls, tunnel, buffer } = this.#route;
    const tcp = {
      host: address,
      port,
      family,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_MS,
    };
    const read = tunnel === null ? this.#read : null;
    if (tls !== null) return tls.connect(tcp, read);
    if (read === null) return connect(tcp);
    return connect({ ...tcp, onread: readInto(buffer ?? Buffer.alloc(READ_BYTES), read) });
  }

  #connected(socket: Socket): void {
    this.#socket = socket;
    const { tls, tunnel } = this.#route;
    const next = (): void => (tunnel === null ? this.#ready(socket) : this.#tunnel(socket, tunnel));
    if (tls === null) next();
    else this.#secured(socket, next);
  }

  #tunnel(socket: Socket, { target, authorization, tls }: NonNullable<Route['tunnel']>): void {
    this.stage = 'proxy';
    openTunnel(socket, target, authorization, {
      opened: () => {
        if (this.#over) return;
        const inner = tls.over(socket);
        this.#socket = inner;
        this.#secured(inner, () => {
          if (this.#read !== null) inner.on('data', (chunk: Buffer) => this.#read!(chunk, chunk.length));
          this.#ready(inner);
        });
      },
      refused: (fault) => this.#fail(fault),
    });
  }

  /** Goes on when the TLS handshake of `socket` is over. */
  #secured(socket: Socket, then: () => void): void {
    this.stage = 'tls';
    const failed = (fault: Error): void => this.#fail(fault);
    const closed = (): void => this.#fail(cutInHandshake());
    socket.on('error', failed);
    socket.once('close', closed);
    socket.once('secureConnect', () => {
      socket.off('error', failed);
      socket.off('close', closed);
      then();
    });
  }

  #ready(socket: Socket): void {
    this.#socket = socket;
    const listener = this.#listener;
    socket.on('end', () => listener.ended());
    socket.on('error', (error) => listener.failed(error));
    socket.on('close', () => listener.closed());
    listener.ready(socket, this.#address!.address);
  }

  #fail(cause: unknown): void {
    if (this.#over) return;
    this.stop();
    this.#listener.failed(cause instanceof Error ? cause : new Error(String(cause)));
  }
}

function cutInHandshake(): Error {
  return Object.assign(new Error('the connection was closed in the TLS handshake'), { code: 'ECONNRESET' });
}
