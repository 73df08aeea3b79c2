// A kind of object as data: from it come its routes, its checks and its filters.
import type { FileObjects } from '../../src/contracts/gatehouse-ipc.ts';
import type { ObjectKind, StoredData } from '../../src/contracts/store.ts';
import type { Resource as PermissionResource } from '../../src/governance/roles.ts';
import type { ApiContext } from './context.ts';
import type { Fields } from './fields.ts';
import type { References } from './references.ts';

export interface ResourceKind {
  readonly kind: ObjectKind;
  /** As in the path. */
  readonly plural: string;
  readonly permission: PermissionResource;
  readonly fields: Fields;
  /** Of `fields`; a name is always needed. */
  readonly required?: readonly string[];
  /** Fields that name other objects. */
  readonly references?: References;
  /** Fields that a list can be filtered by, beside the name. */
  readonly filters?: readonly string[];
  /** Which of the file's objects are of this kind. */
  readonly inFile?: Exclude<keyof FileObjects, 'prices' | 'priceChanges'>;
  /** Kinds with a field that refers to this one: while there are any, it is not deleted. */
  readonly usedBy?: readonly (readonly [kind: ObjectKind, field: string])[];
  /** What the schema cannot say. @throws ApiError 400 */
  check?(data: StoredData, context: ApiContext): void | Promise<void>;
}
