// Where a known provider is: its address with the customer's own parts filled in, and where its dialects lie below it.
import type { AddressPart, ProviderRecord, RecordedSpoken, Spoken } from '../contracts/provider.ts';
import { matchesPattern } from '../names/pattern.ts';
import type { BuildContext } from './build-context.ts';
import type { Env } from './environment.ts';
import { googleProject } from './google-project.ts';
import type { ProviderEntry } from './schema/provider.ts';

export interface Place {
  url: string;
  /** Paths are complete but for `{model}`. Never empty unless something is missing. */
  speaks: readonly Spoken[];
  /** It is the vendor's own service, and not another that answers in its name. */
  own: boolean;
  /** The region that is part of the address. */
  region: string | undefined;
  /** The first part without which there is no address. */
  missing?: AddressPart;
  /** A part that nobody said, with which there would be more. */
  absent?: AddressPart;
}

type Parts = Readonly<Record<string, string>>;

/** @param statedUrl the base URL that the file or the environment states for this provider. */
export function placeOfRecord(
  record: ProviderRecord,
  entry: ProviderEntry,
  statedUrl: string | undefined,
  { env, folder }: Pick<BuildContext, 'env' | 'folder'>,
): Place {
  const parts = partsOf(record, entry, env, folder);
  const stated = statedUrl ?? firstOf(record.urlEnv, env);
  const region = parts['region'];
  const own = (region === undefined ? undefined : urlIn(region, record)) ?? record.baseUrl;
  const url = filled(stated === undefined ? own : completed(record, stated), parts);
  const missing = record.parts?.find(({ name }) => parts[name] === undefined);
  const ended = record.ending !== undefined && pathOf(url).endsWith(record.ending);
  const dated = ended && isDated(entry.apiVersion) ? record.dated : undefined;
  const spoken = record.speaks.flatMap((own) => {
    const path = pathIn(own, parts, dated);
    if (path === null) return [];
    // Behind an address of another form nobody knows where the root of the service is.
    if (path.root && record.ending !== undefined && !ended) return [];
    return [{ own, ...path }];
  });
  const cuts = ended && spoken.some(({ root, own }) => root || typeof own.list === 'string');
  return {
    own: stated === undefined || hostOf(stated) === hostOf(filled(own, parts)),
    region,
    url: withVersion(cuts ? cut(url, record.ending!) : url, entry.apiVersion),
    speaks: spoken.map(({ own, path, root }) => plain(own, root || !cuts ? path : record.ending + path)),
    ...(missing !== undefined &&
      record.speaks.some(({ path }) => isOpen(filled(path, parts))) && { absent: missing }),
    ...(missing !== undefined && (url.includes('{') || spoken.length === 0) ? { missing } : {}),
  };
}

/** What to do about a part that is missing. */
export function missingText({ name, env }: AddressPart): string {
  return `\`${name}\` is missing: state it, or set ${env.join(' or ')}`;
}

function partsOf(
  { parts = [], credential }: ProviderRecord,
  entry: ProviderEntry,
  env: Env,
  folder: string,
): Parts {
  const found: Record<string, string> = {};
  for (const { name, env: variables, fallback } of parts) {
    const own =
      name === 'project' && credential === 'google'
        ? () => googleProject(entry, env, folder)
        : () => undefined;
    const value = entry[name] ?? firstOf(variables, env) ?? own() ?? fallback;
    // Databricks' own variable holds a URL.
    if (value !== undefined) found[name] = value.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  }
  return found;
}

function firstOf(variables: readonly string[] | undefined, env: Env): string | undefined {
  for (const name of variables ?? []) if (env[name]) return env[name];
  return undefined;
}

/** Parts that are not known stay as they are. */
function filled(text: string, parts: Parts): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
}

/** An address that says nothing of the API's own path is that of the service, however the vendor's other SDKs have it end. */
function completed({ completes, ending = '' }: ProviderRecord, stated: string): string {
  if (completes === undefined || !URL.canParse(stated)) return stated;
  const url = new URL(stated);
  const service = pathOf(stated).replace(/\/(openai|anthropic)$/, '');
  const first = /^\/[^/]+/.exec(ending)![0];
  if (service.includes(first) || service.endsWith('/v1')) return stated;
  return `${url.origin}${service}${ending}${url.search}`;
}

/** Null: not spoken by who has no more than these parts. */
function pathIn(
  { dialect, path, bare, root }: RecordedSpoken,
  parts: Parts,
  dated: ProviderRecord['dated'],
): { path: string; root: boolean } | null {
  if (dated !== undefined) {
    const older = dated[dialect];
    return older === undefined ? null : { path: older, root: true };
  }
  const whole = filled(path, parts);
  if (!isOpen(whole)) return { path: whole, root: root === true };
  return bare === undefined ? null : { path: bare, root: root === true };
}

/** Some part of the address is not known yet. */
function isOpen(path: string): boolean {
  return path.replaceAll('{model}', '').includes('{');
}

function isDated(version: string | undefined): boolean {
  return version !== undefined && /^\d{4}-\d\d-\d\d/.test(version);
}

function withVersion(url: string, version: string | undefined): string {
  if (version === undefined || version === 'v1' || /[?&]api-version=/.test(url)) return url;
  return `${url}${url.includes('?') ? '&' : '?'}api-version=${version}`;
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : url.replace(/\/+$/, '');
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}

function cut(url: string, ending: string): string {
  const [place = '', query] = url.split(/\?(.*)/s);
  const kept = place.replace(/\/+$/, '').slice(0, -ending.length);
  return query === undefined ? kept : `${kept}?${query}`;
}

/** What only records need is left out. */
function plain({ root: _root, bare: _bare, ...spoken }: RecordedSpoken, path: string): Spoken {
  return { ...spoken, path };
}

/** Where a region has another address than the rest: by its name, or by how it begins. */
function urlIn(region: string, { regionUrls = {} }: ProviderRecord): string | undefined {
  const named = Object.entries(regionUrls).find(([pattern]) => matchesPattern(pattern, region));
  return named?.[1];
}
