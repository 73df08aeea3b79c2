// The configuration that the store has: objects, and the same as one value that is laid over the file. Every change is a
// step from one such value to another, whoever makes it (a route of one resource, a whole document, a way back).
import type { ManagedConfig, ManagedProviderKey } from '../../src/contracts/managed-config.ts';
import type { Change, ObjectKind, Store, StoredData, StoredObject } from '../../src/contracts/store.ts';
import { type Envelopes, EnvelopeError } from '../../src/governance/envelope.ts';

/** Kinds of objects that are part of the configuration. */
export const CONFIG_KINDS = ['provider', 'provider-key', 'model', 'setting'] as const;

const PAUSED = 'paused:';
const SECTION = 'section:';
const PAGE = 500;
/** Of a key: what is sealed. */
const SECRETS = ['value', 'secretAccessKey', 'sessionToken'] as const;

export interface ConfigState {
  readonly objects: readonly StoredObject[];
  readonly managed: ManagedConfig;
}

export async function readState(store: Store, envelopes: Envelopes): Promise<ConfigState> {
  const objects: StoredObject[] = [];
  for (const kind of CONFIG_KINDS) objects.push(...(await all(store, kind)));
  return { objects, managed: managedOf(objects, envelopes) };
}

export async function all(store: Store, kind: ObjectKind): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (let after: string | null = null; ; ) {
    const page: { items: readonly StoredObject[]; next: string | null } = await store.list({
      kind,
      after,
      limit: PAGE,
    });
    found.push(...page.items);
    after = page.next;
    if (after === null) return found;
  }
}

/** A key whose secret does not open (another master key) is left out: the others go on. */
function managedOf(objects: readonly StoredObject[], envelopes: Envelopes): ManagedConfig {
  const of = (kind: ObjectKind) => objects.filter((object) => object.kind === kind);
  const named = (kind: ObjectKind) => Object.fromEntries(of(kind).map(({ name, data }) => [name, data]));
  const settings = of('setting');
  return {
    providers: named('provider'),
    models: named('model'),
    keys: of('provider-key').flatMap((object) => {
      try {
        return [keyOf(object, envelopes)];
      } catch (error) {
        if (error instanceof EnvelopeError) return [];
        throw error;
      }
    }),
    sections: Object.fromEntries(
      settings
        .filter(({ name }) => name.startsWith(SECTION))
        .map(({ name, data }) => [name.slice(SECTION.length), data['value']]),
    ),
    paused: settings
      .filter(({ name }) => name.startsWith(PAUSED))
      .map(({ name }) => name.slice(PAUSED.length)),
  };
}

function keyOf({ id, data }: StoredObject, envelopes: Envelopes): ManagedProviderKey {
  const { secret, prefix: _prefix, lastFour: _last, ...rest } = data;
  const opened = JSON.parse(envelopes.open(String(secret), placeOf(id))) as object; // as `sealed` wrote it
  return { ...(rest as unknown as ManagedProviderKey), ...opened }; // as its schema has it
}

const placeOf = (id: string) => ({ kind: 'provider-key', id, field: 'secret' });

export const keyName = ({ provider, alias }: Pick<ManagedProviderKey, 'provider' | 'alias'>): string =>
  `${provider}/${alias}`;

/** What is stored of a key: its secret in an envelope, and what people tell it by. */
function keyData(key: ManagedProviderKey, id: string, envelopes: Envelopes): StoredData {
  const secret = Object.fromEntries(SECRETS.map((field) => [field, key[field]]).filter(([, text]) => text));
  const plain = Object.entries(key).filter(
    ([field, value]) => value !== undefined && !SECRETS.some((one) => one === field),
  );
  const shown = key.value ?? '';
  return {
    ...(Object.fromEntries(plain) as StoredData),
    // Of a short one four letters would be most of it.
    ...(shown.length >= 16 ? { prefix: shown.slice(0, 4), lastFour: shown.slice(-4) } : {}),
    secret: envelopes.seal(JSON.stringify(secret), placeOf(id)),
  };
}

export interface DifferenceDeps {
  readonly envelopes: Envelopes;
  id(kind: ObjectKind): string;
}

/** The changes that lead from what is stored to `next`; what is the same is not touched. */
export function difference(
  { objects, managed }: ConfigState,
  next: ManagedConfig,
  { envelopes, id }: DifferenceDeps,
): Change[] {
  const changes: Change[] = [];
  const stored = (kind: ObjectKind) =>
    new Map(objects.filter((object) => object.kind === kind).map((object) => [object.name, object]));

  /** @param data of one that is new or other than before. */
  function step<T>(
    kind: ObjectKind,
    before: ReadonlyMap<string, T>,
    after: ReadonlyMap<string, T>,
    data: (value: T, id: string) => StoredData,
  ): void {
    const known = stored(kind);
    for (const [name, value] of after) {
      const object = known.get(name);
      if (object === undefined) {
        const made = id(kind);
        changes.push({ op: 'create', kind, id: made, name, lookup: null, data: data(value, made) });
      } else if (!same(before.get(name), value))
        changes.push({
          op: 'replace',
          kind,
          id: object.id,
          from: object.version,
          name,
          lookup: null,
          data: data(value, object.id),
        });
    }
    for (const [name, object] of known)
      if (!after.has(name) && (kind !== 'setting' || isOurs(name)))
        changes.push({ op: 'delete', kind, id: object.id, from: object.version });
  }

  step('provider', entries(managed.providers), entries(next.providers), plainData);
  step('model', entries(managed.models), entries(next.models), plainData);
  step('provider-key', keyed(managed.keys), keyed(next.keys), (key, at) => keyData(key, at, envelopes));
  step('setting', settings(managed), settings(next), (value) => ({ value }) as StoredData);
  return changes;
}

const isOurs = (name: string): boolean => name.startsWith(PAUSED) || name.startsWith(SECTION);
const plainData = (value: unknown): StoredData => value as StoredData; // as its schema has it
const entries = (record: object): Map<string, unknown> => new Map(Object.entries(record));
const keyed = (keys: readonly ManagedProviderKey[]): Map<string, ManagedProviderKey> =>
  new Map(keys.map((key) => [keyName(key), key]));

function settings({ sections, paused }: ManagedConfig): Map<string, unknown> {
  return new Map([
    ...Object.entries(sections).map(([name, value]): [string, unknown] => [`${SECTION}${name}`, value]),
    ...paused.map((name): [string, unknown] => [`${PAUSED}${name}`, true]),
  ]);
}

/** Whatever the order of their members. */
export function same(one: unknown, other: unknown): boolean {
  return sorted(one) === sorted(other);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
