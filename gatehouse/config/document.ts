// The managed configuration as people write and read it: in the form of the file, secrets never shown.
import { check } from '../../src/config/check.ts';
import { parseConfig } from '../../src/config/file.ts';
import { showPath } from '../../src/config/path.ts';
import { ConfigError } from '../../src/config/problem.ts';
import type { ConfigProblem, ManagedConfig, ManagedProviderKey } from '../../src/contracts/managed-config.ts';
import { documentNode } from './schema.ts';
import { keyName } from './state.ts';

export const HIDDEN = '***';
const SECRETS = ['value', 'secretAccessKey', 'sessionToken'];

export type Document = Readonly<Record<string, unknown>>;
type Entry = Readonly<Record<string, unknown>>;

/** As it is shown and exported. */
export function toDocument(managed: ManagedConfig): Document {
  const names = [
    ...new Set([
      ...Object.keys(managed.providers),
      ...managed.keys.map(({ provider }) => provider),
      ...managed.paused,
    ]),
  ];
  const providers = names.map((name): [string, Entry] => {
    const keys = managed.keys.filter(({ provider }) => provider === name).map(hidden);
    return [
      name,
      {
        ...managed.providers[name],
        ...(keys.length > 0 ? { keys } : {}),
        ...(managed.paused.includes(name) ? { paused: true } : {}),
      },
    ];
  });
  return {
    ...(providers.length > 0 ? { providers: Object.fromEntries(providers) } : {}),
    ...(Object.keys(managed.models).length > 0 ? { models: managed.models } : {}),
    ...managed.sections,
  };
}

function hidden({ provider: _provider, ...key }: ManagedProviderKey): Entry {
  return Object.fromEntries(
    Object.entries(key).map(([field, value]) => [field, SECRETS.includes(field) ? HIDDEN : value]),
  );
}

export interface ReadDocument {
  /** Null: there are problems. */
  readonly managed: ManagedConfig | null;
  readonly problems: readonly PlacedProblem[];
  /** Places problems that are found later. */
  place(problem: ConfigProblem): PlacedProblem;
}

export interface PlacedProblem {
  readonly path: string;
  readonly message: string;
  /** From 1; null = it was no text. */
  readonly line: number | null;
  readonly source: string;
}

/**
 * Reads what somebody wants the managed configuration to be.
 * @param given a value, or YAML or JSON as a text
 * @param fileProviders those that stand in the file. @param filePrices names of `prices` that do
 */
export function readDocument(
  given: unknown,
  current: ManagedConfig,
  fileProviders: ReadonlySet<string>,
  filePrices: readonly string[] = [],
): ReadDocument {
  let lineOf = (_path: readonly (string | number)[]): number | null => null;
  let value = given;
  if (typeof given === 'string') {
    try {
      const parsed = parseConfig(given, '');
      value = parsed.value ?? {};
      lineOf = (path) => Number(parsed.at(parsed.find(path)).split(':')[1]);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const problems = error.problems.map((text) => {
        const [, line = '1', , message = text] = /^:(\d+):(\d+): (.*)$/s.exec(text) ?? [];
        return { path: '', message, line: Number(line), source: 'document' };
      });
      return { managed: null, problems, place: (problem) => ({ ...problem, line: null }) };
    }
  }
  const place = (problem: ConfigProblem): PlacedProblem => ({
    ...problem,
    line: lineOf(pathOf(problem.path)),
  });
  const problems = check(documentNode, value).map(({ path, message, atKey }) => ({
    path: showPath(atKey === true ? path.slice(0, -1) : path),
    message,
    line: lineOf(path),
    source: 'document',
  }));
  if (problems.length > 0) return { managed: null, problems, place };
  const made = fromDocument(value as Document, current, fileProviders); // the schema found nothing wrong
  const more = [...made.problems, ...ofFile(value as Document, filePrices)].map(place); // likewise
  return { managed: more.length > 0 ? null : made.managed, problems: more, place };
}

/** Prices that would not count. */
function ofFile({ prices }: Document, filePrices: readonly string[]): ConfigProblem[] {
  const names = Object.keys(typeof prices === 'object' && prices !== null ? prices : {});
  return names
    .filter((name) => filePrices.includes(name))
    .map((name) => ({
      path: showPath(['prices', name]),
      message: 'it stands in the file: change it there',
      source: 'document',
    }));
}

function fromDocument(document: Document, current: ManagedConfig, fileProviders: ReadonlySet<string>) {
  const problems: ConfigProblem[] = [];
  const say = (path: string, message: string) => problems.push({ path, message, source: 'document' });
  const { providers: stated, models, ...sections } = document;
  const providers: Record<string, Entry> = {};
  const keys: ManagedProviderKey[] = [];
  const paused: string[] = [];
  for (const [name, entry] of Object.entries((stated ?? {}) as Record<string, Entry | null>)) {
    const { keys: own, paused: isPaused, ...rest } = entry ?? {};
    const path = showPath(['providers', name]);
    if (isPaused === true) paused.push(name);
    if (!fileProviders.has(name)) providers[name] = rest;
    else if (Object.keys(rest).length > 0)
      say(path, 'it stands in the file: only `keys` and `paused` go here');
    for (const [index, key] of ((own ?? []) as ManagedProviderKey[]).entries()) {
      const whole = withStored({ ...key, provider: name }, current);
      if (keys.some((other) => keyName(other) === keyName(whole)))
        say(`${path}.keys[${index}]`, `two keys are called \`${key.alias}\``);
      else if (whole.value === undefined && whole.secretAccessKey === undefined)
        say(`${path}.keys[${index}]`, '`value` is missing, and none is stored under this alias');
      keys.push(whole);
    }
  }
  // An empty section says nothing.
  const said = Object.fromEntries(Object.entries(sections).filter(([, value]) => value !== null));
  return {
    problems,
    managed: { providers, keys, paused, sections: said, models: entriesOf(models) },
  };
}

/** An entry without a value says nothing. */
const entriesOf = (record: unknown): ManagedConfig['models'] =>
  Object.fromEntries(
    Object.entries((record ?? {}) as Record<string, Entry | null>).map(([name, entry]) => [
      name,
      entry ?? {},
    ]),
  );

/** What was shown as hidden, or left out, is what it was. */
function withStored(key: ManagedProviderKey, current: ManagedConfig): ManagedProviderKey {
  const stored = current.keys.find((other) => keyName(other) === keyName(key));
  const stated = Object.entries(key).filter(([field, value]) => !SECRETS.includes(field) || value !== HIDDEN);
  const given = Object.fromEntries(stated) as unknown as ManagedProviderKey; // some of its members
  if (given.value !== undefined || given.secretAccessKey !== undefined || stored === undefined) return given;
  const { value, accessKeyId, secretAccessKey, sessionToken } = stored;
  return { ...defined({ value, accessKeyId, secretAccessKey, sessionToken }), ...given };
}

const defined = (record: object): object =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** The reverse of `showPath`. */
function pathOf(shown: string): (string | number)[] {
  return [...shown.matchAll(/\[("(?:[^"\\]|\\.)*"|\d+)\]|([^.[\]]+)/g)].map(([, quoted, word]) =>
    word !== undefined ? word : (JSON.parse(quoted!) as string | number),
  );
}
