// Where a gateway takes requests, as its configuration says.

/** TLS of a listener. All PEM. */
export interface ListenerTls {
  cert: string;
  key: string;
  /** Authorities that sign certificates of clients. */
  ca?: string;
  /** `require`: who shows none that `ca` signed is not let in; `request`: it is asked for, and none is fine. Absent = not asked for. */
  client?: 'request' | 'require';
}

/** One of node's own: what uWebSockets.js cannot be. */
export interface NodeListenerConfig {
  /** null = `unix` is listened on. */
  port: number | null;
  host: string;
  /** Path of a Unix socket; null = a port is listened on. */
  unix: string | null;
  tls: ListenerTls | null;
  /** HTTP/2 for those that ask for it by ALPN. */
  http2: boolean;
  /** gRPC and nothing else: HTTP/2 from the first byte on, with or without TLS. */
  grpc: boolean;
  /** ms a connection may be idle between two requests. */
  keepAliveMs: number;
  /** Each connection begins with a PROXY header (v1 or v2). */
  proxyProtocol: boolean;
}

/** The chat socket, `/v1/chat/ws`. */
export interface ChatSocketConfig {
  /** Under way at once on one socket; beyond it 429. */
  maxConversations: number;
  /** ms a conversation is kept whose socket broke, and one that ended; 0 = none is. */
  resumeMs: number;
  /** Memory of one worker for what was said and may be asked for again. */
  maxKeptBytes: number;
  /** ms a ticket may be shown. */
  ticketTtlMs: number;
  /** What tickets are sealed with, where several gateways take each other's; absent = a secret of this gateway's own. */
  ticketSecret?: string;
}
