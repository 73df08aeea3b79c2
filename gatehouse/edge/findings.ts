// What devices report, as objects of the store: an item for each app and server of the fleet, and a find for each device it is on. An
// item counts its devices in the commit that adds or takes one, so that nobody ever has to count them.
import { createHash } from 'node:crypto';
import type { EdgeFinding, EdgePolicy, EdgeVerdict } from '../../src/contracts/edge.ts';
import type {
  Change,
  ObjectKind,
  Store,
  StoredData,
  StoredObject,
  StoredValue,
} from '../../src/contracts/store.ts';
import { StoreDown } from '../../src/contracts/store.ts';
import { decisionOf } from './policy.ts';

/** Others report the same things at the same moment: of a fleet that starts in the morning, many. */
const TRIES = 20;

interface Deps {
  readonly store: Store;
  id(kind: ObjectKind): string;
}

/** Makes what is known of the device what it found. @returns the device as it is then. @throws StoreDown */
export async function keepFindings(
  { store, id }: Deps,
  device: StoredObject,
  given: readonly EdgeFinding[],
): Promise<StoredObject> {
  const findings = new Map(given.map((one) => [itemName(one), one]));
  let here = device;
  for (let left = TRIES; ; left--) {
    const changes = await changesFor({ store, id }, here, findings);
    if (changes.length === 0) return here;
    const result = await store.commit(changes, null);
    const after = (await store.get('device', device.id)) ?? here;
    if (result.ok) return after;
    if (left === 0) throw new StoreDown('what a device found could not be written: others keep changing it');
    here = after;
  }
}

/** The device names its finds, so that no table is searched for them: each is found by its name. */
const foundOf = ({ data }: StoredObject): string[] =>
  Array.isArray(data['found']) ? data['found'].map(String) : [];

async function changesFor(
  { store, id }: Deps,
  device: StoredObject,
  findings: ReadonlyMap<string, EdgeFinding>,
): Promise<Change[]> {
  const known = new Map((await findsOf(store, device)).map((find) => [String(find.data['itemName']), find]));
  const changes: Change[] = [];
  for (const [name, finding] of findings) {
    const find = known.get(name);
    const item = await store.byName('edge-item', name);
    if (item === null) {
      const made = id('edge-item');
      const data: StoredData = { ...itemData(finding), state: 'pending', devices: 1 };
      changes.push({ op: 'create', kind: 'edge-item', id: made, name, lookup: null, data });
      changes.push(...findChange(id, device, find, name, made, finding));
      continue;
    }
    changes.push(...findChange(id, device, find, name, item.id, finding));
    if (find === undefined) changes.push(counted(item, 1));
  }
  for (const [name, find] of known) if (!findings.has(name)) changes.push(...(await findGone(store, find)));
  const [before, after] = [foundOf(device).sort(), [...findings.keys()].sort()];
  if (before.join() !== after.join())
    changes.push({
      op: 'replace',
      kind: 'device',
      id: device.id,
      from: device.version,
      name: device.name,
      lookup: null,
      data: { ...device.data, found: after },
    });
  return changes;
}

/** The find goes, and its item counts one device less. */
export async function findGone(store: Pick<Store, 'get'>, find: StoredObject): Promise<Change[]> {
  const item = await store.get('edge-item', String(find.data['item']));
  return [
    { op: 'delete', kind: 'edge-find', id: find.id, from: find.version },
    ...(item === null ? [] : [counted(item, -1)]),
  ];
}

export async function findsOf(store: Pick<Store, 'byName'>, device: StoredObject): Promise<StoredObject[]> {
  const finds = await Promise.all(
    foundOf(device).map((name) => store.byName('edge-find', findName(device.id, name))),
  );
  return finds.filter((find) => find !== null);
}

const findName = (device: string, item: string): string => `${device}.${item}`;

/** What holds of all that the device reported. */
export async function verdictsOf(
  store: Pick<Store, 'byName' | 'get'>,
  device: StoredObject,
  policy: EdgePolicy,
): Promise<EdgeVerdict[]> {
  const items = await Promise.all(
    (await findsOf(store, device)).map(({ data }) => store.get('edge-item', String(data['item']))),
  );
  return items.flatMap((item) => (item === null ? [] : [verdictOf(item, policy)]));
}

export function verdictOf({ data }: StoredObject, policy: EdgePolicy): EdgeVerdict {
  const { type, target, state, note = '' } = data as unknown as Omit<EdgeVerdict, 'decision'>; // as `itemData` wrote it
  const pending = type === 'app' ? policy.pendingApps : policy.pendingServers;
  return { type, target, state, decision: decisionOf(state, pending), note };
}

/** One thing has one name, on whichever device it is. */
function itemName({ type, transport, target }: EdgeFinding): string {
  const print = createHash('sha256')
    .update(JSON.stringify([type, transport, target]))
    .digest('hex');
  return `${type}.${print.slice(0, 32)}`;
}

const itemData = ({ type, target, names, transport }: EdgeFinding): Record<string, StoredValue> => ({
  type,
  target,
  names: [...names],
  transport,
});

function counted({ id, name, version, data }: StoredObject, by: 1 | -1): Change {
  const devices = Math.max(0, Number(data['devices'] ?? 0) + by);
  return {
    op: 'replace',
    kind: 'edge-item',
    id,
    from: version,
    name,
    lookup: null,
    data: { ...data, devices },
  };
}

function findChange(
  id: Deps['id'],
  device: StoredObject,
  before: StoredObject | undefined,
  itemName_: string,
  item: string,
  { names, version, sources }: EdgeFinding,
): Change[] {
  const data: StoredData = {
    device: device.id,
    deviceName: device.name,
    item,
    itemName: itemName_,
    names: [...names],
    version,
    sources: [...sources],
  };
  if (before === undefined)
    return [
      {
        op: 'create',
        kind: 'edge-find',
        id: id('edge-find'),
        name: findName(device.id, itemName_),
        lookup: null,
        data,
      },
    ];
  if (sameData(before.data, data)) return [];
  const { id: found, name, version: from } = before;
  return [{ op: 'replace', kind: 'edge-find', id: found, from, name, lookup: null, data }];
}

/** A database gives members in an order of its own. */
function sameData(one: StoredData, other: StoredData): boolean {
  const text = (data: StoredData): string =>
    JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}
