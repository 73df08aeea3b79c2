// A provider's connections over HTTP/1.1: our own client, for what the gateway needs of one and nothing more
// (docs/decisions/0004). Clocks, retries and the number of calls at once are not its business: the dispatcher and the
// lane in front own them.
import { GatewayError } from '../contracts/errors.ts';
import type { Names } from '../contracts/names.ts';
import type { SocketHandler, SocketRequest, UpstreamSocket } from '../contracts/tunnel.ts';
import type { Upstream, UpstreamCall, UpstreamHandler, UpstreamRequest } from '../contracts/upstream.ts';
import { createNames } from '../dns/names.ts';
import { behindTurns } from '../ipc/behind-reads.ts';
import { type ConnectFailure, describeFailure } from './connect-failure.ts';
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts';
import { createDial, type Dial, type DialStage } from './dial.ts';
import { upstreamFault } from './faults.ts';
import { IdleStack } from './idle-stack.ts';
import { type Carrier, LeanCall } from './lean-call.ts';
import { NameWatch } from './name-watch.ts';
import { Outbox } from './outbox.ts';
import { proxyOf } from './proxy.ts';
import { bodyBehind, createRequestEncoder, type RequestEncoder } from './request-head.ts';
import type { TlsIdentity } from './tls-layer.ts';
import { openWebSocket, type SocketPlace } from './web-socket.ts';
import { WireFault } from './wire-fault.ts';

export interface LeanUpstreamOptions {
  /** As the configuration has it: a path prefix, a trailing slash and a query are kept in each request's path. */
  baseUrl: string;
  /** Most sockets at once: the lane's gateway-wide concurrency. The lane's share bounds them further. */
  connections: number;
  /** 0 = none. */
  connectTimeoutMs: number;
  /** Largest answer body, streams included. */
  maxAnswerBytes?: number | undefined;
  /** Largest answer head. */
  maxHeadBytes?: number | undefined;
  /** How long close() lets running calls go on. */
  closeTimeoutMs?: number | undefined;
  /** For an https URL: whom to trust there and who we are. */
  tls?: TlsIdentity | undefined;
  /** URL of the forward proxy on the way. */
  proxy?: string | undefined;
  /** Look-ups, shared with others; own ones by default. */
  names?: Names | undefined;
  /** A connection that is older carries no further call; 0 = any age. */
  maxConnectionAgeMs?: number | undefined;
  /** Hears of each connection that never stood. */
  onUnreachable?: ((failure: ConnectFailure) => void) | undefined;
  /** Monotonic ms: the age of connections. */
  now?: (() => number) | undefined;
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;
const CLOSE_TIMEOUT_MS = 30_000;
/** Idle sockets: public providers sit behind edges that hold them for a minute and more; uvicorn and node close at 5 s. */
const KEEP_ALIVE_TLS_MS = 30_000;
const KEEP_ALIVE_PLAIN_MS = 3_000;
/** What a server says it holds, less the time a request is under way to it. */
const HELD_MARGIN_MS = 2_000;
const MAX_HELD_MS = 600_000;
/** Old enough that new connections cost nothing, young enough that a new address of the name gets its share soon. */
const MAX_AGE_MS = 300_000;
/** Ages differ by so much of them, or connections that began together would end together. */
const AGE_SPREAD = 0.2;

class LeanUpstream implements Upstream, ConnectionOwner, Carrier {
  readonly #requests: RequestEncoder;
  readonly #connecting: ConnectionOptions;
  readonly #most: number;
  readonly #keepAliveMs: number;
  readonly #closeTimeoutMs: number;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  readonly #dial: Dial;
  readonly #place: SocketPlace;
  readonly #watch: NameWatch | null;
  readonly #onUnreachable: ((failure: ConnectFailure) => void) | undefined;
  readonly #idle: IdleStack;
  /** All open or being opened; those for one call only do not count against `#most`. */
  readonly #open = new Set<Connection>();
  #singles = 0;
  /** Calls that wait for a connection, first come first served. */
  readonly #waiting = new Set<LeanCall>();
  #closing: Promise<void> | null = null;
  #emptied: (() => void) | null = null;

  constructor(options: LeanUpstreamOptions) {
    const url = new URL(options.baseUrl);
    const { names = createNames(), tls, proxy } = options;
    // Most forward proxies refuse tunnels to anything but TLS: an http origin is asked for by its whole URL.
    const forwarded = proxy !== undefined && url.protocol === 'http:';
    this.#requests = createRequestEncoder(
      url.host,
      url.pathname.replace(/\/+$/, ''),
      url.search.slice(1),
      forwarded ? { origin: url.origin, authorization: proxyOf(proxy).authorization } : null,
    );
    this.#now = options.now ?? (() => performance.now());
    this.#dial = createDial(url, { names, tls, proxy, now: this.#now });
    this.#watch = this.#dial.addresses === null ? null : new NameWatch(this.#dial.addresses);
    this.#onUnreachable = options.onUnreachable;
    this.#maxAgeMs = options.maxConnectionAgeMs ?? MAX_AGE_MS;
    this.#connecting = {
      dial: this.#dial,
      outbox: new Outbox(),
      limits: {
        maxHeadBytes: options.maxHeadBytes ?? MAX_HEAD_BYTES,
        maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      },
      connectTimeoutMs: options.connectTimeoutMs,
      forwarded,
    };
    this.#place = {
      host: url.host,
      prefix: url.pathname.replace(/\/+$/, ''),
      query: url.search.slice(1),
      connectTimeoutMs: options.connectTimeoutMs,
    };
    this.#most = options.connections;
    this.#keepAliveMs = url.protocol === 'https:' ? KEEP_ALIVE_TLS_MS : KEEP_ALIVE_PLAIN_MS;
    this.#closeTimeoutMs = options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS;
    this.#idle = new IdleStack(this.#now);
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    let message: Buffer;
    try {
      message = this.#requests.encode(request);
    } catch (cause) {
      return failing(handler, new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
    }
    if (this.#closing !== null) return failing(handler, upstreamFault(closed(), 'waiting'));
    const call = new LeanCall(
      handler,
      message,
      bodyBehind(request.body),
      this.#connecting.limits.maxAnswerBytes,
      request.method === 'HEAD',
    );
    if (request.fresh === true) {
      this.#connect(call, true);
      return call;
    }
    const connection = this.#idle.pop();
    if (connection !== null) {
      connection.begin(call);
    } else if (this.#open.size - this.#singles < this.#most) {
      this.#connect(call, false);
    } else {
      call.carrier = this;
      this.#waiting.add(call);
    }
    return call;
  }

  openSocket(request: SocketRequest, handler: SocketHandler): UpstreamSocket {
    return openWebSocket(this.#dial, this.#place, request, handler);
  }

  stats(): { connected: number; running: number; pending: number } {
    let connected = 0;
    let running = 0;
    for (const connection of this.#open) {
      if (connection.connected) connected++;
      if (connection.running) running++;
    }
    return { connected, running, pending: this.#waiting.size + this.#open.size - connected };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#idle.clear();
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    const timer = behindTurns(this.#closeTimeoutMs, () => this.#cutAll());
    await promise;
    timer.clear();
  }

  #cutAll(): void {
    const fault = new WireFault('DESTROYED', 'the upstream was closed');
    for (const call of this.#waiting) call.fail(upstreamFault(fault, 'waiting'));
    this.#waiting.clear();
    for (const connection of this.#open) connection.close(fault);
  }

  #connect(call: LeanCall, single: boolean): void {
    if (single) this.#singles++;
    const connection = new Connection(this, call, single, this.#connecting);
    if (this.#maxAgeMs > 0) {
      connection.retireAt = this.#now() + this.#maxAgeMs * (1 - AGE_SPREAD * Math.random());
    }
    this.#open.add(connection);
  }

  // -- Carrier of calls that wait

  abandon(call: LeanCall): void {
    this.#waiting.delete(call);
  }

  flow(): void {}

  // -- ConnectionOwner

  idle(connection: Connection, heldMs: number): void {
    const now = this.#now();
    this.#watch?.look(now, this.#open);
    if (connection.retireAt <= now) {
      connection.close(closed());
      return;
    }
    const next = this.#next();
    if (next !== null) {
      connection.begin(next);
      return;
    }
    const forMs = heldMs < 0 ? this.#keepAliveMs : Math.min(heldMs - HELD_MARGIN_MS, MAX_HELD_MS);
    if (forMs > 0 && this.#closing === null) {
      this.#idle.push(connection, Math.min(now + forMs, connection.retireAt));
    } else connection.close(closed());
  }

  unreachable(fault: unknown, stage: DialStage): void {
    this.#onUnreachable?.(describeFailure(fault, stage, this.#dial.place));
  }

  gone(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    if (connection.single) this.#singles--;
    else this.#idle.remove(connection);
    const next = this.#open.size - this.#singles < this.#most ? this.#next() : null;
    if (next !== null) this.#connect(next, false);
    if (this.#open.size === 0) this.#emptied?.();
  }

  #next(): LeanCall | null {
    if (this.#waiting.size === 0) return null;
    const [call] = this.#waiting;
    this.#waiting.delete(call!);
    return call!;
  }
}

function closed(): WireFault {
  return new WireFault('CLOSED', 'the upstream is closed');
}

/** A call that failed before it began; it says so once send() has returned. */
function failing(handler: UpstreamHandler, error: GatewayError): UpstreamCall {
  const call = new LeanCall(handler, null, null);
  queueMicrotask(() => call.fail(error));
  return call;
}

/** Connections to one provider. @throws when its URL cannot be used. */
export function createLeanUpstream(options: LeanUpstreamOptions): Upstream {
  return new LeanUpstream(options);
}
