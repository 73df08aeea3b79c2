// A device calls with a virtual key of its own, so that limits, budgets, the log and revoking are those of any key. The key is made,
// replaced and blocked together with the device, in one commit.
import { randomBytes } from 'node:crypto';
import type { Change, ObjectKind, StoredData, StoredObject } from '../../src/contracts/store.ts';
import { credentialHash, issueCredential, shownOf } from '../../src/governance/virtual-key.ts';
import type { GatehouseKeys } from '../keep/keys.ts';

export interface DeviceKey {
  /** Shown once. */
  readonly credential: string;
  readonly id: string;
  readonly change: Change;
}

/** Who the device's calls are counted for; ids. */
export interface DeviceOwners {
  readonly team?: string;
  readonly user?: string;
}

/** With the id behind it, as long as names may be. */
const MAX_NAME = 38;

interface Deps {
  readonly keys: Pick<GatehouseKeys, 'virtualKey'>;
  id(kind: ObjectKind): string;
  /** ms since 1970. */
  now(): number;
}

/** @param device id of it */
export function newDeviceKey(
  deps: Deps,
  device: string,
  name: string,
  owners: DeviceOwners,
  blocked: boolean,
): DeviceKey {
  const id = deps.id('key');
  const { credential, hash, shown } = issued(deps);
  const data: StoredData = {
    ...owners,
    description: 'Of a device at the edge.',
    metadata: { device },
    tags: ['edge'],
    ...(blocked ? { blocked } : {}),
    ...shown,
  };
  // Names of keys are unique, and people name theirs as they like: the device's id makes it one that nobody has.
  return {
    credential,
    id,
    change: {
      op: 'create',
      kind: 'key',
      id,
      name: `${name.slice(0, MAX_NAME)}.${device}`,
      lookup: hash,
      data,
    },
  };
}

/** Another credential for the key; the old one ends at once. */
export function renewedDeviceKey(deps: Deps, key: StoredObject): DeviceKey {
  const { credential, hash, shown } = issued(deps);
  return {
    credential,
    id: key.id,
    change: replaced(key, { ...key.data, ...shown }, hash),
  };
}

/** Null: it is so already. */
export function blockedDeviceKey(key: StoredObject, blocked: boolean): Change | null {
  if ((key.data['blocked'] === true) === blocked) return null;
  const { blocked: _before, ...data } = key.data;
  return replaced(key, blocked ? { ...data, blocked } : data, key.lookup);
}

function issued({ keys, now }: Deps): { credential: string; hash: string; shown: StoredData } {
  const credential = issueCredential('key', randomBytes);
  const hash = credentialHash(keys.virtualKey, credential);
  const shown: StoredData = {
    ...shownOf(credential),
    rotatedAt: new Date(now()).toISOString(),
    secret: { current: hash, previous: null },
  };
  return { credential, hash, shown };
}

function replaced({ id, name, version }: StoredObject, data: StoredData, lookup: string | null): Change {
  return { op: 'replace', kind: 'key', id, from: version, name, lookup, data };
}
