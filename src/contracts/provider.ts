// A provider as a record: what the gateway knows of it before any configuration.
import type { ClientHabits } from './client-habits.ts';
import type { DialectName } from './dialect-name.ts';
import type { GrpcProtocolName } from './grpc-provider.ts';
import type { Hosted } from './hosted.ts';
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
  /** Keeps responses and takes `previous_response_id`; absent = no. */
  keepsResponses?: boolean;
  /** Inputs that one request for embeddings may have there; more go as several. Absent: as its dialect's vendor has it. */
  embeddingInputs?: number;
  /** Fills in the middle by a route of its own (`/fim/completions`), as Mistral does; absent = by `suffix` of completions, where it has those. */
  fim?: boolean;
  /** What it calls models that are better known by another name. */
  modelNames?: Readonly<Record<string, string>>;
}

/** A dialect that a provider speaks. */
export interface Spoken {
  readonly dialect: DialectName;
  /**
   * Below the base URL, for a provider whose dialects live under different paths: '' or `/v1`. `{model}` stands for the
   * name at the upstream; in a record also the parts of its address (`{project}`).
   */
  readonly path: string;
  readonly auth: ProviderAuth;
  /**
   * Names of the models that are asked in it there, as in `modelPatterns`. Who is named by some dialect is asked in no dialect
   * that names none. Absent = every other.
   */
  readonly models?: readonly string[];
  /** Names of the only models that are asked in it, beside the dialects that name none. Absent = every one. */
  readonly only?: readonly string[];
  /**
   * Another's API that changes the body a little: Claude on Vertex has the model in the path and the version in the body, NVIDIA ranks
   * passages.
   */
  readonly hosted?: Hosted;
  /** Where models are listed, in place of the dialect's own path below `path`; false = nowhere. */
  readonly list?: string | false;
}

/** What a record knows of a dialect before the parts of the address are known. */
export interface RecordedSpoken extends Spoken {
  /** The path lies at the root of the service and not behind the `ending` of its base URL. */
  readonly root?: true;
  /** Path for a customer who has not all parts of the address (Vertex with an API key alone). Absent: not spoken then. */
  readonly bare?: string;
}

/** Names of the parts of addresses, which are keys of the configuration too. */
export type AddressPartName = 'region' | 'project' | 'resource' | 'account' | 'workspace';

/** A part of an address that each customer has its own of: `{name}` in a base URL or a path. */
export interface AddressPart {
  readonly name: AddressPartName;
  /** Variables that hold it, first found wins. */
  readonly env: readonly string[];
  /** Taken where nothing says it; absent = there is no address without it. */
  readonly fallback?: string;
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
  /** What people call it. */
  title: string;
  /** Its peculiarities, a sentence each, for docs/providers.md. */
  notes?: readonly string[];
  /** Preferred first; never empty. A client's own is taken where it is here, so that nothing is translated for nothing. */
  speaks: readonly RecordedSpoken[];
  /** As the vendor's SDK takes it: openai-chat with /v1, anthropic without. `{region}` and others stand for `parts`. */
  baseUrl: string;
  /** Parts of the address that are the customer's own. */
  parts?: readonly AddressPart[];
  /** Base URLs of regions that have another than the rest; `*` at the end of a name matches any rest. */
  regionUrls?: Readonly<Record<string, string>>;
  /** How `baseUrl` ends (`/v1`), where dialects lie at the root of the service: it is cut off for them. */
  ending?: string;
  /** Paths that lie beside the version in which `baseUrl` ends, with all below them. Absent: none. */
  unversioned?: readonly string[];
  /** A base URL without a path is meant to end so: the address of the service alone is how its users know it. */
  completes?: true;
  /** Variables that hold the address of the service. */
  urlEnv?: readonly string[];
  /** Where dialects lie when an `apiVersion` by date is asked for, from the root; those that are not here are not spoken then. */
  dated?: Readonly<Partial<Record<DialectName, string>>>;
  /** Environment variables that hold a key, first found wins. */
  keyEnv: readonly string[];
  /** Variables of a key for other ends too: taken where the provider is configured, and they turn none on. */
  sharedKeyEnv?: readonly string[];
  /** How it is signed in to where no key is stated or found. */
  credential?: 'google' | 'azure' | 'aws' | 'databricks';
  /** Those of a key pair of AWS. It is taken where the provider is configured, and turns none on: most have one for other ends. */
  pairEnv?: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** Names of its models when the configuration states none; `*` at the end matches any rest. */
  modelPatterns: readonly string[];
  /** Some models it is known to have, listed only as long as its own list could not be read. */
  usualModels?: readonly string[];
  quirks: ProviderQuirks;
  /** What those who ask by its name get besides, whoever answers. Absent: nothing. */
  habits?: ClientHabits;
  /** Absent: not known, so that all are tried which its dialects have. */
  endpoints?: Endpoints;
  /** It is asked by gRPC, in that protocol: the dialect it speaks is what the gateway makes of that. */
  grpc?: GrpcProtocolName;
}
