// The configuration after file, environment and defaults are merged and every secret reference is resolved.
// The primary makes it (config/load), sends it to the workers, and each worker compiles a snapshot from it.

import type { AlertsConfig } from './alerts.ts';
import type { AliasConfig, RescueConfig } from './alias-config.ts';
import type { RouteTimeouts } from './attempt-config.ts';
import type { BatchPolling } from './batch-watch.ts';
import type { CapabilityChange } from './capability.ts';
import type { CertificateRule } from './certificate-rule.ts';
import type { GuardrailConfig } from './guardrail.ts';
import type { CallerGroups } from './holder.ts';
import type { JobConfig } from './job.ts';
import type {
  CacheConfig,
  CoalesceConfig,
  IdempotencyConfig,
  ResponsesConfig,
} from './kept-answers-config.ts';
import type { LimitRule } from './limits.ts';
import type { BodyRule, LogFormat } from './log-config.ts';
import type { PluginConfig } from './plugin-config.ts';
import type { PriceChange, PriceFields } from './price.ts';
import type { ProviderConfig } from './provider-config.ts';
import type { DnsConfig, MediaFetchConfig } from './reach-config.ts';
import type { RedisConfig } from './redis-config.ts';
import type { OverloadConfig, ServerConfig } from './server-config.ts';
import type { TelemetryConfig } from './telemetry.ts';
import type { TokenIssuer } from './token-issuer.ts';

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
