// Fakes for tests of the primary: a clock that is set, a log that remembers, workers that are plain objects, and a
// configuration.
import {
  DEFAULT_CHAT_SOCKET,
  DEFAULT_COALESCE,
  DEFAULT_HEARTBEAT,
  DEFAULT_IDEMPOTENCY,
  DEFAULT_MEDIA_FETCH,
} from '../src/config/schema/defaults.ts';
import { buildRequestLog } from '../src/config/request-log.ts';
import type { AdminConfig } from '../src/contracts/admin.ts';
import type { Config } from '../src/contracts/config.ts';
import type { ToPrimary, ToWorker } from '../src/contracts/ipc.ts';
import type { Log, LogFields } from '../src/observability/log.ts';
import { makeProvider } from '../tests/kit/provider-config.ts';
import type { ForkWorker } from './crew/worker-process.ts';

export interface FakeClock {
  time: number;
  now(): number;
  wall(): number;
}

export function fakeClock(): FakeClock {
  return {
    time: 0,
    now() {
      return this.time;
    },
    wall() {
      return this.time;
    },
  };
}

export interface LogLine {
  level: string;
  fields: LogFields;
  message: string;
}

export function fakeLog(lines: LogLine[] = []): Log & { lines: LogLine[] } {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void =>
      void lines.push({ level, fields, message });
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: () => fakeLog(lines),
  };
}

/** A forked worker under the test's control. */
export interface FakeWorker {
  index: number;
  /** What it was to run (ForkWorker). */
  wanted: string | null | undefined;
  got: ToWorker[];
  killed: boolean;
  say(message: ToPrimary): void;
  /** hello and listening, as a worker that starts well. */
  serve(): void;
  exit(code: number | null, signal?: string): void;
}

export function fakeFork(): { fork: ForkWorker; workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const fork: ForkWorker = (index, events, wanted) => {
    const worker: FakeWorker = {
      index,
      wanted,
      got: [],
      killed: false,
      say: (message) => events.onMessage(message),
      serve() {
        events.onMessage({ t: 'hello', index, pid: 1000 + workers.length });
        events.onMessage({ t: 'listening', port: 1 });
      },
      exit: (code, signal) => events.onExit(code, signal ?? null),
    };
    workers.push(worker);
    return {
      pid: 1000 + workers.length,
      program: wanted ?? (wanted === null ? `newest.${workers.length}` : 'own'),
      send: (message) => void worker.got.push(message),
      kill() {
        worker.killed = true;
        events.onExit(null, 'SIGKILL');
      },
    };
  };
  return { fork, workers };
}

/** A configuration as the loader makes it; `change` edits a fresh copy. */
export function makeConfig(change: (config: Config) => void = () => undefined): Config {
  const config: Config = {
    server: {
      port: 8080,
      host: '127.0.0.1',
      workers: 2,
      threads: 1,
      maxBodyBytes: 1000,
      maxUploadBytes: 1000,
      maxEventBytes: 100_000,
      maxSocketsPerKey: 1_000,
      maxConnectionsPerAddress: 0,
      receiveBufferBytes: 0,
      offloadBytes: 1000,
      drainTimeoutMs: 60_000,
      preStopMs: 0,
      clientProgressMs: 30_000,
      bodyTimeoutMs: 30_000,
      watchdogMs: 10_000,
      corsOrigins: [],
      chatSocket: DEFAULT_CHAT_SOCKET,
      heartbeat: DEFAULT_HEARTBEAT,
      normaliseText: false,
      ietfRateLimit: false,
    },
    log: { level: 'info', access: true, format: 'json', bodies: [] },
    auth: { anonymous: false },
    timeouts: { routes: {} },
    providers: [
      makeProvider('openai', {
        lane: { concurrency: 10, queue: 30, queueTimeoutMs: 1000, onFull: 'shed' },
      }),
    ],
    models: {},
    capabilities: {},
    rescue: { stallMs: 20_000, maxBytes: 262_144 },
    limits: [],
    redis: null,
    dns: { servers: [], timeoutMs: 3_000 },
    mediaFetch: { ...DEFAULT_MEDIA_FETCH },
    responses: { store: 'auto', ttlMs: 60_000, maxBytes: 1_000_000, unknown: 'refuse', maxBackground: 10 },
    overload: { waitMs: 0, loopDelayMs: 0, memory: 0 },
    idempotency: { ...DEFAULT_IDEMPOTENCY },
    coalesce: { ...DEFAULT_COALESCE },
    notes: [],
  };
  change(config);
  return config;
}

/** How a gateway is administered that nothing was said of. */
export function makeAdmin(over: Partial<AdminConfig> = {}): AdminConfig {
  return {
    enabled: true,
    port: null,
    host: '127.0.0.1',
    dataDir: '/nowhere/headgate',
    databaseUrl: null,
    masterKey: null,
    litellm: false,
    oidc: null,
    edge: { oidc: null, certificates: false, team: null },
    log: buildRequestLog({}, { env: {}, report: () => undefined, secret: () => undefined }),
    ...over,
  };
}
