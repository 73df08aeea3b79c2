// A provider's connections over HTTP/1.1: undici's dispatch with nothing around it. The only file that knows undici.
// Clocks, retries and the number of calls at once are not its business: the dispatcher and the lane in front own them.
import { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { GatewayError } from '../contracts/errors.ts';
import type {
  Upstream,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
} from '../contracts/upstream.ts';
import { type Progress, UNPARSABLE, upstreamFault } from './faults.ts';

export interface HttpUpstreamOptions {
  /** As the configuration has it: a path prefix, a trailing slash and a query are kept in each request's path. */
  baseUrl: string;
  /** Most sockets at once: the lane's gateway-wide concurrency. The lane's share bounds them further. */
  connections: number;
  connectTimeoutMs: number;
  /** Largest answer body, streams included. */
  maxAnswerBytes?: number | undefined;
  /** Largest answer head. */
  maxHeadBytes?: number | undefined;
  /** How long close() lets running calls go on. */
  closeTimeoutMs?: number | undefined;
  /** PEM of a certificate authority to trust instead of the well-known ones. */
  ca?: string | undefined;
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;
const CLOSE_TIMEOUT_MS = 30_000;
/** Idle sockets: public providers sit behind edges that hold them for a minute and more; uvicorn and node close at 5 s. */
const KEEP_ALIVE_TLS_MS = 30_000;
const KEEP_ALIVE_PLAIN_MS = 3_000;
/** The next address of a host is tried after so long. Node's 250 ms is less than a round trip to the far side. */
const NEXT_ADDRESS_MS = 500;
/** Interim heads (103) before the answer; more is a flood. */
const MAX_INTERIM = 16;

/** What undici is told when a call was given up: never shown, since nothing is reported after abort(). */
const ABANDONED = new Error('abandoned');
/** Told to undici, which tells it back through onResponseError: one way out for every failure. */
const FLOODED = Object.assign(new Error('too many interim heads'), { code: UNPARSABLE });

class HttpUpstream implements Upstream {
  readonly #origin: string;
  readonly #prefix: string;
  readonly #query: string;
  readonly #options: Pool.Options;
  readonly #pool: Pool;
  /** Clients of one call each, see UpstreamRequest.fresh. */
  readonly #fresh = new Map<Client, Promise<void>>();
  readonly #closeTimeoutMs: number;
  #closing: Promise<void> | null = null;
  /** The call whose dispatch() is on the stack: a connection begun now is its own. */
  #dispatching: HttpCall | null = null;

  constructor(options: HttpUpstreamOptions) {
    const url = new URL(options.baseUrl);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
    this.#query = url.search.slice(1);
    this.#closeTimeoutMs = options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS;
    const connector = buildConnector({
      allowH2: false,
      timeout: options.connectTimeoutMs,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    this.#options = {
      allowH2: false,
      useMilo: false,
      pipelining: 1,
      connections: options.connections,
      // Clocks are ours; undici's body timer does not even run while a slow client pauses us.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: url.protocol === 'https:' ? KEEP_ALIVE_TLS_MS : KEEP_ALIVE_PLAIN_MS,
      maxHeaderSize: options.maxHeadBytes ?? MAX_HEAD_BYTES,
      maxResponseSize: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      strictContentLength: true,
      connect: (target, callback) => {
        // undici hands out its controller only once connected. The socket is what lets abort() act before.
        const socket: unknown = connector(target, callback);
        if (socket instanceof Socket) this.#dispatching?.connecting(socket);
      },
    };
    this.#pool = new Pool(this.#origin, this.#options);
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    const call = new HttpCall(handler);
    const path = this.#prefix + request.path;
    const options = {
      path: this.#query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${this.#query}`,
      method: request.method,
      headers: request.headers,
      body: request.body,
    };
    this.#dispatching = call;
    if (request.fresh === true && this.#closing === null) this.#dispatchFresh(options, call);
    else this.#pool.dispatch(options, call);
    this.#dispatching = null;
    call.dispatched();
    return call;
  }

  stats(): { connected: number; running: number; pending: number } {
    const { connected, running, pending } = this.#pool.stats;
    const fresh = this.#fresh.size;
    return { connected: connected + fresh, running: running + fresh, pending };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const timer = setTimeout(() => {
      this.#pool.destroy().catch(() => {});
      for (const client of this.#fresh.keys()) client.destroy().catch(() => {});
    }, this.#closeTimeoutMs);
    await Promise.all([this.#pool.close(), ...this.#fresh.values()]);
    clearTimeout(timer);
  }

  /** A client of its own that closes behind the call: the pool might hand out another socket the server has closed. */
  #dispatchFresh(options: Dispatcher.DispatchOptions, call: HttpCall): void {
    const { connections: _, ...single } = this.#options;
    const client = new Client(this.#origin, single);
    client.dispatch(options, call);
    const closed = client.close().finally(() => this.#fresh.delete(client));
    this.#fresh.set(client, closed);
    closed.catch(() => {});
  }
}

/**
 * One call: our side of it (UpstreamCall) and undici's (its handler) in one object.
 *
 *   waiting ──► connecting ──► sent ──► began ──► head ──► done          any ── error, abort() ──► done
 *      └──────── socket open ──►┘
 *
 * `done` is entered exactly once and nothing is reported after it.
 */
class HttpCall implements UpstreamCall, Dispatcher.DispatchHandler {
  readonly #handler: UpstreamHandler;
  #progress: Progress = 'waiting';
  #done = false;
  /** Still inside send(): what undici reports now waits for a microtask, the caller does not hold the call yet. */
  #inSend = true;
  #early: (() => void) | null = null;
  #socket: Socket | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #paused = false;
  #interim = 0;

  constructor(handler: UpstreamHandler) {
    this.#handler = handler;
  }

  /** A socket is being connected for this call. */
  connecting(socket: Socket): void {
    this.#socket = socket;
    this.#progress = 'connecting';
  }

  dispatched(): void {
    this.#inSend = false;
    if (this.#early !== null) queueMicrotask(this.#early);
    this.#early = null;
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // In a microtask: undici parses what has waited inside resume(), and its parser must not be entered from the
    // callback of another call.
    queueMicrotask(() => {
      if (!this.#paused) this.#controller?.resume();
    });
  }

  abort(): void {
    if (this.#done) return;
    const controller = this.#controller;
    const socket = this.#socket;
    this.#finish();
    if (controller !== null) controller.abort(ABANDONED);
    else socket?.destroy(ABANDONED);
  }

  /** Lets go of undici: its controller would resume the next call on the same socket. */
  #finish(): void {
    this.#done = true;
    this.#controller = null;
    this.#socket = null;
  }

  // -- undici's side

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited: throwing here makes undici skip the request and keep the socket.
    if (this.#done) throw ABANDONED;
    this.#socket = null;
    this.#controller = controller;
    this.#progress = 'sent';
    if (this.#paused) controller.pause();
  }

  onRequestSent(): void {
    if (this.#done) return;
    if (this.#inSend) this.#early = () => this.onRequestSent();
    else this.#handler.onSent();
  }

  onResponseStarted(): void {
    this.#progress = 'began';
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    if (this.#done) return;
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM) controller.abort(FLOODED);
      return;
    }
    this.#progress = 'head';
    this.#handler.onHead(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // The parser reports an empty chunk when it is resumed: a handler that pauses at each would spin for ever.
    if (!this.#done && chunk.length > 0) this.#handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#finish();
    try {
      this.#handler.onEnd();
    } catch (cause) {
      // undici would swallow it and the call would never settle.
      this.#handler.onError(new GatewayError('GW_GATEWAY_INTERNAL', { cause }));
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#done) return;
    if (this.#inSend) {
      this.#early = () => this.onResponseError(null, error);
      return;
    }
    const fault = upstreamFault(error, this.#progress);
    this.#finish();
    this.#handler.onError(fault);
  }
}

/** Connections to one provider. */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  return new HttpUpstream(options);
}
