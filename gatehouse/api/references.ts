// Objects that others belong to, by id or by name; stored by id, which stays when the name changes.
import type { ObjectKind, Store, StoredData, StoredObject, StoredValue } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';

export type References = Readonly<Record<string, ObjectKind>>;

export async function findObject(
  store: Store,
  kind: ObjectKind,
  idOrName: string,
): Promise<StoredObject | null> {
  return (await store.get(kind, idOrName)) ?? (await store.byName(kind, idOrName));
}

/** `data` with ids where names stood, in lists, too. @throws ApiError 400 for what is not there. */
export async function resolved(store: Store, references: References, data: StoredData): Promise<StoredData> {
  const result: Record<string, StoredValue> = { ...data };
  for (const [field, kind] of Object.entries(references)) {
    const given = data[field];
    if (typeof given === 'string') result[field] = await idOf(store, kind, field, given);
    else if (Array.isArray(given)) {
      const ids: string[] = [];
      for (const one of given) ids.push(await idOf(store, kind, field, String(one)));
      result[field] = [...new Set(ids)];
    }
  }
  return result;
}

async function idOf(store: Store, kind: ObjectKind, field: string, given: string): Promise<string> {
  const found = await findObject(store, kind, given);
  if (found !== null) return found.id;
  throw new ApiError(400, 'unknown_reference', `${field}: there is no ${kind} \`${given}\``, {
    param: field,
  });
}
