// Limits of the store as entries of the configuration: those that stand alone, and those of a key, a team, …. Pure.
import type { ManagedLimit } from '../../src/contracts/gatehouse-ipc.ts';
import type { StoredData, StoredObject, StoredValue } from '../../src/contracts/store.ts';
import { OWNER_KINDS } from './holders.ts';

const NUMBERS = ['requests', 'tokens', 'concurrent', 'burst'] as const;
const SCOPES: readonly string[] = ['key', ...OWNER_KINDS];

/** Named by its id, which no limit of the file has. */
export function limitsOf({ kind, id, name, data }: StoredObject): ManagedLimit[] {
  if (kind === 'limit') {
    const { per = ['gateway'], match = {} } = data;
    // As the schema has them.
    return [{ name: id, per: per as string[], match: match as Record<string, string>, ...numbersOf(data) }];
  }
  const own: StoredValue | undefined = data['limits'];
  if (!SCOPES.includes(kind) || !Array.isArray(own)) return [];
  return own.map((limit, index) => ({
    name: index === 0 ? id : `${id}-${index + 1}`,
    per: kind,
    match: { [kind]: name },
    ...numbersOf(limit as StoredData), // as the schema has it
  }));
}

function numbersOf(data: StoredData): Partial<ManagedLimit> {
  return Object.fromEntries(
    NUMBERS.filter((field) => data[field] !== undefined).map((field) => [field, data[field]]),
  );
}
