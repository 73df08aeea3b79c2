// Keeps the workers' knowledge of issued keys in step with the store: everything once, then what each commit changed. It
// also says whether that knowledge is whole, which it is not while the store cannot be asked.
import type { FromGatehouse, ManagedLimit } from '../../src/contracts/gatehouse-ipc.ts';
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';
import type { BriefObject, ObjectKind, Page, Store, StoredObject } from '../../src/contracts/store.ts';
import { createFrameWriter } from '../../src/governance/issued-frame.ts';
import { createBelongings, issuedRows } from './holders.ts';
import { limitsOf, OWNER_KINDS, type OwnerKind, ownLimitsOf } from './limits.ts';

/** A store that tells nothing is asked all the same: notices may be lost, and it may be away. */
const ASK_MS = 1_000;
const PAGE = 500;
/** Where all keys are read. */
const MANY = 2_000;
/** Of one message with keys: some hundreds of them. */
const FRAME_BYTES = 256 * 1024;
const CONFIG_KINDS = ['provider', 'provider-key', 'model', 'setting'] as const;
const KINDS = ['key', 'limit', 'budget', ...CONFIG_KINDS, ...OWNER_KINDS] as const;

export interface PublisherDeps {
  readonly store: Store;
  /** Of the hashes. */
  readonly secret: Buffer;
  /** What the store has of the configuration. */
  managed(): Promise<ManagedConfig>;
  send(message: FromGatehouse): void;
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
}

export interface Publisher {
  /** Resolves when the workers have been told everything once, or that it cannot be had now. */
  start(): Promise<void>;
  /** Tells what was committed; resolves when it was sent. */
  look(): Promise<void>;
  stop(): void;
}

const isOwner = ({ kind }: StoredObject): boolean => OWNER_KINDS.some((one) => one === kind);
const isConfig = ({ kind }: { readonly kind: ObjectKind }): boolean =>
  CONFIG_KINDS.some((one) => one === kind);

/** What was sent is on its way, and who else waits has had a turn. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createPublisher({ store, secret, managed, send, log }: PublisherDeps): Publisher {
  const owners = new Map<string, StoredObject>();
  /** Of every object that has some, by kind and id: keys aside, whose own come with them. */
  const limits = new Map<string, readonly ManagedLimit[]>();
  /** Some key had limits of its own since the start: workers look for them from then on. */
  let ofKeys = false;
  let revision = -1;
  let up = true;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let stopWatching = (): void => undefined;
  const coded = secret.toString('base64');
  const find = (kind: OwnerKind, id: string): StoredObject | null => owners.get(`${kind}/${id}`) ?? null;

  /** @returns whether there are others now */
  function limit(object: BriefObject): boolean {
    const path = `${object.kind}/${object.id}`;
    const made = limitsOf(object);
    const before = limits.get(path) ?? [];
    if (made.length > 0) limits.set(path, made);
    else limits.delete(path);
    return JSON.stringify(made) !== JSON.stringify(before);
  }
  const tellLimits = (): void => send({ t: 'limits', limits: [...limits.values()].flat(), ofKeys });

  /** Tells keys in messages of a bounded size, in their order. @param reset they are all there are */
  function teller(reset: boolean): {
    /** @returns whether a message went out */
    add(key: BriefObject): boolean;
    end(drop: string[]): void;
  } {
    const writer = createFrameWriter();
    const belongings = createBelongings(find);
    let first = reset;
    const tell = (drop: string[], last: boolean): void => {
      send({ t: 'issued', frame: writer.take(), drop, reset: first, last, secret: coded });
      first = false;
    };
    return {
      add(key) {
        if (!ofKeys && ownLimitsOf(key) !== undefined) {
          // Before the frame that has it: no key is there before its limits count.
          ofKeys = true;
          tellLimits();
        }
        writer.add(key.id, issuedRows(key, belongings));
        if (writer.bytes < FRAME_BYTES) return false;
        tell([], false);
        return true;
      },
      end: (drop) => tell(drop, true),
    };
  }

  async function everything(): Promise<void> {
    const { revision: at, put } = await store.changes(0, ['limit', 'budget', ...OWNER_KINDS]);
    owners.clear();
    limits.clear();
    for (const object of put) {
      limit(object);
      if (isOwner(object)) owners.set(`${object.kind}/${object.id}`, object);
    }
    let page: Page<BriefObject> = await store.brief('key', null, MANY);
    ofKeys = ofKeys || page.items.some((key) => ownLimitsOf(key) !== undefined);
    // Theirs first: no key is there before its limits.
    tellLimits();
    send({ t: 'managed', managed: await managed() });
    const keys = teller(true);
    for (;;) {
      // SQLite answers within the turn: without another one all would lie here until the last key was read.
      for (const key of page.items) if (keys.add(key)) await nextTurn();
      if (page.next === null) break;
      page = await store.brief('key', page.next, MANY);
    }
    keys.end([]);
    // What was committed since is told again, as a change.
    revision = at;
  }

  async function changes(): Promise<void> {
    const delta = await store.changes(revision, KINDS);
    if (delta.put.length === 0 && delta.drop.length === 0) {
      revision = delta.revision;
      return;
    }
    const keys = new Map<string, StoredObject>();
    const moved: StoredObject[] = [];
    let limited = false;
    for (const object of delta.put) {
      if (isConfig(object)) continue;
      limited = limit(object) || limited;
      if (object.kind === 'limit' || object.kind === 'budget') continue;
      if (object.kind === 'key') keys.set(object.id, object);
      else {
        owners.set(`${object.kind}/${object.id}`, object);
        moved.push(object);
      }
    }
    for (const { kind, id } of delta.drop) {
      owners.delete(`${kind}/${id}`);
      limited = limits.delete(`${kind}/${id}`) || limited;
    }
    if (limited) tellLimits();
    if (delta.put.some(isConfig) || delta.drop.some(isConfig))
      send({ t: 'managed', managed: await managed() });
    for (const key of await keysOf(moved)) if (!keys.has(key.id)) keys.set(key.id, key);
    const gone = delta.drop.filter(({ kind }) => kind === 'key').map(({ id }) => id);
    if (keys.size > 0 || gone.length > 0) {
      const changed = teller(false);
      for (const key of keys.values()) changed.add(key);
      changed.end(gone);
    }
    revision = delta.revision;
  }

  /** Keys that belong to what changed, directly or through what belongs to it. */
  async function keysOf(moved: readonly StoredObject[]): Promise<StoredObject[]> {
    const seen = new Map<string, StoredObject>(moved.map((one) => [`${one.kind}/${one.id}`, one]));
    // Owners are few and in memory; a set of them grows until nothing is added.
    for (let grew = true; grew; ) {
      grew = false;
      for (const [path, owner] of owners) {
        if (seen.has(path)) continue;
        if (!OWNER_KINDS.some((kind) => seen.has(`${kind}/${String(owner.data[kind])}`))) continue;
        seen.set(path, owner);
        grew = true;
      }
    }
    const keys: StoredObject[] = [];
    for (const { kind, id } of seen.values()) {
      for (let after: string | null = null; ; ) {
        const page: { items: readonly StoredObject[]; next: string | null } = await store.list({
          kind: 'key',
          where: { [kind]: id },
          after,
          limit: PAGE,
        });
        keys.push(...page.items);
        after = page.next;
        if (after === null) break;
      }
    }
    return keys;
  }

  async function attempt(): Promise<void> {
    try {
      if (revision < 0) await everything();
      else await changes();
      if (!up) log.info({}, 'the store answers again');
      up = true;
      send({ t: 'whole', whole: true });
    } catch (err) {
      if (up) log.warn({ err }, 'the store cannot be asked: keys that are known go on, others have to wait');
      up = false;
      send({ t: 'whole', whole: false });
    }
  }

  /** However many ask meanwhile: what is under way may have read before, the one behind it has not. */
  function look(): Promise<void> {
    if (running === null) return begin();
    next ??= running.then(() => {
      next = null;
      return running ?? begin();
    });
    return next;
  }

  function begin(): Promise<void> {
    const mine = attempt().then(() => {
      running = null;
    });
    running = mine;
    return mine;
  }

  return {
    look,
    async start() {
      stopWatching = store.watch(() => void look());
      timer = setInterval(() => void look(), ASK_MS);
      await look();
    },
    stop() {
      stopWatching();
      if (timer !== null) clearInterval(timer);
    },
  };
}
