// What people manage of the configuration while the gateway runs, as it is laid over the file: whole resources, never
// parts of one, so that each has one source.

/** In the clear: between the processes of one gateway alone, never stored or shown like this. */
export interface ManagedConfig {
  /** As entries of the file's `providers`, without keys. */
  readonly providers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Of those providers and of the file's. */
  readonly keys: readonly ManagedProviderKey[];
  /** As entries of the file's `models`. */
  readonly models: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Sections of the file that it does not have, e.g. `rescue`. */
  readonly sections: Readonly<Record<string, unknown>>;
  /** Providers that nobody is sent to for now. */
  readonly paused: readonly string[];
}

/** As an entry of the file's `providers.<name>.keys`. */
export interface ManagedProviderKey {
  readonly provider: string;
  readonly alias: string;
  readonly value?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly weight?: number;
  readonly models?: readonly string[];
  readonly organization?: string;
}

export const NOTHING_MANAGED: ManagedConfig = {
  providers: {},
  keys: [],
  models: {},
  sections: {},
  paused: [],
};

/** What is wrong with a configuration, for programs. Never holds a value. */
export interface ConfigProblem {
  /** `providers.x.baseUrl`; '' = the whole. */
  readonly path: string;
  readonly message: string;
  /** `file` with its line, `api`, or the name of a variable. */
  readonly source: string;
}
