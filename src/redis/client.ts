// Connections to Redis for calls that cannot wait: nothing is queued while there is no connection, nothing is sent twice,
// and whatever happens shows within 50 ms. Knows ioredis, as connectors.ts does. Reasons of each option: libraries.md 6.
import type { LookupFunction } from 'node:net';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisPlace } from '../config/redis-url.ts';
import { createNames } from '../dns/names.ts';
import { nodeLookup } from '../dns/node-lookup.ts';
import { behindReads } from '../ipc/behind-reads.ts';
import { redisConnectors } from './connectors.ts';
import { quickenStringMethods } from './string-methods.ts';

/** What went wrong, for metrics: a closed set. */
export type RedisFault =
  | 'timeout'
  | 'connection'
  | 'tls'
  | 'auth'
  | 'readonly'
  | 'memory'
  | 'loading'
  | 'cluster'
  | 'reply'
  | 'script';

export interface RedisEvents {
  /** Commands can be sent. */
  ready(): void;
  /** They cannot any more. */
  down(): void;
  /** Of the connection, not of a command. `text` holds no secret. */
  error(fault: RedisFault, text: string): void;
}

export interface RedisClientOptions {
  commandTimeoutMs: number;
  socketTimeoutMs: number;
  connectTimeoutMs: number;
  /** Longest pause between two attempts to connect. */
  maxReconnectMs: number;
  /** For connections by name; own look-ups by default. The system's would wait behind any other name that is dead. */
  lookup?: LookupFunction | undefined;
}

export interface RedisScript {
  name: string;
  lua: string;
}

export interface RedisClient {
  readonly ready: boolean;
  /** One script call; rejects with what `faultOf` tells apart. */
  run(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** The same with bytes: texts of the answer are buffers. */
  runBytes(
    script: string,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown>;
  /** A command that is no script: texts of the answer are buffers. */
  call(command: string, args: readonly (string | number | Buffer)[]): Promise<unknown>;
  close(): void;
}

type Method = (...args: (string | number | Buffer)[]) => Promise<unknown>;

class IoredisClient implements RedisClient {
  readonly #client: Redis | Cluster;
  readonly #commands = new Map<string, Method>();
  readonly #byteCommands = new Map<string, Method>();
  readonly #timeoutMs: number;
  #closed = false;

  constructor(
    place: RedisPlace,
    scripts: readonly RedisScript[],
    events: RedisEvents,
    options: RedisClientOptions,
  ) {
    this.#client = connect(place, options);
    this.#timeoutMs = options.commandTimeoutMs;
    for (const { name, lua } of scripts) {
      this.#client.defineCommand(name, { lua });
      const commands = this.#client as unknown as Record<string, Method>; // defineCommand just made it
      this.#commands.set(name, commands[name]!.bind(this.#client));
      this.#byteCommands.set(name, commands[`${name}Buffer`]!.bind(this.#client));
    }
    const say = (error: unknown): void => {
      if (!this.#closed) events.error(faultOf(error), textOf(error, place));
    };
    // Without a listener an error of the connection ends the process.
    this.#client.on('error', say);
    this.#client.on('node error', say);
    this.#client.on('sentinelError', say);
    this.#client.on('ready', () => {
      if (!this.#closed) events.ready();
    });
    for (const event of ['close', 'end']) {
      this.#client.on(event, () => {
        if (!this.#closed) events.down();
      });
    }
  }

  get ready(): boolean {
    return this.#client.status === 'ready';
  }

  run(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return this.#inTime(this.#commands.get(script)!(keys.length, ...keys, ...args));
    } catch (error) {
      return Promise.reject(error); // a Cluster with slots that nobody holds
    }
  }

  runBytes(
    script: string,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    try {
      return this.#inTime(this.#byteCommands.get(script)!(keys.length, ...keys, ...args));
    } catch (error) {
      return Promise.reject(error); // as above
    }
  }

  call(command: string, args: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return this.#inTime(this.#client.callBuffer(command, [...args]));
    } catch (error) {
      return Promise.reject(error); // as above
    }
  }

  close(): void {
    this.#closed = true;
    this.#client.disconnect();
  }

  /** The timers of ioredis run before answers that lie there are read. */
  #inTime(asked: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = behindReads(this.#timeoutMs, () => reject(new Error('Command timed out')));
      asked.then(
        (answer) => {
          late.clear();
          resolve(answer);
        },
        (error: Error) => {
          late.clear();
          reject(error);
        },
      );
    });
  }
}

function connect(place: RedisPlace, options: RedisClientOptions): Redis | Cluster {
  const retryStrategy = (times: number): number =>
    Math.min(options.maxReconnectMs, 50 * 2 ** Math.min(times, 10)) * (0.8 + 0.4 * Math.random());
  const lookup = options.lookup ?? nodeLookup(createNames());
  const connectors = redisConnectors(lookup);
  // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
  const tls = { rejectUnauthorized: true, ...(place.ca === null ? {} : { ca: place.ca }) };
  const shared = {
    ...(place.user === null ? {} : { username: place.user }),
    ...(place.password === null ? {} : { password: place.password }),
    ...(place.tls ? { tls } : {}),
    Connector: connectors.direct,
    connectionName: 'headgate',
    socketTimeout: options.socketTimeoutMs,
    connectTimeout: options.connectTimeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 500,
    // A master that became a replica: the connection, and with Sentinel the address, is out of date.
    reconnectOnError: (error: Error) => error.message.includes('READONLY'),
  } satisfies RedisOptions;
  // No auto-pipelining: what would share a pipeline shares a call (asking.ts), and one pipeline at a time would make calls
  // wait for each other.
  const hot = { enableOfflineQueue: false } satisfies RedisOptions & ClusterOptions;
  if (place.kind === 'cluster') {
    return new Cluster([...place.nodes], {
      ...hot,
      redisOptions: shared,
      dnsLookup: (host, callback) =>
        lookup(host, {}, (error, address, family) => callback(error, address as string, family)),
      clusterRetryStrategy: retryStrategy,
      clusterNodeRetryStrategy: retryStrategy,
      slotsRefreshTimeout: options.connectTimeoutMs,
      slotsRefreshInterval: 2_000,
      // A redirection is followed at once; whatever is waited for comes too late for the call.
      maxRedirections: 3,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: 5,
    });
  }
  if (place.kind === 'sentinel') {
    return new Redis({
      ...shared,
      ...hot,
      Connector: connectors.sentinel,
      retryStrategy,
      db: place.db,
      name: place.masterName!,
      sentinels: [...place.nodes],
      sentinelCommandTimeout: options.connectTimeoutMs,
      sentinelRetryStrategy: retryStrategy,
      ...(place.sentinelUser === null ? {} : { sentinelUsername: place.sentinelUser }),
      ...(place.sentinelPassword === null ? {} : { sentinelPassword: place.sentinelPassword }),
      ...(place.tls ? { sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
    });
  }
  const [{ host, port }] = place.nodes as [{ host: string; port: number }];
  return new Redis({ ...shared, ...hot, retryStrategy, host, port, db: place.db });
}

const FAULTS: readonly (readonly [RegExp, RedisFault])[] = [
  [/timed out|ETIMEDOUT|Socket timeout/, 'timeout'],
  [/CERT|[Cc]ertificate|UNABLE_TO_|_TLS_|_SSL_|EPROTO/, 'tls'],
  [/WRONGPASS|NOAUTH|NOPERM|invalid password|AUTH/, 'auth'],
  [/READONLY/, 'readonly'],
  [/OOM|MISCONF/, 'memory'],
  [/LOADING|BUSY|MASTERDOWN/, 'loading'],
  [/CLUSTERDOWN|MOVED|ASK |TRYAGAIN|CROSSSLOT|slots|redirections/i, 'cluster'],
  [
    /ECONN|EPIPE|ENOTFOUND|EAI_|EHOST|ENET|[Cc]onnection|writeable|closed|retries|unreachable|isn't ready/,
    'connection',
  ],
];

/** By the codes Redis and the system put in front of their messages; ioredis has no classes for most of them. */
export function faultOf(error: unknown): RedisFault {
  // Of several addresses that refuse, Node says no more than the code.
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? `${code} ${error.name} ${error.message}` : '';
  for (const [pattern, fault] of FAULTS) if (pattern.test(text)) return fault;
  return 'script';
}

/** For the log: an old server repeats the arguments of a refused HELLO, the password among them. */
function textOf(error: unknown, place: RedisPlace): string {
  let text = error instanceof Error ? error.message : String(error);
  if (text === '' && error instanceof Error && 'code' in error) text = String(error.code);
  text = text.replace(/, with args beginning with.*/s, '');
  for (const secret of [place.password, place.sentinelPassword]) {
    if (secret !== null) text = text.replaceAll(secret, '***');
  }
  return text.slice(0, 200);
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createRedisClient(
  place: RedisPlace,
  scripts: readonly RedisScript[],
  events: RedisEvents,
  options: RedisClientOptions,
): RedisClient {
  quickenStringMethods();
  return new IoredisClient(place, scripts, events, options);
}
