// A provider as a record: what the gateway knows of it before any configuration.
import type { DialectName } from './dialect-name.ts';
import type { OperationName } from './operation.ts';

/**
 * How the provider takes its key. `aws`: a key pair signs each request (SigV4), any other key goes as Bearer.
 */
export type ProviderAuth =
  | { kind: 'bearer' }
  | { kind: 'header'; name: string }
  | { kind: 'aws' }
  | { kind: 'none' };

export interface ProviderQuirks {
  /** Understands `stream_options.include_usage`. */
  streamUsage: boolean;
  /** Knows only `max_tokens`, not `max_completion_tokens`. */
  legacyMaxTokens: boolean;
}

/** A dialect that a provider speaks. */
export interface Spoken {
  readonly dialect: DialectName;
  /** Below the base URL, for a provider whose dialects live under different paths: '' or `/v1`. */
  readonly path: string;
  readonly auth: ProviderAuth;
}

/** Where a provider has an operation, as far as its dialect does not say it. */
export interface Endpoint {
  /** In place of the codec's address, below the base URL. */
  readonly path?: string;
}

/** Operations that a provider serves beside chat. */
export type Endpoints = Readonly<Partial<Record<OperationName, Endpoint>>>;

export interface ProviderRecord {
  name: string;
  /** Preferred first; never empty. A client's own is taken where it is here, so that nothing is translated for nothing. */
  speaks: readonly Spoken[];
  /** As the vendor's SDK takes it: openai-chat with /v1, anthropic without. `{region}` stands for the configured region. */
  baseUrl: string;
  /** Environment variables that hold a key, first found wins. */
  keyEnv: readonly string[];
  /** Those of a key pair of AWS. It is taken where the provider is configured, and turns none on: most have one for other ends. */
  pairEnv?: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** Names of its models when the configuration states none; `*` at the end matches any rest. */
  modelPatterns: readonly string[];
  /** Some models it is known to have, listed only as long as its own list could not be read. */
  usualModels?: readonly string[];
  quirks: ProviderQuirks;
  /** Absent: not known, so that all are tried which its dialects have. */
  endpoints?: Endpoints;
}
