// Objects as people see them: without what is secret, with where they come from.
import type { FileObject } from '../../src/contracts/gatehouse-ipc.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { SECRET } from './context.ts';

export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly managed: 'db' | 'file';
  readonly [field: string]: unknown;
}

/** Ids of what stands in the file. */
export const FILE_PREFIX = 'file:';

export function shown(object: StoredObject): Shown {
  const { id, name, version, createdAt, updatedAt, data } = object;
  const { [SECRET]: _secret, ...fields } = data;
  return {
    id,
    name,
    ...fields,
    managed: 'db',
    version,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

export function shownOfFile({ name, data }: FileObject): Shown {
  return { id: `${FILE_PREFIX}${name}`, name, ...data, managed: 'file' };
}
