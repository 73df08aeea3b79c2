// A provider as a record: what the gateway knows of it before any configuration.
import type { DialectName } from './dialect-name.ts';

/** How the provider takes its key. */
export type ProviderAuth = { kind: 'bearer' } | { kind: 'header'; name: string } | { kind: 'none' };

export interface ProviderQuirks {
  /** Understands `stream_options.include_usage`. */
  streamUsage: boolean;
  /** Knows only `max_tokens`, not `max_completion_tokens`. */
  legacyMaxTokens: boolean;
}

export interface ProviderRecord {
  name: string;
  dialect: DialectName;
  /** As the vendor's SDK takes it: openai-chat with /v1, anthropic without. */
  baseUrl: string;
  auth: ProviderAuth;
  /** Environment variables that hold a key, first found wins. */
  keyEnv: readonly string[];
  /** Names of its models when the configuration states none; `*` at the end matches any rest. */
  modelPatterns: readonly string[];
  quirks: ProviderQuirks;
}
