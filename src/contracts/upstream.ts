// The port to upstream sockets: one verb, `send`, and a handler that hears what comes back.
import type { BodySource } from './body-source.ts';
import type { GatewayError } from './errors.ts';
import type { SocketHandler, SocketRequest, UpstreamSocket } from './tunnel.ts';

/** Response headers: lower-case names; a repeated header is an array. */
export type UpstreamHeaders = Record<string, string | string[] | undefined>;

/** Bytes that lie in several places. Nobody writes into them. */
export interface BodyBytes {
  readonly length: number;
  /** As Buffer's: writes all of them into `target` from `start` on. @returns how many. */
  copy(target: Buffer, start: number): number;
  /** Where they lie, in order. */
  pieces(): readonly Buffer[];
}

/** A request's body. */
export type RequestBody = Buffer | BodyBytes;

export interface UpstreamRequest {
  /** A token of HTTP, in capitals. */
  method: string;
  /** Path and query below the base URL. */
  path: string;
  /** `path` is below the origin alone. */
  fromOrigin?: boolean;
  /**
   * Lower-case, complete but for host, content-length and connection. Values were checked for CR, LF, NUL.
   * The client remembers objects it has seen: nobody writes into one that was sent.
   */
  headers: Record<string, string>;
  /**
   * A source that was begun to be read is aborted when the call ends before it does. One that was not is left as it is: it may be
   * sent again, and whose call it is gives it up.
   */
  body: RequestBody | BodySource | null;
  /** Open a new connection for this call: the repeat after a keep-alive race (retry advice `fresh`). */
  fresh?: boolean;
  /** What is left of the call's time, ms; absent = it has none, or its upstream tells none. */
  deadlineMs?: number;
}

/** All methods are called at most in this order, once each but onData; after onEnd or onError nothing is called. */
export interface UpstreamHandler {
  /**
   * The request went out on a connected socket: the connect clock stops, the headers clock starts.
   * @param atOnce nobody was waited for until now: the connection was there.
   */
  onSent(atOnce: boolean): void;
  /** Content codings are undone already; `content-encoding` and `content-length` of a coded answer are taken out. */
  onHead(status: number, headers: UpstreamHeaders): void;
  /** `chunk` is the handler's to keep. */
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** GW_UPSTREAM_CONNECT, _DNS, _RESET (with retry `fresh` when no response byte came), _TRUNCATED (after the head, or inside compressed data), _BAD_OUTPUT (also an unknown content encoding), _TOO_LARGE. */
  onError(error: GatewayError): void;
}

export interface UpstreamCall {
  /** Stop reading from the socket; what was already read may still arrive: a chunk or a few, and the end. */
  pause(): void;
  resume(): void;
  /** Destroy the socket now (at once even while connecting). No callback comes after it. Idempotent. */
  abort(): void;
}

/** One provider's connections on one worker. */
export interface Upstream {
  /** Its servers are told how long they have (`deadlineMs`). */
  readonly tellsDeadline?: true;
  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall;
  /** Opens a WebSocket; absent = there is nobody to open one to. Nothing is called before it returns. */
  openSocket?(request: SocketRequest, handler: SocketHandler): UpstreamSocket;
  /** Sockets open, calls running: gauges. */
  stats(): { connected: number; running: number; pending: number };
  /** Lets running calls end, then closes. */
  close(): Promise<void>;
}

/** Memory that the unfinished events of all streams of a worker share. */
export interface EventRoom {
  /** @param bytes negative = given back. @returns false: there is no more, and nothing was taken. */
  take(bytes: number): boolean;
  readonly usedBytes: number;
}
