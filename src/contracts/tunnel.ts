// A conversation over a WebSocket that goes on at a provider's: messages, both ways, as they come.
import type { Sink } from './sink.ts';

/** A message: text, or bytes. */
export type SocketMessage = string | Buffer;

/** Who hears what the client says. */
export interface TunnelPeer {
  message(message: SocketMessage): void;
  /** The client takes more, after `send` said false. */
  drained(): void;
  /** No further turn is to begin: the gateway goes. Ends behind the turn that runs. */
  leave(): void;
  /** The client closed the connection, or is gone. */
  left(): void;
}

/** The client's end. As a sink it says errors in its protocol, and closes. */
export interface TunnelSink extends Sink {
  /** Subprotocols the client offered, without those that are credentials. */
  readonly protocols: readonly string[];
  /** What the client said and says goes to `peer`. */
  attach(peer: TunnelPeer): void;
  /** @returns false: the client reads slowly. */
  send(message: SocketMessage): boolean;
  /** Says an error in the protocol; the connection stays. */
  sayError(status: number, body: string): void;
  /** @param code of RFC 6455, 7.4.1. */
  close(code: number, reason: string): void;
}

export const isTunnel = (sink: Sink): sink is TunnelSink => 'attach' in sink;

/** What a WebSocket to a provider is opened with. */
export interface SocketRequest {
  /** Path and query below the base URL. */
  readonly path: string;
  /** Below it without the version that it ends in. */
  readonly besideVersion?: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
}

/** Exactly one of `opened` and `refused` or `failed` is called first; behind `opened`, `closed` or `failed` once at the end. */
export interface SocketHandler {
  opened(): void;
  /** The provider answered with a status, and no WebSocket. */
  refused(status: number, headers: Record<string, string | string[] | undefined>, body: Buffer): void;
  message(message: SocketMessage): void;
  /** It takes more, after `send` said false. */
  drained(): void;
  closed(code: number, reason: string): void;
  failed(error: Error): void;
}

export interface UpstreamSocket {
  /** @returns false: more waits than the provider takes. */
  send(message: SocketMessage): boolean;
  /** Stops and goes on reading. */
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  /** At once. Nothing is called behind it. */
  abort(): void;
}
