// The configuration after file, environment and defaults are merged and every secret reference is resolved.
// The primary makes it (config/load), sends it to the workers, and each worker compiles a snapshot from it.

import type { BatchPolling } from './batch-watch.ts';
import type { CertificateRule } from './certificate-rule.ts';
import type { CachePolicy } from './cache.ts';
import type { CapabilityChange } from './capability.ts';
import type { AwsCredentials, CredentialConfig } from './credential.ts';
import type { GrpcConfig } from './grpc-provider.ts';
import type { HeartbeatConfig } from './heartbeat-config.ts';
import type { GuardrailConfig } from './guardrail.ts';
import type { PluginConfig } from './plugin-config.ts';
import type { CallerGroups } from './holder.ts';
import type { LimitRule } from './limits.ts';
import type { LoadSignalConfig } from './load-signal.ts';
import type { JobConfig } from './job.ts';
import type { ChatSocketConfig, NodeListenerConfig } from './listener.ts';
import type { PriceChange, PriceFields } from './price.ts';
import type { Endpoints, ProviderQuirks, Spoken } from './provider.ts';
import type { Strategy } from './strategy.ts';
import type { AlertsConfig } from './alerts.ts';
import type { TelemetryConfig } from './telemetry.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { VectorsConfig } from './vectors.ts';

/** What `concurrency: auto` keeps to, for the whole gateway. */
export interface AutoConcurrency {
  /** Never fewer calls. */
  min: number;
  /** Requests a second that the provider allows, as the limits say; absent = they do not. */
  ratePerS?: number;
}

/** Gateway-wide numbers of one provider's lane; each worker holds a share. */
export interface LaneConfig {
  /** Calls in flight; with `auto` the most of them. */
  concurrency: number;
  /** As many as the provider takes without becoming slower is found out; absent = `concurrency` is the number. */
  auto?: AutoConcurrency;
  /** Calls that may wait. */
  queue: number;
  queueTimeoutMs: number;
  /** `shed`: full means an immediate 503. `block`: wait for a place, without limit of the queue, until queueTimeoutMs. */
  onFull: 'shed' | 'block';
}

/** Clocks of one attempt, in ms; 0 = off. */
export interface TimeoutConfig {
  connectMs: number;
  /** Request sent -> response head, for streams. A non-streaming call waits up to totalMs unless this is lower and was set. */
  headersMs: number;
  firstTokenMs: number;
  betweenTokensMs: number;
  /** Least content events a second of a stream, over the last `throughputWindowMs`; absent or 0 = off. */
  minTokensPerSecond?: number;
  /** Over what time the floor is measured; absent = 30 s. */
  throughputWindowMs?: number;
  /** Arrival of the request -> last byte. */
  totalMs: number;
}

export interface RetryConfig {
  /** Further attempts per target after the first. */
  max: number;
  /** First back-off, doubled each time up to maxBackoffMs. */
  backoffMs: number;
  maxBackoffMs: number;
  /** All attempts of one request over all targets. */
  maxAttempts: number;
}

/** How long a model of a provider that says "not now" is passed by while its callers have another target, in ms. */
export interface CooldownConfig {
  /** After a 429 that states no time and that no other key helps with. */
  rateLimitMs: number;
  /** After a 503 or 529 that states no time, once the target's own retries are spent. */
  overloadMs: number;
  /** Longest of all, stated times included; 0 = never. */
  maxMs: number;
}

/** When a model of a provider that fails is passed by, by callers with another target. Times in ms. */
export interface BreakerConfig {
  /** Failures that open its circuit: so many in a row, or so many more than there were answers; 0 = never. */
  failures: number;
  /** First pause before a call tries it again; doubled with each that fails. */
  openMs: number;
  maxOpenMs: number;
  /** Closed again it gets a growing part of its calls for so long; 0 = all of them at once. */
  slowStartMs: number;
}

/** Connections of one provider on one worker. */
export interface ConnectionConfig {
  /** An older one carries no further call; 0 = any age. */
  maxAgeMs: number;
}

/** Whom a provider over TLS is to be trusted by, and who we are to it. All PEM. */
export interface ProviderTls {
  /** The only authorities to trust, in place of the well-known ones. */
  ca?: string;
  cert?: string;
  key?: string;
  /** Asked for and checked in place of the host's name. */
  serverName?: string;
}

/** Look-ups of names. */
export interface DnsConfig {
  /** `address` or `address:port`; empty = those of resolv.conf. */
  servers: string[];
  /** Longest wait for a name. */
  timeoutMs: number;
}

/** Files fetched for providers that take bytes alone. */
export interface MediaFetchConfig {
  enabled: boolean;
  /** Of all files of a request. */
  maxBytes: number;
  maxFiles: number;
  timeoutMs: number;
  plainHttp: boolean;
  /** Hosts of private networks too. */
  privateNetworks: boolean;
}

export interface ProviderKeyConfig {
  /** Of a key pair its secret; of a credential that expires its id, which is none. */
  value: string;
  /** It signs requests, and is never sent. */
  aws?: AwsCredentials;
  /** It expires and is renewed: what is sent or signs stands in the worker's book (contracts/credential.ts). */
  credential?: CredentialConfig;
  weight: number;
  /** Models this key may be used for; empty = all. `*` at the end matches any rest. */
  models: string[];
  /** Name in logs and metrics; never the value. */
  alias: string;
  /** Of the vendor, whose the key is; absent = the one of all keys without. */
  organization?: string;
}

export interface ProviderConfig {
  name: string;
  /** Name of the record it follows; absent = none. */
  vendor?: string;
  /** Preferred first; never empty. */
  speaks: readonly Spoken[];
  /** Empty for the built-in demo. A query goes with every request. */
  baseUrl: string;
  /** What its address does not say: requests to AWS are signed for it, and prices go by it. */
  region?: string;
  kind: 'http' | 'demo' | 'grpc';
  /** It says how busy it is; absent = it is not asked. */
  load?: LoadSignalConfig;
  /** Of kind `grpc`: how it is asked. */
  grpc?: GrpcConfig;
  /** It gets the callers' own credentials, and has none of ours. */
  passthrough?: true;
  keys: ProviderKeyConfig[];
  /** Declared model names or patterns; `*` = any. */
  models: string[];
  /** False when `models` are only the patterns of the known record. */
  modelsDeclared: boolean;
  /** Extra request headers to this provider. */
  headers: Record<string, string>;
  lane: LaneConfig;
  /** Absent: as the client has it by itself. */
  connections?: ConnectionConfig;
  /** URL of the forward proxy on the way, perhaps with user and password; absent = none. */
  proxy?: string;
  tls?: ProviderTls;
  timeouts: TimeoutConfig;
  retries: RetryConfig;
  cooldown: CooldownConfig;
  breaker: BreakerConfig;
  /** `auto`: cache marks are put into prompts that have none, where its vendor wants to be told. Absent: not. */
  promptCache?: 'auto';
  quirks: ProviderQuirks;
  /** Operations it serves beside chat; absent = all that its dialects have. */
  endpoints?: Endpoints;
}

/**
 * What becomes of a stream that breaks after its client has seen part of it. `resume`: another target, or the same one once
 * more, goes on with it, else it ends in an error event; `error`: an error event, also when it stands still; `off`: an
 * error event once the ordinary clocks run out.
 */
export type RescuePolicy = 'resume' | 'error' | 'off';

export interface RescueConfig {
  /** Absent: `resume` where the call has another target, else `off`. */
  policy?: RescuePolicy;
  /** A stream that stands still for so long is broken, whatever `betweenTokensMs` says; 0 = it alone counts. */
  stallMs: number;
  /** What is kept of a stream to go on from; a longer one is not gone on with. */
  maxBytes: number;
}

/** Failures that a fallback may be for. */
export const FALLBACK_KINDS = ['error', 'rate_limit', 'context_window', 'content_policy', 'timeout'] as const;
export type FallbackKind = (typeof FALLBACK_KINDS)[number];

/** A target for certain failures of those before it. */
export interface FallbackRule {
  on: FallbackKind[];
  /** `provider/model` or an alias. */
  to: string;
}

export interface RouteTimeouts {
  /** Per client route, e.g. `/v1/chat/completions`. */
  [route: string]: Partial<TimeoutConfig>;
}

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

/** Where the counters of the limits live when several gateways share them. */
export interface RedisConfig {
  url: string;
  /** `lease`: workers take batches; `strict`: one script call a request. */
  mode: 'lease' | 'strict';
  /** What limited calls meet while Redis cannot be asked. */
  onFailure: 'open' | 'closed';
  /** ms a call waits for Redis, 50 if absent; the other deadlines follow from it. */
  timeoutMs?: number;
  /** PEM of the authorities to trust in place of the well-known ones. */
  ca?: string;
}

/** What the gateway keeps of Responses, so that later turns can build on them. */
export interface ResponsesConfig {
  /** `auto`: in Redis where one is configured, else in the memory of the worker. `off`: nothing. */
  store: 'auto' | 'memory' | 'off';
  /** How long a turn is kept. */
  ttlMs: number;
  /** Memory of one worker for it. */
  maxBytes: number;
  /** An id that is not known here: `refuse` with a 404, or `pass` it to an upstream that keeps responses. */
  unknown: 'refuse' | 'pass';
  /** Responses that run in the background at once, on one worker. */
  maxBackground: number;
}

/** Answers that are given again to the same Idempotency-Key. */
export interface IdempotencyConfig {
  /** How long; 0 = the header is not looked at. */
  ttlMs: number;
  /** A longer answer is not given again. */
  maxAnswerBytes: number;
  /** Memory of the gateway for such answers, where no Redis keeps them. */
  maxBytes: number;
}

/** Equal requests under way that share one upstream call. */
export interface CoalesceConfig {
  /** Client routes whose requests do; any other may ask for it by header. */
  routes: string[];
  /** Beyond so much of an answer nobody joins it any more. */
  maxAnswerBytes: number;
}

/** Whose bodies are kept in the request log. */
export interface BodyRule {
  /** Patterns of names of keys; null = all. */
  keys: string[] | null;
  /** Patterns of routes; null = all. */
  routes: string[] | null;
  /** Of each body. */
  maxBytes: number;
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

/** How log lines are written: `auto` is readable on a terminal and JSON elsewhere. */
export type LogFormat = 'auto' | 'json' | 'pretty';

/** Kept answers: of all models that say nothing of their own. */
export interface CacheConfig extends CachePolicy {
  /** Memory of one worker. */
  maxBytes: number;
  /** Questions one worker finds by likeness. */
  maxEntries: number;
  /** Where questions are looked for instead of the memory of workers; null = nowhere else. */
  vectors: VectorsConfig | null;
  /** Whose ways to say what `x-headgate-cache` says are understood too. */
  spellings: readonly ('bifrost' | 'litellm')[];
}

/** A second attempt beside one whose first token is late. */
export interface HedgeConfig {
  /** Never before so many ms behind the sending, whatever the model's own p95 says. */
  minMs: number;
  /** Part of the calls that may have one, 0 to 1. */
  budget: number;
}

/** Copies of calls to another model, for nobody to hear. */
export interface ShadowConfig {
  /** `provider/model` or an alias. */
  to: string;
  /** Of the calls, 0 to 100. */
  percent: number;
  /** Copies under way at once, for the whole gateway. */
  concurrency: number;
  /** Of a day (UTC). */
  budgetUsd: number;
}

/** Where some of an alias's sessions go. */
export interface SplitArm {
  /** `provider/model` or an alias. */
  to: string;
  /** Of the sessions, 0 to 100. */
  percent: number;
}

export interface AliasConfig {
  /** `provider/model`; the order is the fallback order, or how those are listed that a strategy chooses from. */
  targets: string[];
  /** One for each target, where they are stated. */
  weights?: number[];
  /** `order` if absent. */
  strategy?: Strategy;
  /** What holds here in sum; absent = as everywhere. */
  cache?: CachePolicy;
  capabilities?: CapabilityChange;
  fallbacks?: FallbackRule[];
  /** Hold the head of a stream until its first content, also with one target. */
  gate?: boolean;
  rescue?: RescuePolicy;
  /** Absent: nothing is asked twice. */
  hedge?: HedgeConfig;
  /** Absent: nothing is copied. */
  shadow?: ShadowConfig;
  /** Absent: all go to `targets`. Its percentages make 100 at most. */
  split?: SplitArm[];
}

export interface Config {
  server: ServerConfig;
  log: { level: string; access: boolean; format: LogFormat; bodies: BodyRule[] };
  /**
   * The keys themselves are no part of it: contracts/directory.ts. `anonymous`: calls without a known one are served.
   * `customerHeader`: header that names the end user of a call, in lower case.
   */
  auth: { anonymous: boolean; customerHeader?: string };
  /** Issuers whose tokens are taken for keys, and what their holders may belong to; absent = none. */
  jwt?: { issuers: TokenIssuer[]; groups: CallerGroups };
  /** Certificates that are taken for keys, and what their holders may belong to; absent = none. */
  mtls?: { rules: CertificateRule[]; groups: CallerGroups };
  timeouts: { routes: RouteTimeouts };
  providers: ProviderConfig[];
  /** Aliases by public name. */
  models: Record<string, AliasConfig>;
  rescue: RescueConfig;
  /** What the file says of models: `provider/model`, or the beginning of such a name with `*` -> what differs from the table. */
  capabilities: Record<string, CapabilityChange>;
  /** Prices of the file, USD by LiteLLM's field names: `provider/model`, or the beginning of such a name with `*`. Absent: none. */
  prices?: Readonly<Record<string, PriceFields>>;
  /** Prices that hold from a time on, in the order of it. Absent: none. */
  priceChanges?: readonly PriceChange[];
  /** Answers whose usage tells what they cost, by patterns (null = any); absent = those alone whose request asks for it. */
  usageCost?: { readonly keys: readonly string[] | null; readonly routes: readonly string[] | null };
  /** Calls under a budget whose model has no known price; absent = refused. */
  unknownPrice?: 'refuse' | 'allow';
  /** Whom budgets tell of their marks; absent = the log and the metrics alone. */
  alerts?: AlertsConfig;
  /** Every limit, one dimension each, in the order of the file; those of its single keys come last. */
  limits: LimitRule[];
  /** Some key of the store has limits or budgets, which come with it (Principal.rules). Absent: none has. */
  keyRules?: boolean;
  /** Those of aliases, keys and groups among them, each with its `when`. Absent: none. */
  guardrails?: readonly GuardrailConfig[];
  /** Placeholders of redacted values are made with it; absent = with what `guardrails` are compiled by otherwise. */
  guardrailSecret?: string;
  /** In the order in which they are asked. Absent: none. */
  plugins?: readonly PluginConfig[];
  /** Null: the primary owns the counters. */
  redis: RedisConfig | null;
  dns: DnsConfig;
  mediaFetch: MediaFetchConfig;
  responses: ResponsesConfig;
  /** Absent: nothing is kept for any model. */
  cache?: CacheConfig;
  overload: OverloadConfig;
  /** Absent: as the defaults say. */
  batches?: BatchPolling;
  idempotency: IdempotencyConfig;
  coalesce: CoalesceConfig;
  /** Routes of the operator's own; absent = none. */
  operations?: readonly JobConfig[];
  /** Absent = neither traces nor metrics are sent anywhere. */
  telemetry?: TelemetryConfig;
  /** Where each came from and what was noticed, for the start-up text (no secrets). */
  notes: string[];
}
