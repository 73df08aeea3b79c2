// What holds when neither file nor environment says otherwise. The schema publishes these, load.ts applies them.
// Timeouts fit reasoning models: minutes until the first token are normal.
import { DEFAULT_OFFLOAD_BYTES } from '../../body/offload-threshold.ts';
import type { BatchPolling } from '../../contracts/batch-watch.ts';
import type { ExactCachePolicy, SemanticCachePolicy } from '../../contracts/cache.ts';
import type { HedgeConfig, RescueConfig, ShadowConfig } from '../../contracts/alias-config.ts';
import type {
  BreakerConfig,
  CooldownConfig,
  RetryConfig,
  TimeoutConfig,
} from '../../contracts/attempt-config.ts';
import type {
  CoalesceConfig,
  IdempotencyConfig,
  ResponsesConfig,
} from '../../contracts/kept-answers-config.ts';
import type { ConnectionConfig, LaneConfig } from '../../contracts/provider-config.ts';
import type { OverloadConfig } from '../../contracts/server-config.ts';
import type { GuardrailConfig } from '../../contracts/guardrail.ts';
import type { HeartbeatConfig } from '../../contracts/heartbeat-config.ts';
import type { ChatSocketConfig } from '../../contracts/listener.ts';
import type { PluginConfig } from '../../contracts/plugin-config.ts';
import type { TelemetryConfig } from '../../contracts/telemetry.ts';

export const DEFAULT_SERVER = {
  port: 8080,
  threads: 1,
  maxBodyBytes: 33_554_432,
  // What OpenAI and Anthropic take of a file.
  maxUploadBytes: 536_870_912,
  maxEventBytes: 16_777_216,
  maxSocketsPerKey: 1_000,
  maxConnectionsPerAddress: 0,
  receiveBufferBytes: 196_608,
  offloadBytes: DEFAULT_OFFLOAD_BYTES,
  drainTimeoutMs: 300_000,
  preStopMs: 0,
  clientProgressMs: 30_000,
  bodyTimeoutMs: 60_000,
  watchdogMs: 8_000,
  normaliseText: false,
  ietfRateLimit: false,
} as const;

export const DEFAULT_CHAT_SOCKET = {
  maxConversations: 64,
  resumeMs: 60_000,
  maxKeptBytes: 33_554_432,
  ticketTtlMs: 60_000,
} as const satisfies ChatSocketConfig;

export const DEFAULT_HEARTBEAT: HeartbeatConfig = {
  // Idle times of balancers begin at ten seconds and are mostly a minute.
  intervalMs: 15_000,
  dialects: ['anthropic', 'openai-responses', 'gemini', 'cohere'],
  // A refusal keeps its status, which clients' retries go by.
  beforeAnswer: false,
};

/**
 * `queue` is not here: it follows the lane's concurrency unless stated. A call in flight takes some 15 KiB, so thousands
 * are no matter; a number that protects a provider is the operator's to state.
 */
export const DEFAULT_LANE = {
  concurrency: 4_096,
  queueTimeoutMs: 10_000,
  onFull: 'shed',
} as const satisfies Omit<LaneConfig, 'queue'>;

/** `concurrency: auto`. */
export const DEFAULT_AUTO = { min: 20 } as const;

const QUEUE_PER_CONCURRENCY = 3;
/** Calls that wait hold their bodies, and a longer queue of calls that take seconds only times out. */
const LONGEST_DEFAULT_QUEUE = 4_096;
export const DEFAULT_QUEUE_TEXT = `${QUEUE_PER_CONCURRENCY} × concurrency, at most ${LONGEST_DEFAULT_QUEUE}`;

/** How many calls may wait at a lane whose configuration does not say. */
export function defaultQueue(concurrency: number): number {
  return Math.min(QUEUE_PER_CONCURRENCY * concurrency, LONGEST_DEFAULT_QUEUE);
}

export const DEFAULT_TIMEOUTS = {
  connectMs: 5_000,
  headersMs: 600_000,
  firstTokenMs: 300_000,
  betweenTokensMs: 120_000,
  totalMs: 900_000,
} as const satisfies TimeoutConfig;

/** Of `minTokensPerSecond`. */
export const DEFAULT_THROUGHPUT_WINDOW_MS = 30_000;

/** A stream that says nothing for so long is dead more often than not, and waiting longer costs its client more. */
export const DEFAULT_RESCUE = { stallMs: 20_000, maxBytes: 262_144 } as const satisfies RescueConfig;

export const DEFAULT_HEDGE = { minMs: 500, budget: 0.05 } as const satisfies HedgeConfig;

export const DEFAULT_SHADOW = { concurrency: 8, budgetUsd: 10 } as const satisfies Partial<ShadowConfig>;

export const DEFAULT_GUARDRAIL = {
  action: 'block',
  mode: 'before',
  timeoutMs: 3_000,
  onError: 'closed',
  sample: 1,
  maxUnchecked: 0,
  pauseMs: 250,
  media: 'note',
  sound: 'refuse',
  status: 400,
} as const satisfies Partial<GuardrailConfig>;

export const DEFAULT_PLUGIN = {
  timeoutMs: 1_000,
  onError: 'open',
  maxErrors: 10,
  memoryMb: 128,
} as const satisfies Partial<PluginConfig>;

export const DEFAULT_RETRIES = {
  max: 2,
  backoffMs: 500,
  maxBackoffMs: 8_000,
  maxAttempts: 5,
} as const satisfies RetryConfig;

export const DEFAULT_COOLDOWN = {
  rateLimitMs: 30_000,
  overloadMs: 5_000,
  maxMs: 86_400_000,
} as const satisfies CooldownConfig;

export const DEFAULT_BREAKER = {
  failures: 5,
  openMs: 1_000,
  maxOpenMs: 20_000,
  slowStartMs: 10_000,
} as const satisfies BreakerConfig;

/** Old enough that new connections cost nothing, young enough that a new address of a name gets its share soon. */
export const DEFAULT_CONNECTIONS = { maxAgeMs: 300_000 } as const satisfies ConnectionConfig;

/** Less than a call waits for its connection: a dead name is to be told as such. */
export const DEFAULT_DNS = { timeoutMs: 3_000 } as const;

/** 20 MB is what Gemini takes inline, and Bedrock less. */
export const DEFAULT_MEDIA_FETCH = {
  enabled: false,
  maxBytes: 20 * 1024 * 1024,
  maxFiles: 20,
  timeoutMs: 10_000,
  plainHttp: false,
  privateNetworks: false,
} as const;
/**
 * Clients with the next call at hand wait for each other: 4,096 of small calls 0.2 s, 512 of calls of half a millisecond 0.26 s, with
 * half a core twice as long; none of them is to be refused. A loop that is late by half a second for seconds serves nobody well; machines
 * that are merely slow stay below it.
 */
export const DEFAULT_OVERLOAD = {
  waitMs: 500,
  loopDelayMs: 500,
  memory: 0.85,
} as const satisfies OverloadConfig;

/** Small batches are over in minutes; none may take longer than a day at OpenAI and Anthropic, and two at Google. */
export const DEFAULT_BATCHES = {
  poll: true,
  pollMs: 300_000,
  maxPollMs: 3_600_000,
  forMs: 49 * 3_600_000,
} as const satisfies BatchPolling;

/** As long as the draft's best-known users keep them. */
export const DEFAULT_IDEMPOTENCY = {
  ttlMs: 86_400_000,
  maxAnswerBytes: 1_048_576,
  maxBytes: 67_108_864,
} as const satisfies IdempotencyConfig;

export const DEFAULT_COALESCE = { routes: [], maxAnswerBytes: 4_194_304 } satisfies CoalesceConfig;

/** A day of conversations that go on; the memory is a worker's, and taken only as far as Responses are called. */
export const DEFAULT_RESPONSES = {
  store: 'auto',
  ttlMs: 86_400_000,
  maxBytes: 67_108_864,
  unknown: 'refuse',
  maxBackground: 1_000,
} as const satisfies ResponsesConfig;

/** Longer than what load balancers keep by default (60 s of AWS's and nginx's), since who closes first loses the request. */
export const DEFAULT_LISTENER = {
  http2: false,
  grpc: false,
  keepAliveMs: 75_000,
  proxyProtocol: false,
} as const;
export const DEFAULT_REQUEST_LOG = {
  enabled: true,
  retentionDays: 30,
  bodyRetentionDays: 7,
  ledgerRetentionDays: 400,
  spoolMaxBytes: 268_435_456,
  maxBodyBytes: 65_536,
} as const;
/** A receiver that is away for a minute or ten loses nothing, and one that never comes costs some 10 MB. */
export const DEFAULT_CALLBACK = {
  outcomes: ['ok', 'error', 'cancelled'],
  content: false,
  batchCalls: 100,
  waitMs: 1_000,
  maxRows: 10_000,
  timeoutMs: 10_000,
  patienceMs: 600_000,
  langfuseUrl: 'https://cloud.langfuse.com',
} as const;
export const DEFAULT_LOG_EXPORT = {
  region: 'us-east-1',
  prefix: 'headgate',
  hourly: true,
  delayMs: 600_000,
} as const;
/** Of one worker. */
export const DEFAULT_CACHE_BYTES = 67_108_864;
/** For models that it is on for: as long as people read an answer before they ask again, and no caller hears another's. */
export const DEFAULT_EXACT_CACHE = {
  ttlMs: 300_000,
  staleMs: 0,
  jitter: 0.1,
  maxEntryBytes: 1_048_576,
  scope: 'key',
  sampled: false,
  several: false,
  truncated: false,
  replay: 'at_once',
  shared: true,
} as const satisfies ExactCachePolicy;

/** Of one worker: some 5 MB with the built-in vectors of 64 numbers, 60 MB with 1,536. */
export const DEFAULT_CACHE_ENTRIES = 10_000;
export const DEFAULT_SEMANTIC_CACHE = {
  embedding: 'builtin',
  threshold: 0.92,
  scope: 'key',
  ttlMs: 300_000,
  maxMessages: 1,
  timeoutMs: 300,
  judge: null,
} as const satisfies SemanticCachePolicy;

/** As an embedding service has, before a miss. */
export const DEFAULT_VECTORS = { collection: 'headgate_questions', timeoutMs: 300 } as const;

/** Whom nothing is said of: on, beside what runs, on the port that is open anyway. */
export const DEFAULT_OIDC = {
  label: 'Sign in with SSO',
  scopes: ['profile', 'email'],
  claims: { name: 'preferred_username', email: 'email', roles: 'groups', teams: null },
  users: 'create',
  only: false,
} as const;

export const DEFAULT_EDGE = { certificates: false } as const;

export const DEFAULT_ADMIN = {
  enabled: true,
  host: '127.0.0.1',
  dataDir: '.headgate',
  litellm: false,
} as const;

/** What backends read today; a minute is what the conventions' own exporters take. */
export const DEFAULT_TELEMETRY = {
  timeoutMs: 10_000,
  serviceName: 'headgate',
  names: 'v1.41',
  traces: { enabled: true, sampleRatio: 1, parent: 'follow', propagate: true, content: false },
  metrics: { intervalMs: 60_000 },
} as const satisfies Omit<TelemetryConfig, 'endpoint' | 'headers' | 'resource'>;

export const DEFAULT_LOG = { level: 'info', access: true, format: 'auto' } as const;

/** 50 ms are some fifty round trips inside a data centre. */
export const DEFAULT_REDIS = { mode: 'lease', onFailure: 'open', timeoutMs: 50 } as const;

/** How far the clocks of those who issue tokens may differ from ours. */
export const DEFAULT_TOKEN_LEEWAY_MS = 30_000;
