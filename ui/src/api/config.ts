// The configuration that is managed here: read, checked, compared, applied, gone back in. Every change of providers and
// models goes this one way, so that it is checked as a whole and lost by nobody.
import { call, get } from './client.ts';

export type Json = Readonly<Record<string, unknown>>;

/** As a configuration file says it; secrets stand as `***`. */
export interface Document extends Json {
  readonly providers?: Readonly<Record<string, Json>>;
  readonly models?: Readonly<Record<string, Json>>;
}

export interface ConfigState {
  readonly version: number;
  readonly managed: Document;
  readonly file: { readonly providers: readonly string[]; readonly models: readonly string[] };
  /** In force, file and managed together. */
  readonly effective: Document;
}

export interface ConfigChange {
  readonly op: 'add' | 'change' | 'remove';
  readonly path: string;
}

export interface ConfigProblem {
  readonly path: string;
  readonly message: string;
  readonly line?: number | null;
  readonly source: string;
}

export interface Applied {
  readonly version: number;
  readonly changes: readonly ConfigChange[];
  readonly workersBehind: number;
}

export const readConfig = (signal?: AbortSignal): Promise<ConfigState> =>
  get<ConfigState>('/api/config', signal);

/** @throws ApiProblem 409 when somebody else was here since `version` */
export async function applyConfig(config: Document | string, version: number): Promise<Applied> {
  const { body } = await call<Applied>('POST', '/api/config/apply', {
    body: { config },
    ifMatch: `"${version}"`,
  });
  return body;
}

/** Reads, edits and applies. @throws ApiProblem */
export async function changeConfig(edit: (managed: Document) => Document): Promise<Applied> {
  const { managed, version } = await readConfig();
  return applyConfig(edit(managed), version);
}

/** The document with another entry of `providers` or `models`; null takes it away. */
export function withEntry(
  document: Document,
  section: 'providers' | 'models',
  name: string,
  entry: Json | null,
): Document {
  const { [name]: _before, ...others } = document[section] ?? {};
  const entries = entry === null ? others : { ...others, [name]: entry };
  const { [section]: _section, ...rest } = document;
  return Object.keys(entries).length === 0 ? rest : { ...rest, [section]: entries };
}

/** The entry with a key more, or another one of that alias. */
export function withKey(entry: Json, key: { readonly alias: string } & Json): Json {
  const keys = (Array.isArray(entry['keys']) ? entry['keys'] : []) as readonly Json[]; // as its schema has them
  return { ...entry, keys: [...keys.filter(({ alias }) => alias !== key.alias), key] };
}

export function withoutKey(entry: Json, alias: string): Json {
  const keys = (Array.isArray(entry['keys']) ? entry['keys'] : []) as readonly Json[]; // as its schema has them
  const { keys: _keys, ...rest } = entry;
  const left = keys.filter((key) => key['alias'] !== alias);
  return left.length === 0 ? rest : { ...rest, keys: left };
}
