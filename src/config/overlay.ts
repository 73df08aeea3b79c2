// Lays what the API manages over what the file states: by whole resource, and what the file has stays the file's.
import type { ManagedConfig, ManagedProviderKey } from '../contracts/managed-config.ts';
import type { Config } from '../contracts/config.ts';
import type { Path } from './path.ts';

/** Sections of the file that the API may manage: none that says who may do what, where it listens or where it stores. */
export const MANAGED_SECTIONS: readonly string[] = [
  'breaker',
  'connections',
  'cooldown',
  'lane',
  'mediaFetch',
  'priceChanges',
  'prices',
  'rescue',
  'responses',
  'retries',
  'routes',
  'timeouts',
];

/** Of these, those whose entries are resources of their own. */
const BY_NAME: ReadonlySet<string> = new Set(['prices']);

export interface Overlay {
  /** The file with everything. */
  readonly value: Record<string, unknown>;
  /** Whether something stands there because the API says so. */
  isManaged(path: Path): boolean;
  /** Providers that the API alone has: they take no key and no address out of the environment. */
  readonly providers: ReadonlySet<string>;
  keysOf(provider: string): readonly ManagedProviderKey[];
  /** What the file has as well, and what there is nothing for: in words. */
  readonly notes: readonly string[];
}

/** @param stated a file's content, references followed. */
export function layOver(stated: unknown, managed: ManagedConfig): Overlay {
  const value = isMapping(stated) ? { ...stated } : {};
  const notes: string[] = [];
  const own = new Set<string>();
  const lay = (section: 'providers' | 'models'): Set<string> => {
    const entries = Object.entries(managed[section]);
    const names = new Set<string>();
    if (entries.length === 0) return names;
    // What is wrong with the file is said of the file, and not laid over.
    if (value[section] !== undefined && value[section] !== null && !isMapping(value[section])) return names;
    const file = isMapping(value[section]) ? value[section] : {};
    const both: Record<string, unknown> = { ...file };
    for (const [name, entry] of entries) {
      if (Object.hasOwn(file, name)) {
        notes.push(`${section}.${name} stands in the file: what the API says of it does not count`);
        continue;
      }
      names.add(name);
      own.add(JSON.stringify([section, name]));
      both[name] = entry;
    }
    value[section] = both;
    return names;
  };
  const providers = lay('providers');
  lay('models');
  for (const [section, content] of Object.entries(managed.sections)) {
    const file = value[section];
    if (BY_NAME.has(section) && isMapping(file) && isMapping(content)) {
      // Each name by itself: whoever has some prices in the file can add others.
      for (const name of Object.keys(content))
        if (Object.hasOwn(file, name))
          notes.push(`${section}.${name} stands in the file: what the API says of it does not count`);
        else own.add(JSON.stringify([section, name]));
      value[section] = { ...content, ...file };
      continue;
    }
    if (Object.hasOwn(value, section)) {
      notes.push(`${section} stands in the file: what the API says of it does not count`);
      continue;
    }
    own.add(JSON.stringify([section]));
    value[section] = content;
  }
  const keys = Map.groupBy(managed.keys, ({ provider }) => provider);
  return {
    value,
    providers,
    notes,
    isManaged: (path) =>
      own.has(JSON.stringify(path.slice(0, 1))) || own.has(JSON.stringify(path.slice(0, 2))),
    keysOf: (provider) => keys.get(provider) ?? [],
  };
}

/**
 * A paused provider has a lane without a place: each call that comes to it goes on to its next target at once, or ends in
 * the 503 of a full lane; calls under way end as they would.
 */
export function pause(config: Config, paused: readonly string[]): Config {
  if (paused.length === 0) return config;
  const providers = config.providers.map((provider) =>
    paused.includes(provider.name)
      ? { ...provider, lane: { ...provider.lane, concurrency: 0, queue: 0, onFull: 'shed' as const } }
      : provider,
  );
  return { ...config, providers };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
