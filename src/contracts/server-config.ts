// What the process itself keeps to: where it listens, how large what it takes may be, and when it takes no more.
import type { HeartbeatConfig } from './heartbeat-config.ts';
import type { ChatSocketConfig, NodeListenerConfig } from './listener.ts';

export interface ServerConfig {
  port: number;
  host: string;
  workers: number;
  /** piscina threads per worker; 0 = everything inline. */
  threads: number;
  maxBodyBytes: number;
  /** Largest body that is handed on while it comes. */
  maxUploadBytes: number;
  /** Largest event of an upstream's stream. */
  maxEventBytes: number;
  /** WebSockets of one key that one worker holds at once. */
  maxSocketsPerKey: number;
  /** Connections of one client address open at once; 0 = no cap. */
  maxConnectionsPerAddress: number;
  /** SO_RCVBUF of clients' connections, bytes; 0 = as the system has it. */
  receiveBufferBytes: number;
  offloadBytes: number;
  drainTimeoutMs: number;
  preStopMs: number;
  /** A client that takes no byte for so long is cut off. */
  clientProgressMs: number;
  /** Whole body must have arrived after so long. */
  bodyTimeoutMs: number;
  /** Event loop of a worker standing still for so long: the primary ends it. */
  watchdogMs: number;
  /** What a scrape of /metrics presents; absent = they are open. */
  metricsKey?: string;
  /** Addresses and networks of proxies whose word on the address of a caller counts; absent = none. */
  trustedProxies?: string[];
  /** `*` or origins; `loopback` = only pages served from this machine. */
  corsOrigins: string[];
  /** Unicode NFC, line endings, control characters in text. */
  normaliseText: boolean;
  /** Beside the one of `host` and `port`; absent = none. */
  listeners?: NodeListenerConfig[];
  chatSocket: ChatSocketConfig;
  heartbeat: HeartbeatConfig;
  /** Answers also carry the IETF draft's `RateLimit` and `RateLimit-Policy`. */
  ietfRateLimit: boolean;
}

/** When a worker refuses calls because it cannot keep up; 0 = never. */
export interface OverloadConfig {
  /** What is taken would wait so long for its core. */
  waitMs: number;
  /** Event loop late by so much: the first of three steps. */
  loopDelayMs: number;
  /** Part of the container's memory: the first of three steps. */
  memory: number;
}
