// Devices, items and finds of the store as people see them.
import type { EdgePolicy } from '../../src/contracts/edge.ts';
import type { Store, StoredObject } from '../../src/contracts/store.ts';
import { stateOf } from './device-book.ts';
import { verdictOf } from '../edge/findings.ts';
import { decisionOf } from '../edge/policy.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

export async function shownDevices(
  store: Pick<Store, 'lastUsed'>,
  devices: readonly StoredObject[],
  policy: EdgePolicy,
): Promise<object[]> {
  const seen = await store.lastUsed(devices.map(({ id }) => id));
  return devices.map((device) => {
    const { id, name, version, createdAt, data } = device;
    const { asked: _asked, found: _found, ...fields } = data;
    const at = seen.get(id);
    return {
      id,
      name,
      ...fields,
      decision: decisionOf(stateOf(device), policy.pendingDevices),
      seenAt: at === undefined ? null : iso(at),
      revision: version,
      createdAt: iso(createdAt),
    };
  });
}

export function shownItem(item: StoredObject, policy: EdgePolicy): object {
  const { id, version, createdAt, data } = item;
  const { note = '', decidedBy = '', ...fields } = data;
  return {
    id,
    ...fields,
    note,
    decidedBy,
    decision: verdictOf(item, policy).decision,
    version,
    createdAt: iso(createdAt),
  };
}

/** @param item that was found; null = it was forgotten */
export function shownFind({ createdAt, data }: StoredObject, item: StoredObject | null): object {
  const { itemName: _name, ...fields } = data;
  const { type, target, state } = item?.data ?? {};
  return { ...fields, ...(item === null ? {} : { type, target, state }), since: iso(createdAt) };
}
