// A kept gRPC connection to one server: calls share one HTTP/2 session, a new one is made when it drains or is lost, and a
// server that cannot be reached is asked again ever more seldom while calls are told at once. Knows no message.
import { URL } from 'node:url';
import {
  GRPC_CODES,
  type GrpcCallOptions,
  type GrpcChannel,
  type GrpcEnd,
  GrpcFault,
  type GrpcListener,
} from '../../contracts/grpc.ts';
import type { Names } from '../../contracts/names.ts';
import { VERSION } from '../../version.ts';
import { createDial, type Dial } from '../dial.ts';
import type { TlsIdentity } from '../tls-layer.ts';
import { type CallPlace, GrpcCall } from './grpc-call.ts';
import { Http2Session, type SessionOptions } from './session.ts';

export interface GrpcChannelDeps {
  names: Names;
  /** Monotonic ms. */
  now(): number;
  /** 0 <= x < 1: spreads reconnections. */
  random(): number;
}

export interface GrpcChannelOptions extends Partial<SessionOptions> {
  /** Shared with other channels to the server, so that they spread over the addresses of its name; absent = its own. */
  dial?: Dial;
  tls?: TlsIdentity | undefined;
  /** URL of a forward proxy; only to https. */
  proxy?: string | undefined;
  /** Larger answers end their call as RESOURCE_EXHAUSTED. */
  maxMessageBytes?: number;
  /** Calls that wait for a connection or for room on it; more are refused as RESOURCE_EXHAUSTED. */
  maxWaiting?: number;
  /** After the first failure to connect, ms; doubled by each one up to `maxPauseMs`. */
  firstPauseMs?: number;
  maxPauseMs?: number;
}

const DEFAULTS = {
  connectTimeoutMs: 5000,
  keepaliveMs: 300_000,
  pingTimeoutMs: 5000,
  maxStreams: 1000,
  maxMessageBytes: 4 * 1024 * 1024,
  maxWaiting: 1000,
  firstPauseMs: 100,
  maxPauseMs: 10_000,
};

/** @param url `http://host:port` (plain HTTP/2), `https://…`; `grpc` and `grpcs` mean the same. @throws TypeError */
export function createGrpcChannel(
  url: string,
  deps: GrpcChannelDeps,
  options: GrpcChannelOptions = {},
): GrpcChannel {
  return new KeptChannel(new URL(url.replace(/^grpc(s?):/i, 'http$1:')), deps, options);
}

/** How a server is connected to. @throws TypeError */
export function createGrpcDial(
  origin: URL,
  { names, now }: Pick<GrpcChannelDeps, 'names' | 'now'>,
  { tls, proxy }: Pick<GrpcChannelOptions, 'tls' | 'proxy'>,
): Dial {
  return createDial(origin, { names, tls, proxy, protocol: 'h2', now: () => now() });
}

class KeptChannel implements GrpcChannel {
  readonly #dial: Dial;
  readonly #origin: string;
  readonly #deps: GrpcChannelDeps;
  readonly #options: typeof DEFAULTS;
  readonly #place: CallPlace;
  /** In the order they came. */
  readonly #waiting = new Set<GrpcCall>();
  /** The one that takes new calls, or will. */
  #session: Http2Session | null = null;
  /** Those that only end what they have. */
  readonly #draining = new Set<Http2Session>();
  #keepaliveMs: number;
  #pauseMs = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #lastFault = '';
  #closed = false;

  constructor(origin: URL, deps: GrpcChannelDeps, options: GrpcChannelOptions) {
    this.#deps = deps;
    this.#options = { ...DEFAULTS, ...options };
    this.#keepaliveMs = this.#options.keepaliveMs;
    this.#origin = origin.origin;
    this.#dial = options.dial ?? createGrpcDial(origin, deps, options);
    this.#place = {
      authority: origin.host,
      scheme: origin.protocol.slice(0, -1),
      userAgent: `headgate/${VERSION}`,
      maxMessageBytes: this.#options.maxMessageBytes,
      now: () => deps.now(),
      left: (call) => this.#waiting.delete(call),
    };
  }

  open(path: string, listener: GrpcListener, options: GrpcCallOptions = {}): GrpcCall {
    const call = new GrpcCall(path, listener, options, this.#place);
    this.#waiting.add(call);
    // Not within `open`: who opens it has nothing yet to be told about.
    if (this.#session?.open !== true) queueMicrotask(() => this.#advance());
    else this.#startWaiting();
    return call;
  }

  async unary(
    path: string,
    message: Uint8Array,
    options: GrpcCallOptions & { signal?: AbortSignal } = {},
  ): Promise<Buffer> {
    const begun = this.#deps.now();
    try {
      return await this.#once(path, message, options);
    } catch (error) {
      if (!(error instanceof GrpcFault) || !error.end.unprocessed) throw error;
      const { deadlineMs } = options;
      if (deadlineMs === undefined) return this.#once(path, message, options);
      const left = Math.max(1, deadlineMs - (this.#deps.now() - begun));
      return this.#once(path, message, { ...options, deadlineMs: left });
    }
  }

  close(): void {
    this.#closed = true;
    const sessions = [...this.#draining, ...(this.#session === null ? [] : [this.#session])];
    for (const session of sessions) session.close();
    this.#failWaiting('the channel is closed');
  }

  #once(
    path: string,
    message: Uint8Array,
    { signal, ...options }: GrpcCallOptions & { signal?: AbortSignal },
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let answer: Buffer | null = null;
      let several = false;
      const abort = (): void => call.cancel();
      const call = this.open(
        path,
        {
          message(bytes) {
            several = answer !== null;
            answer = bytes;
          },
          end(end) {
            signal?.removeEventListener('abort', abort);
            if (end.code !== GRPC_CODES.OK) reject(new GrpcFault(end));
            else if (answer === null || several) reject(new GrpcFault(notOne(end)));
            else resolve(answer);
          },
        },
        options,
      );
      call.send(message);
      call.finish();
      if (signal?.aborted === true) call.cancel();
      else signal?.addEventListener('abort', abort);
    });
  }

  /** Gets calls that wait on their way, or tells them why not. */
  #advance(): void {
    if (this.#waiting.size === 0) return;
    if (this.#closed) this.#failWaiting('the channel is closed');
    else if (this.#session === null) this.#connect();
    else this.#startWaiting();
    this.#shed();
  }

  #startWaiting(): void {
    for (const call of this.#waiting) {
      const session = this.#session;
      if (session === null || !session.open) break;
      this.#waiting.delete(call);
      call.begin(session);
    }
  }

  #shed(): void {
    let over = this.#waiting.size - this.#options.maxWaiting;
    // The youngest go: the others have waited for their turn.
    for (const call of over > 0 ? [...this.#waiting].reverse() : []) {
      if (over-- <= 0) break;
      call.fail(GRPC_CODES.RESOURCE_EXHAUSTED, 'too many calls wait for this server');
    }
  }

  #connect(): void {
    if (this.#deps.now() < this.#retryAt) {
      this.#failWaiting(`no connection: ${this.#lastFault}`);
      return;
    }
    let session: Http2Session | null = null;
    session = new Http2Session(
      this.#dial,
      this.#origin,
      { ...this.#options, keepaliveMs: this.#keepaliveMs },
      {
        ready: () => {
          this.#pauseMs = 0;
          this.#startWaiting();
        },
        room: () => this.#startWaiting(),
        draining: (calm) => {
          // As gRPC wants it of a client whose pings are too many.
          if (!calm) this.#keepaliveMs *= 2;
          this.#draining.add(session!);
          this.#gone(session!);
        },
        closed: (reason) => {
          this.#draining.delete(session!);
          if (this.#session === session) this.#lost(session!, reason);
        },
      },
    );
    this.#session = session;
  }

  /** Calls that wait go on with another session. */
  #gone(session: Http2Session): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.#advance();
  }

  #lost(session: Http2Session, reason: string): void {
    const { firstPauseMs, maxPauseMs } = this.#options;
    if (this.#pauseMs === 0 && session.wasReady) {
      this.#gone(session);
      return;
    }
    this.#session = null;
    this.#lastFault = reason;
    this.#pauseMs = this.#pauseMs === 0 ? firstPauseMs : Math.min(maxPauseMs, this.#pauseMs * 2);
    // 80 to 120 %: many gateways lose one server at the same moment.
    this.#retryAt = this.#deps.now() + this.#pauseMs * (0.8 + 0.4 * this.#deps.random());
    this.#failWaiting(`no connection: ${reason}`);
  }

  #failWaiting(message: string): void {
    // It never left: whoever has another server may go there.
    for (const call of [...this.#waiting]) call.fail(GRPC_CODES.UNAVAILABLE, message, 'connecting');
  }
}

function notOne(end: GrpcEnd): GrpcEnd {
  return { ...end, code: GRPC_CODES.INTERNAL, message: 'not one message was answered' };
}
