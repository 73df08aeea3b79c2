// What differs between two managed configurations, resource by resource, secrets never shown.
import { type Document, toDocument } from './document.ts';
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';
import { same } from './state.ts';

export interface Difference {
  readonly op: 'add' | 'change' | 'remove';
  /** `providers.x`, `models.y`, or a section. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A secret that is another one shows as `(changed)`. */
export function diffOf(before: ManagedConfig, after: ManagedConfig): Difference[] {
  const one = flat(toDocument(before));
  const two = flat(marked(toDocument(after), before, after));
  return [...new Set([...one.keys(), ...two.keys()])].sort().flatMap((path): Difference[] => {
    if (!one.has(path)) return [{ op: 'add', path, after: two.get(path) }];
    if (!two.has(path)) return [{ op: 'remove', path, before: one.get(path) }];
    if (same(one.get(path), two.get(path))) return [];
    return [{ op: 'change', path, before: one.get(path), after: two.get(path) }];
  });
}

function flat({ providers = {}, models = {}, ...sections }: Document): Map<string, unknown> {
  const below = (section: string, record: unknown): [string, unknown][] =>
    Object.entries(record as object).map(([name, entry]) => [`${section}.${name}`, entry]);
  return new Map([...below('providers', providers), ...below('models', models), ...Object.entries(sections)]);
}

function marked(document: Document, before: ManagedConfig, after: ManagedConfig): Document {
  const changed = after.keys.filter((key) => {
    const old = before.keys.find(({ provider, alias }) => provider === key.provider && alias === key.alias);
    return old !== undefined && (old.value !== key.value || old.secretAccessKey !== key.secretAccessKey);
  });
  if (changed.length === 0) return document;
  const providers = structuredClone(document['providers']) as Record<
    string,
    { keys?: Record<string, unknown>[] }
  >;
  for (const { provider, alias, value } of changed) {
    const shown = providers[provider]?.keys?.find((key) => key['alias'] === alias);
    if (shown !== undefined) shown[value === undefined ? 'secretAccessKey' : 'value'] = '(changed)';
  }
  return { ...document, providers };
}
