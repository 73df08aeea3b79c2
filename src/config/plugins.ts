// Plugins of the file. Only the file names any: what runs code is never the API's to say.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Config } from '../contracts/config.ts';
import type { GuardWhen } from '../contracts/guardrail.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { PluginConfig, PluginMode } from '../contracts/plugin-config.ts';
import type { BuildContext } from './build-context.ts';
import { certificatesFault } from './certificates.ts';
import { DEFAULT_PLUGIN } from './schema/defaults.ts';
import { checkOperations } from './operation-names.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';

type Stated = NonNullable<FileConfig['plugins']>[number];

/** They say who calls, and are for nobody else to see. */
const CREDENTIALS = /^(?:authorization|cookie|proxy-authorization|(?:x-)?api-key|x-goog-api-key)$/;

export function buildPlugins({ plugins }: FileConfig, context: BuildContext): Pick<Config, 'plugins'> {
  if (plugins === undefined || plugins.length === 0) return {};
  const names = new Set<string>();
  const built: PluginConfig[] = [];
  for (const [index, entry] of plugins.entries()) {
    const at = ['plugins', index];
    if (!context.sound(at)) continue;
    if (names.has(entry.name)) context.report([...at, 'name'], `two plugins are called \`${entry.name}\``);
    names.add(entry.name);
    const one = buildOne(entry, at, context);
    if (one !== null) built.push(one);
  }
  return { plugins: built };
}

function buildOne(entry: Stated, at: Path, context: BuildContext): PluginConfig | null {
  const { name, path: file, package: packageName, url, thread, when, secret, ca, requestHeaders } = entry;
  if ([file, packageName, url].filter((one) => one !== undefined).length !== 1) {
    context.report(at, 'state one of `path`, `package` and `url`');
    return null;
  }
  for (const value of [secret, ...Object.values(requestHeaders ?? {})])
    if (value !== undefined) context.secret(value);
  const { options = {} } = entry;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    context.report([...at, 'options'], 'a mapping is expected');
  checkOperations(when?.operations, [...at, 'when', 'operations'], context);
  for (const [index, header] of (entry.headers ?? []).entries())
    if (CREDENTIALS.test(header.toLowerCase()))
      context.report([...at, 'headers', index], 'it holds a credential, which no plugin sees');
  const fault = ca === undefined ? null : certificatesFault(ca);
  if (fault !== null) context.report([...at, 'ca'], fault);
  if (url !== undefined && thread === true)
    context.report([...at, 'thread'], 'a plugin with `url` runs elsewhere');
  const mode = modeOf(url, thread);
  const module = url === undefined ? moduleOf(file, packageName, context.folder) : null;
  if (module instanceof Error) {
    context.report([...at, file === undefined ? 'package' : 'path'], module.message);
    return null;
  }
  const { timeoutMs, onError, maxErrors, memoryMb } = { ...DEFAULT_PLUGIN, ...entry };
  return {
    name,
    mode,
    module,
    print: module === null ? '' : printOf(module),
    url: url ?? null,
    ...(secret === undefined ? {} : { secret }),
    ...(ca === undefined ? {} : { ca }),
    ...(requestHeaders === undefined ? {} : { requestHeaders: lowered(requestHeaders) }),
    hooks: entry.hooks ?? null,
    options: options as JsonObject, // looked at above
    when: (when ?? {}) as GuardWhen, // its operations were looked at above
    headers: (entry.headers ?? []).map((header) => header.toLowerCase()),
    timeoutMs,
    onError,
    maxErrors,
    memoryMb,
  };
}

function modeOf(url: string | undefined, thread: boolean | undefined): PluginMode {
  if (url !== undefined) return url.startsWith('grpc') ? 'grpc' : 'http';
  return thread === true ? 'thread' : 'process';
}

function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Path of the module, or why there is none. */
function moduleOf(file: string | undefined, packageName: string | undefined, folder: string): string | Error {
  if (file !== undefined) {
    const module = path.resolve(folder, file);
    return isFile(module) ? module : new Error('there is no such file');
  }
  const found = packageModule(packageName!, folder);
  return found ?? new Error('there is no such package beside the configuration (`npm install` it there)');
}

function packageModule(name: string, folder: string): string | null {
  const require = createRequire(path.resolve(folder, 'headgate.yaml'));
  try {
    return require.resolve(name);
  } catch {
    // A package of ES modules may have an entry for `import` alone.
    for (const place of require.resolve.paths(name) ?? []) {
      const module = importEntry(path.join(place, name));
      if (module !== null) return module;
    }
    return null;
  }
}

function importEntry(folder: string): string | null {
  try {
    const { exports, module, main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      exports?: unknown;
      module?: string;
      main?: string;
    };
    const entry = target(exports) ?? module ?? main ?? 'index.js';
    const file = path.join(folder, entry);
    return isFile(file) ? file : null;
  } catch {
    return null;
  }
}

/** What `import` gets of `exports`. */
function target(exports: unknown): string | null {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return null;
  const { '.': root, node, import: imported, default: other } = exports as Record<string, unknown>;
  return target(root ?? node ?? imported ?? other);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** A file that was written since is another plugin. */
function printOf(module: string): string {
  const { mtimeMs, size } = statSync(module);
  return `${mtimeMs}-${size}`;
}
