// A new master key: what lies sealed in the store is wrapped with it anew. No secret is opened for that, and one that the keys at
// hand do not open stays as it is.
import type { ObjectKind, Store, StoredData, StoredObject, StoredValue } from '../../src/contracts/store.ts';
import { EnvelopeError, type Envelopes } from '../../src/governance/envelope.ts';

/** Where an envelope stands in the data of a kind, and the field that it was sealed for. */
const SEALED: readonly { kind: ObjectKind; has: string; at: readonly string[]; field: string }[] = [
  { kind: 'provider-key', has: 'secret', at: ['secret'], field: 'secret' },
  { kind: 'config', has: 'secret', at: ['secret'], field: 'state' },
  { kind: 'admin', has: 'secret', at: ['secret', 'totp', 'sealed'], field: 'totp' },
  { kind: 'key', has: 'waiting', at: ['secret', 'waiting'], field: 'waiting' },
];
const PAGE = 100;
/** Somebody may change an object meanwhile: it is read again. */
const TRIES = 5;

export interface Resealed {
  /** Objects whose envelope is of the newest master key now. */
  readonly resealed: number;
  /** Of a master key that is not at hand, or altered: nobody can use them. */
  readonly lost: number;
}

export async function reseal(store: Store, envelopes: Envelopes): Promise<Resealed> {
  let resealed = 0;
  let lost = 0;
  for (const { kind, has, at, field } of SEALED) {
    for (let after: string | null = null; ; ) {
      const page: { items: readonly StoredObject[]; next: string | null } = await store.list({
        kind,
        has,
        after,
        limit: PAGE,
      });
      for (const found of page.items) {
        const done = await resealOne(store, found, at, (text) =>
          envelopes.rewrap(text, { kind, id: found.id, field }),
        );
        if (done === 'resealed') resealed += 1;
        if (done === 'lost') lost += 1;
      }
      after = page.next;
      if (after === null) break;
    }
  }
  return { resealed, lost };
}

async function resealOne(
  store: Store,
  found: StoredObject,
  at: readonly string[],
  rewrap: (text: string) => string,
): Promise<'resealed' | 'same' | 'lost'> {
  let object: StoredObject | null = found;
  for (let left = TRIES; object !== null && left > 0; left--) {
    const { kind, id, name, lookup, version } = object;
    let data: StoredData;
    try {
      data = replaced(object.data, at, rewrap) as StoredData; // an object stays one
    } catch (error) {
      if (error instanceof EnvelopeError) return 'lost';
      throw error;
    }
    if (data === object.data) return 'same';
    const done = await store.commit([{ op: 'replace', kind, id, from: version, name, lookup, data }], null);
    if (done.ok) return 'resealed';
    object = await store.get(kind, id);
  }
  // It went meanwhile, or somebody changes it all the time and so seals it anew.
  return 'same';
}

/** The same value where nothing changes on the way. */
function replaced(
  value: StoredValue,
  [first, ...rest]: readonly string[],
  change: (text: string) => string,
): StoredValue {
  if (first === undefined) return typeof value === 'string' ? change(value) : value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const inner = (value as StoredData)[first];
  if (inner === undefined) return value;
  const next = replaced(inner, rest, change);
  return next === inner ? value : { ...value, [first]: next };
}
