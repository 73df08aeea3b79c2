// Devices: enrolled with a key of their own, approved or denied, and taken away with all that was known of them.
import { randomBytes } from 'node:crypto';
import type { EdgeState } from '../../src/contracts/edge.ts';
import type { Change, StoredObject } from '../../src/contracts/store.ts';
import { type ApiContext, commit } from './context.ts';
import type { ApiRequest } from './route.ts';
import { ApiError } from '../errors/api-error.ts';
import {
  blockedDeviceKey,
  type DeviceKey,
  type DeviceOwners,
  newDeviceKey,
  renewedDeviceKey,
} from '../edge/device-keys.ts';
import { findGone, findsOf } from '../edge/findings.ts';
import { decisionOf, readPolicy } from '../edge/policy.ts';

/** Somebody else may take the name meanwhile, or change what is changed here. */
const TRIES = 5;
/** Changes of one commit, about. */
const MANY = 200;

export interface NewDevice {
  readonly name: string;
  /** `linux-x64`; '' = not said. */
  readonly platform: string;
  /** Who enrols it, and no two ever the same: `oidc:<issuer>#<sub>`, `certificate:<fingerprint>`; '' = an administrator made it. */
  readonly subject: string;
  /** Name of the person, or of the certificate. */
  readonly person: string;
  readonly state: EdgeState;
  readonly owners: DeviceOwners;
}

export interface Enrolled {
  readonly device: StoredObject;
  /** The key itself. */
  readonly key: string;
}

type Asked = Pick<ApiRequest, 'actor' | 'ip'>;

/** The same person's device of the same name is that device again, with another key. @throws ApiError */
export async function enrol(context: ApiContext, request: Asked, asked: NewDevice): Promise<Enrolled> {
  const { policy } = await readPolicy(context.store);
  for (let left = TRIES; ; left--) {
    const before = asked.subject === '' ? null : await ofSubject(context, asked);
    const blocked =
      decisionOf(before === null ? asked.state : stateOf(before), policy.pendingDevices) === 'block';
    try {
      return before === null
        ? await made(context, request, asked, blocked, left < TRIES)
        : await again(context, request, before, blocked);
    } catch (error) {
      const lost = error instanceof ApiError && ['version_conflict', 'name_taken'].includes(error.code);
      // An administrator names a device; somebody who enrols one does not care what others call theirs.
      if (!lost || left === 0 || (asked.subject === '' && error.code === 'name_taken')) throw error;
    }
  }
}

async function ofSubject({ store }: ApiContext, { subject, name }: NewDevice): Promise<StoredObject | null> {
  const { items } = await store.list({ kind: 'device', where: { subject, asked: name }, limit: 1 });
  return items[0] ?? null;
}

async function made(
  context: ApiContext,
  request: Asked,
  asked: NewDevice,
  blocked: boolean,
  taken: boolean,
): Promise<Enrolled> {
  const id = context.id('device');
  const name = taken ? `${asked.name.slice(0, 55)}-${randomBytes(4).toString('hex')}` : asked.name;
  const key = newDeviceKey(context, id, name, asked.owners, blocked);
  const { platform, subject, person, state, owners } = asked;
  const data = { state, platform, subject, person, asked: asked.name, key: key.id, version: '', ...owners };
  const change: Change = { op: 'create', kind: 'device', id, name, lookup: null, data };
  const [device] = await commit(context, request, [change, key.change], {
    action: 'device.enrol',
    target: `device/${id}`,
    after: { name, ...data },
  });
  return told(context, device!, key);
}

async function again(
  context: ApiContext,
  request: Asked,
  device: StoredObject,
  blocked: boolean,
): Promise<Enrolled> {
  const old = await context.store.get('key', String(device.data['key']));
  // Its key was taken away by hand: it gets another one.
  const key =
    old === null
      ? newDeviceKey(context, device.id, device.name, ownersOf(device), blocked)
      : renewedDeviceKey(context, old);
  const data = { ...device.data, key: key.id };
  const change: Change = {
    op: 'replace',
    kind: 'device',
    id: device.id,
    from: device.version,
    name: device.name,
    lookup: null,
    data,
  };
  const [after] = await commit(context, request, [change, key.change], {
    action: 'device.renew',
    target: `device/${device.id}`,
  });
  return told(context, after!, key);
}

async function told(
  { publish }: ApiContext,
  device: StoredObject,
  { credential }: DeviceKey,
): Promise<Enrolled> {
  // It calls at once.
  await publish();
  return { device, key: credential };
}

export const stateOf = ({ data }: StoredObject): EdgeState => data['state'] as EdgeState; // written here alone

function ownersOf({ data }: StoredObject): DeviceOwners {
  const { team, user } = data as { team?: string; user?: string }; // written by `made`
  return { ...(team === undefined ? {} : { team }), ...(user === undefined ? {} : { user }) };
}

/** @throws ApiError 409 when somebody else changes it, too */
export async function decideDevice(
  context: ApiContext,
  request: Asked,
  device: StoredObject,
  state: EdgeState,
): Promise<StoredObject> {
  const { policy } = await readPolicy(context.store);
  const blocked = decisionOf(state, policy.pendingDevices) === 'block';
  const key = await context.store.get('key', String(device.data['key']));
  const { id, name, version, data } = device;
  const [after] = await commit(
    context,
    request,
    [
      { op: 'replace', kind: 'device', id, from: version, name, lookup: null, data: { ...data, state } },
      ...(key === null ? [] : [blockedDeviceKey(key, blocked)].filter((change) => change !== null)),
    ],
    { action: 'device.decide', target: `device/${id}`, before: { state: data['state']! }, after: { state } },
  );
  await context.publish();
  return after!;
}

/** The device, its key, and what was found on it. @throws ApiError */
export async function removeDevice(context: ApiContext, request: Asked, device: StoredObject): Promise<void> {
  const { store } = context;
  const key = await store.get('key', String(device.data['key']));
  // The key first, so that nothing is known of a device that can call.
  await commit(
    context,
    request,
    [
      { op: 'delete', kind: 'device', id: device.id, from: device.version },
      ...(key === null ? [] : [{ op: 'delete', kind: 'key', id: key.id, from: null } as const]),
    ],
    {
      action: 'device.delete',
      target: `device/${device.id}`,
      before: { name: device.name, ...device.data },
    },
  );
  await context.publish();
  for (const find of await findsOf(store, device)) {
    for (let left = TRIES; left > 0; left--) {
      const result = await store.commit(await findGone(store, find), null);
      if (result.ok || result.why === 'missing') break;
    }
  }
}

/** The policy of pending devices is another: their keys follow. */
export async function blockPending(context: ApiContext, blocked: boolean): Promise<void> {
  const { store } = context;
  for (let after: string | null = null; ; ) {
    const page = await store.list({ kind: 'device', where: { state: 'pending' }, after, limit: MANY });
    const keys = await Promise.all(page.items.map(({ data }) => store.get('key', String(data['key']))));
    for (const key of keys) {
      const change = key === null ? null : blockedDeviceKey(key, blocked);
      // Whoever changed it meanwhile did so after the policy, and by it.
      if (change !== null) await store.commit([change], null);
    }
    if (page.next === null) break;
    after = page.next;
  }
  await context.publish();
}
