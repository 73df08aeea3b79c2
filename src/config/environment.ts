// Environment variables as an overlay on the file. Which variable sets which key is written in the schema (`x-env`).
import type { ProviderRecord } from '../contracts/provider.ts';
import { nearest } from '../names/nearest.ts';
import { scalarOf } from './as-intended.ts';
import { check } from './check.ts';
import type { Problem } from './problem.ts';
import { FILE_NODE } from './schema/schema.ts';
import { nodeType, type SchemaNode } from './schema/node.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface EnvVariable {
  name: string;
  path: readonly string[];
  node: SchemaNode;
}

/** A variable that is set, as the value it stands for. */
export interface EnvSetting {
  variable: EnvVariable;
  value: unknown;
}

/** Every variable of the schema, in its order. */
export const ENV_VARIABLES: readonly EnvVariable[] = collect(FILE_NODE, []);

/** Variables that set no key of the file. */
export const LOADER_VARIABLES = [
  'HEADGATE_CONFIG',
  'HEADGATE_GCP_SECRETS_URL',
  'HEADGATE_ADMIN_URL',
  'HEADGATE_ADMIN_TOKEN',
  'HEADGATE_EDGE_URL',
  'HEADGATE_EDGE_KEY',
] as const;

const PREFIX = 'HEADGATE_';
const BASE_URL = /^HEADGATE_([A-Z0-9_]+)_BASE_URL$/;

/** Values as they are meant: env files leave the quotes, Windows a carriage return, `export X="$(cat f)"` a space. */
export function plainEnvironment(env: Env): Env {
  const plain: Record<string, string> = {};
  for (const [name, text] of Object.entries(env)) if (text !== undefined) plain[name] = unquoted(text.trim());
  return plain;
}

function unquoted(text: string): string {
  const inner = /^(["'])(.*)\1$/s.exec(text)?.[2];
  // `"a","b"` is a list of two, not one text in quotes.
  return inner === undefined || inner.includes(text[0]!) ? text : inner.trim();
}

/** Reads the variables that are set, as plainEnvironment left them; an empty one counts as not set. */
export function readEnvironment(env: Env): {
  settings: EnvSetting[];
  problems: { name: string; problem: Problem }[];
} {
  const settings: EnvSetting[] = [];
  const problems: { name: string; problem: Problem }[] = [];
  for (const variable of ENV_VARIABLES) {
    const text = env[variable.name];
    if (text === undefined || text.trim() === '') continue;
    const value = parse(variable, text);
    const found = check(variable.node, value, variable.path);
    for (const problem of found) problems.push({ name: variable.name, problem });
    if (found.length === 0) settings.push({ variable, value });
  }
  return { settings, problems };
}

/** The variable that replaces a provider's base URL. */
export function baseUrlVariable(provider: string): string {
  return `${PREFIX}${provider.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_BASE_URL`;
}

/** A note for every HEADGATE_ variable that means nothing, with the nearest that does. */
export function unknownVariables(
  env: Env,
  providers: Iterable<string>,
  records: readonly ProviderRecord[],
): string[] {
  const urls = new Set([...providers, ...records.map((record) => record.name)].map(baseUrlVariable));
  const known = new Set([...ENV_VARIABLES.map(({ name }) => name), ...LOADER_VARIABLES, ...urls]);
  const notes: string[] = [];
  for (const name of Object.keys(env).sort()) {
    if (!name.startsWith(PREFIX) || known.has(name) || env[name] === undefined) continue;
    const near = nearest(
      name.slice(PREFIX.length),
      [...known].map((other) => other.slice(PREFIX.length)),
    );
    const hint = near === null ? '' : `; did you mean \`${PREFIX}${near}\`?`;
    const what = BASE_URL.test(name) ? 'names no provider' : 'is not a variable of Headgate';
    notes.push(`environment variable \`${name}\` ${what} and is ignored${hint}`);
  }
  return notes;
}

function collect(node: SchemaNode, path: readonly string[]): EnvVariable[] {
  const own = node['x-env'] === undefined ? [] : [{ name: node['x-env'], path, node }];
  const below = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    collect(child, [...path, key]),
  );
  return [...own, ...below];
}

/** Text as the type the key has; what cannot be read stays text and fails the check. */
function parse({ name, node, path }: EnvVariable, text: string): unknown {
  if (nodeType(node) !== 'array') return scalarOf(node, text, path.at(-1) ?? '');
  const items = text
    .split(',')
    .map((item) => unquoted(item.trim()))
    .filter((item) => item !== '');
  // Only commas: not an empty list, which for keys would mean that none is asked for.
  if (items.length === 0) return text;
  return name === 'HEADGATE_API_KEYS' ? items.map(parseClientKey) : items;
}

/** `value` or `name=value`. The `=` at the end of base64 text is padding, and what is too long for a name is none. */
function parseClientKey(item: string): unknown {
  const named = /^([A-Za-z0-9][A-Za-z0-9._@-]{0,31})=(?!=*$)(.+)$/s.exec(item);
  return named === null ? item : { name: named[1], value: named[2] };
}
