// One provider as it is configured: its lane, its connections, its keys, and all that the gateway knows of it.
import type { BreakerConfig, CooldownConfig, RetryConfig, TimeoutConfig } from './attempt-config.ts';
import type { AwsCredentials, CredentialConfig } from './credential.ts';
import type { GrpcConfig } from './grpc-provider.ts';
import type { LoadSignalConfig } from './load-signal.ts';
import type { Endpoints, ProviderQuirks, Spoken } from './provider.ts';

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
  /** Base URL of the storage where its batch jobs leave their answers, which may be read there with its keys; absent = they may not. */
  batchStorage?: string;
  /** `auto`: cache marks are put into prompts that have none, where its vendor wants to be told. Absent: not. */
  promptCache?: 'auto';
  quirks: ProviderQuirks;
  /** Operations it serves beside chat; absent = all that its dialects have. */
  endpoints?: Endpoints;
}
