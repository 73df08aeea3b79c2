// The schema of `server`.

import { DEFAULT_SERVER } from './defaults.ts';
import { chatSocket } from './chat-socket.ts';
import { heartbeat } from './heartbeat.ts';
import { listeners } from './listeners.ts';
import { duration, flag, integer, strict } from './parts.ts';
import Type from './type.ts';

/** The listener and the processes behind it. */
export const server = Type.Object(
  {
    port: integer(0, 65_535, {
      description: 'Port to listen on; 0 = any free one.',
      default: DEFAULT_SERVER.port,
      'x-env': 'HEADGATE_PORT',
    }),
    host: Type.Optional(
      Type.String({
        pattern: '^([A-Za-z0-9.:_-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])$',
        'x-expected': 'an address or a host name',
        description: 'Address to listen on. Without API keys only loopback is used, whatever this says.',
        'x-default': '`0.0.0.0` with keys, else `127.0.0.1`',
        'x-env': 'HEADGATE_HOST',
      }),
    ),
    workers: integer(1, 512, {
      description: 'Worker processes.',
      'x-default': 'cores available, whole ones of a CPU quota',
      'x-env': 'HEADGATE_WORKERS',
    }),
    threads: integer(0, 64, {
      description: 'Threads per worker for large bodies; 0 = everything inline.',
      default: DEFAULT_SERVER.threads,
      'x-env': 'HEADGATE_THREADS',
    }),
    maxBodyBytes: integer(1, 1_073_741_824, {
      description: 'Largest request body; beyond it 413.',
      default: DEFAULT_SERVER.maxBodyBytes,
      'x-env': 'HEADGATE_MAX_BODY_BYTES',
    }),
    maxSocketsPerKey: integer(1, 1_000_000, {
      description: 'WebSockets of one key that one worker holds at once; beyond them 429.',
      default: DEFAULT_SERVER.maxSocketsPerKey,
      'x-env': 'HEADGATE_MAX_SOCKETS_PER_KEY',
    }),
    maxConnectionsPerAddress: integer(0, 1_000_000, {
      description:
        'Connections that one client address may have open at once, at all workers (of a listener of `node`: at each). A request on one beyond them gets a 429 and its connection is closed; one beyond twice as many is closed as it comes. Connections of `trustedProxies` are not counted. 0 = as many as it likes.',
      default: DEFAULT_SERVER.maxConnectionsPerAddress,
      'x-env': 'HEADGATE_MAX_CONNECTIONS_PER_ADDRESS',
    }),
    receiveBufferBytes: integer(0, 67_108_864, {
      description:
        'How much of a connection to the first listener the system may hold unread (SO_RCVBUF). A worker takes so much of one client before it looks at the next: from 256 KB on an upload on a fast network holds up the others. An upload comes at no more than about this a round trip. 0 = as the system has it.',
      default: DEFAULT_SERVER.receiveBufferBytes,
      'x-env': 'HEADGATE_RECEIVE_BUFFER_BYTES',
    }),
    maxUploadBytes: integer(1, 17_179_869_184, {
      description:
        'Largest body of a route that hands it on while it comes (files, audio, passthrough); beyond it 413.',
      default: DEFAULT_SERVER.maxUploadBytes,
      'x-env': 'HEADGATE_MAX_UPLOAD_BYTES',
    }),
    maxEventBytes: integer(65_536, 134_217_728, {
      description:
        "Largest event of a provider's stream, such as one that holds a picture; beyond it the stream ends with an error. Unfinished events of all streams of a worker share 128 MiB.",
      default: DEFAULT_SERVER.maxEventBytes,
      'x-env': 'HEADGATE_MAX_EVENT_BYTES',
    }),
    offloadBytes: integer(0, 1_073_741_824, {
      description: 'Bodies larger than this are validated and translated in a thread.',
      default: DEFAULT_SERVER.offloadBytes,
      'x-env': 'HEADGATE_OFFLOAD_BYTES',
    }),
    drainTimeoutMs: duration({
      description: 'How long running streams may go on after SIGTERM.',
      default: DEFAULT_SERVER.drainTimeoutMs,
      'x-env': 'HEADGATE_DRAIN_TIMEOUT_MS',
    }),
    preStopMs: duration({
      description: 'Between readiness going red and the listeners closing.',
      default: DEFAULT_SERVER.preStopMs,
      'x-env': 'HEADGATE_PRE_STOP_MS',
    }),
    clientProgressMs: duration(
      {
        description: 'A client that takes no byte for so long is cut off.',
        default: DEFAULT_SERVER.clientProgressMs,
        'x-env': 'HEADGATE_CLIENT_PROGRESS_MS',
      },
      100,
    ),
    bodyTimeoutMs: duration(
      {
        description: 'A request body must have arrived whole after so long.',
        default: DEFAULT_SERVER.bodyTimeoutMs,
        'x-env': 'HEADGATE_BODY_TIMEOUT_MS',
      },
      100,
    ),
    watchdogMs: duration(
      {
        description: 'A worker whose event loop stands still for so long is ended and replaced.',
        default: DEFAULT_SERVER.watchdogMs,
        'x-env': 'HEADGATE_WATCHDOG_MS',
      },
      1000,
    ),
    metricsKey: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8192,
        'x-secret': true,
        'x-env': 'HEADGATE_METRICS_KEY',
        'x-default': 'none: `/metrics` answers everybody who reaches the port',
        description:
          'Key that `/metrics` asks for, as Bearer or as the password of Basic. Keys of callers do not open it.',
      }),
    ),
    corsOrigins: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^(\\*|loopback|https?://[A-Za-z0-9.\\[\\]:_-]+)$',
          'x-expected': '`*`, `loopback`, or an origin such as https://app.example.com',
        }),
        {
          description:
            'Pages that may call from a browser: `*`, `loopback` (served from this machine), or origins.',
          'x-default': '`*` when keys are required, else `loopback`',
          'x-env': 'HEADGATE_CORS_ORIGINS',
        },
      ),
    ),
    trustedProxies: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[0-9A-Fa-f.:/]{1,50}$',
          'x-expected': 'an address, or a network such as `10.0.0.0/8`',
        }),
        {
          description:
            'Proxies in front whose word on the address of a caller counts: `X-Forwarded-For`, PROXY protocol v2.',
          'x-default': 'none: the address of the socket',
          'x-env': 'HEADGATE_TRUSTED_PROXIES',
        },
      ),
    ),
    listeners,
    chatSocket,
    heartbeat,
    normaliseText: flag({
      description: 'Text of requests to Unicode NFC, `\\n` line ends, no control characters.',
      default: DEFAULT_SERVER.normaliseText,
      'x-env': 'HEADGATE_NORMALISE_TEXT',
    }),
    ietfRateLimit: flag({
      description: "Answers to limited keys also carry the IETF draft's `RateLimit` and `RateLimit-Policy`.",
      default: DEFAULT_SERVER.ietfRateLimit,
      'x-env': 'HEADGATE_IETF_RATELIMIT',
    }),
  },
  { ...strict, description: 'The listener and the processes behind it.' },
);
