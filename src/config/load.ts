// Configuration from file, environment and defaults: read, references followed, checked whole, then built. Either a
// complete Config comes out or a ConfigError that lists everything that is wrong; nothing in between.
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import type { AdminConfig } from '../contracts/admin.ts';
import type { Config } from '../contracts/config.ts';
import type { ClientKey } from '../contracts/directory.ts';
import type { ManagedLimit } from '../contracts/gatehouse-ipc.ts';
import { type ConfigProblem, type ManagedConfig, NOTHING_MANAGED } from '../contracts/managed-config.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { asIntended, withoutExtensions } from './as-intended.ts';
import { type Assembled, assemble } from './assemble.ts';
import { check } from './check.ts';
import { readCpuQuota, workersFor } from './cpu-quota.ts';
import { type Env, plainEnvironment, readEnvironment, unknownVariables } from './environment.ts';
import { type ConfigFile, readConfigFile } from './file.ts';
import { findFile } from './find-file.ts';
import { foreignAdvice } from './foreign.ts';
import { layOver, pause } from './overlay.ts';
import { showPath, touches } from './path.ts';
import { ConfigError, type Problem } from './problem.ts';
import { followReferences, type ManagedSecret } from './references.ts';
import { FILE_NODE, type FileConfig } from './schema/schema.ts';
import { createSecretBox } from './secrets.ts';
import { withoutServiceLinks } from './service-links.ts';

export interface LoadOptions {
  env: Env;
  /** Folder in which the default file is looked for and a relative path begins. */
  cwd: string;
  /** Path of the file; before HEADGATE_CONFIG and the default names. */
  file?: string | undefined;
  /** Default number of workers. */
  cores?: number | undefined;
  /** Hears the absolute path of each file that a reference names, also of one that cannot be read. */
  onFile?: ((path: string) => void) | undefined;
  records?: readonly ProviderRecord[] | undefined;
  /** Secrets that were read from managers of secrets, by their references. */
  managed?: ReadonlyMap<string, ManagedSecret> | undefined;
  /** Beside those of the file: limits of the store, which were checked when they were written. */
  limits?: readonly ManagedLimit[] | undefined;
  /** Some key of the store has limits of its own. */
  keyRules?: boolean | undefined;
  /** What the API manages of it. */
  overlay?: ManagedConfig | undefined;
}

export interface LoadedConfig {
  config: Config;
  /** Who may call with which key: kept apart, since keys come and go without the rest. */
  keys: ClientKey[];
  /** How it is administered: for the primary and the gatehouse alone. */
  admin: AdminConfig;
  /** What was noticed; the same as `config.notes`. */
  notes: string[];
  /** Providers, models and sections that the API manages, of those in `config`. */
  managed: ReadonlySet<string>;
  /** Absolute path of the file that was read, null when there is none. */
  file: string | null;
}

/** @throws ConfigError listing all problems, each with its place and without secrets */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const box = createSecretBox();
  const notes: string[] = [];
  try {
    const { env, note } = withoutServiceLinks(plainEnvironment(options.env));
    if (note !== null) notes.push(note);
    const path = findFile({ ...options, env }, notes);
    const { config, keys, admin, managed } = load({ ...options, env }, path, notes, box);
    config.notes = config.notes.map(box.redact);
    // Of the folder the gateway was started in, as for every program: it may be another one than the file's.
    const placed = { ...admin, dataDir: resolve(options.cwd, admin.dataDir) };
    return { config, keys, admin: placed, managed, notes: config.notes, file: path };
  } catch (error) {
    if (error instanceof ConfigError)
      throw new ConfigError(
        error.problems.map(box.redact),
        error.details.map((one) => ({ ...one, message: box.redact(one.message) })),
      );
    throw error;
  }
}

function load(
  {
    env,
    cwd,
    cores,
    onFile,
    managed,
    limits = [],
    keyRules = false,
    overlay = NOTHING_MANAGED,
    records = PROVIDERS,
  }: LoadOptions,
  path: string | null,
  notes: string[],
  box: ReturnType<typeof createSecretBox>,
): Assembled & { managed: ReadonlySet<string> } {
  const shown = path === null ? '' : relative(cwd, path);
  const name = shown.startsWith('..') ? (path ?? '') : shown;
  const file = path === null ? null : readConfigFile(path, name);
  const foreign = foreignAdvice(file?.value);
  if (foreign !== null) throw new ConfigError([`${name}: ${foreign.join('\n    ')}`]);
  if (file !== null) notes.push(`configuration: ${name}`);

  const problems: Problem[] = [];
  const folder = path === null ? cwd : dirname(path);
  const references = { env, folder, onSecret: box.add, onFile, managed };
  const stated = withoutExtensions(file?.value ?? {});
  addLiteralSecrets(stated, box.add);
  const followed = asIntended(FILE_NODE, followReferences(stated, references, problems));
  // Behind the references: what the API says is what it says, and leads to no file or variable of this machine.
  const laid = layOver(followed, overlay);
  notes.push(...laid.notes);
  const read = isMapping(followed) || followed === null || followed === undefined ? laid.value : followed;
  const unresolved = [...problems];
  // A reference that leads nowhere is one problem, not two: what its text looks like does not matter.
  problems.push(
    ...check(FILE_NODE, read).filter(({ path: at }) => !unresolved.some((other) => touches(other.path, at))),
  );

  const environment = readEnvironment(env);
  const envProblems = environment.problems.map(({ name: variable, problem }) =>
    line(variable, entryOf(problem), problem.message),
  );
  const fromEnv = new Map<string, string>();
  const merged: unknown = isMapping(read) ? structuredClone(read) : {};
  for (const { variable, value } of environment.settings) {
    const found: Problem[] = [];
    const resolved = followReferences(value, references, found, variable.path);
    addLiteralSecrets(setIn({}, variable.path, resolved), box.add);
    for (const problem of found) envProblems.push(line(variable.name, entryOf(problem), problem.message));
    setIn(merged as Record<string, unknown>, variable.path, resolved);
    fromEnv.set(JSON.stringify(variable.path), variable.name);
  }

  const faulty = [...problems];
  // It may be `providers` mistyped: then no alias has a target, and saying so would only confuse.
  const unknownSection = faulty.some((problem) => problem.atKey === true && problem.path.length === 1);
  const context = {
    env,
    folder,
    records,
    sound: (at: Problem['path']) =>
      !faulty.some((problem) => touches(problem.path, at)) && !(at[0] === 'models' && unknownSection),
    report: (at: Problem['path'], message: string) => void problems.push({ path: at, message }),
    reportEnv: (variable: string, message: string) => void envProblems.push(line(variable, '', message)),
    note: (text: string) => void notes.push(text),
    secret: box.add,
    keysOf: laid.keysOf,
    apart: laid.providers,
  };
  const available = cores ?? coresOf(notes);
  if (limits.length > 0 && isMapping(merged)) {
    addManaged(merged, limits);
  }
  const assembled = assemble(merged as FileConfig, available, context);
  notes.push(
    ...unknownVariables(
      env,
      assembled.config.providers.map((provider) => provider.name),
      records,
    ),
  );
  const rendered = render(problems, file, fromEnv, laid.isManaged);
  const lines = [...rendered.map(({ text }) => text), ...envProblems];
  if (lines.length > 0) {
    const unplaced = envProblems.map((message) => ({ path: '', message, source: 'environment' }));
    const details = rendered.map(({ path: at, message, source }) => ({ path: at, message, source }));
    throw new ConfigError([...new Set(lines)], [...details, ...unplaced]);
  }
  assembled.config.notes = notes;
  if (keyRules) assembled.config.keyRules = true;
  const names = [...assembled.config.providers.map(({ name: one }) => ['providers', one])];
  names.push(...Object.keys(assembled.config.models).map((one) => ['models', one]));
  names.push(['priceChanges'], ...Object.keys(assembled.config.prices ?? {}).map((one) => ['prices', one]));
  return {
    ...assembled,
    config: pause(assembled.config, overlay.paused),
    managed: new Set(names.filter(laid.isManaged).map((one) => one.join('/'))),
  };
}

/** Beside those of the file. */
function addManaged(merged: Record<string, unknown>, managed: readonly ManagedLimit[]): void {
  const add = (section: string, more: readonly object[]): void => {
    const own = merged[section];
    if (more.length > 0) merged[section] = [...(Array.isArray(own) ? own : []), ...more];
  };
  add(
    'limits',
    managed.filter(({ budget }) => budget === undefined),
  );
  add(
    'budgets',
    managed.flatMap(({ name, per, match, budget }) =>
      budget === undefined ? [] : [{ ...budget, name, per, match }],
    ),
  );
}

/** Workers that the machine and the quota of its control groups allow. */
function coresOf(notes: string[]): number {
  const quota = readCpuQuota();
  if (quota !== null) notes.push(`CPU quota: ${Number(quota.toFixed(2))} ${quota === 1 ? 'core' : 'cores'}`);
  return workersFor(availableParallelism(), quota);
}

interface Rendered extends ConfigProblem {
  readonly offset: number;
  /** The whole line, for a person. */
  readonly text: string;
}

/** Problems in the order of the file. */
function render(
  problems: Problem[],
  file: ConfigFile | null,
  fromEnv: ReadonlyMap<string, string>,
  isManaged: (path: Problem['path']) => boolean,
): Rendered[] {
  return problems
    .map((problem): Rendered => {
      const { message } = problem;
      // An unknown key is named by the message: the path leads to the mapping it stands in.
      const place = showPath(problem.atKey ? problem.path.slice(0, -1) : problem.path);
      const variable = fromEnv.get(JSON.stringify(problem.path.slice(0, 2)));
      if (variable !== undefined) {
        const text = line(variable, entryOf(problem), message);
        return { offset: Number.POSITIVE_INFINITY, text, path: place, message, source: variable };
      }
      if (isManaged(problem.path))
        return {
          offset: Number.POSITIVE_INFINITY,
          text: line('admin API', place, message),
          path: place,
          message,
          source: 'api',
        };
      const offset = file?.find(problem.path, problem.atKey) ?? 0;
      const source = file?.at(offset) ?? '';
      return { offset, text: line(source, place, message), path: place, message, source };
    })
    .sort((a, b) => a.offset - b.offset);
}

function line(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(': ');
}

/** For a variable that holds a list: which entry. */
function entryOf({ path }: Problem): string {
  const index = path[2];
  return typeof index === 'number' ? `entry ${index + 1}` : '';
}

/** Hands over every text that stands where a secret belongs. */
function addLiteralSecrets(value: unknown, add: (text: unknown) => void): void {
  const all = (item: unknown): void => {
    if (typeof item === 'object' && item !== null) Object.values(item).forEach(all);
    else add(item);
  };
  if (!isMapping(value)) return;
  if (isMapping(value['auth']) && Array.isArray(value['auth']['keys'])) {
    // Not an entry's name and limits: those are words for messages.
    for (const key of value['auth']['keys']) all(isMapping(key) ? key['value'] : key);
  }
  if (isMapping(value['redis'])) add(value['redis']['url']);
  if (isMapping(value['server'])) {
    add(value['server']['metricsKey']);
    const listeners = Array.isArray(value['server']['listeners']) ? value['server']['listeners'] : [];
    for (const listener of listeners)
      if (isMapping(listener) && isMapping(listener['tls'])) add(listener['tls']['key']);
  }
  if (isMapping(value['telemetry'])) all(value['telemetry']['headers']);
  if (isMapping(value['alerts']) && Array.isArray(value['alerts']['webhooks']))
    for (const hook of value['alerts']['webhooks'])
      if (isMapping(hook)) all([hook['url'], hook['secret'], hook['headers']]);
  if (isMapping(value['admin'])) {
    add(value['admin']['databaseUrl']);
    add(value['admin']['masterKey']);
  }
  if (!isMapping(value['providers'])) return;
  for (const provider of Object.values(value['providers'])) {
    if (!isMapping(provider)) continue;
    const keys = Array.isArray(provider['keys']) ? provider['keys'] : [provider['keys']];
    // Not an entry's `models` and `alias`: those are names.
    for (const key of keys) all(isMapping(key) ? key['value'] : key);
    all(provider['headers']);
    if (isMapping(provider['tls'])) add(provider['tls']['key']);
    // Only one with a login: what is no secret may stand in notes.
    if (typeof provider['proxy'] === 'string' && provider['proxy'].includes('@')) add(provider['proxy']);
  }
}

function setIn(
  root: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  let here = root;
  for (const key of path.slice(0, -1)) {
    if (!isMapping(here[key])) here[key] = {};
    here = here[key] as Record<string, unknown>;
  }
  here[path.at(-1)!] = value;
  return root;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
