// What workers are told of the store: everything once, then what each commit changed, and whether that is all there is.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createIssuedKeys } from '../../cluster/gatehouse/issued-keys.ts';
import type { FromGatehouse } from '../../src/contracts/gatehouse-ipc.ts';
import { NOTHING_MANAGED } from '../../src/contracts/managed-config.ts';
import {
  type Change,
  type ObjectKind,
  type Store,
  type StoredData,
  StoreDown,
} from '../../src/contracts/store.ts';
import { createAuditSeal } from '../../src/governance/hash-chain.ts';
import { credentialHash } from '../../src/governance/virtual-key.ts';
import { IssuedKeys } from '../../src/pipeline/who/issued-keys.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { createPublisher, type Publisher } from './publisher.ts';

const secret = Buffer.alloc(32, 9);
let folder: string;
let store: Store;
let told: FromGatehouse[];
let publisher: Publisher;
/** The primary and a worker of it. */
let worker: IssuedKeys;
let away: boolean;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-publisher-'));
  const real = createSqlStore({
    driver: openSqlite(path.join(folder, 'store.db')),
    seal: createAuditSeal(randomBytes(32)),
    now: () => 1,
  });
  away = false;
  const reading =
    <A extends unknown[], T>(read: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      away ? Promise.reject(new StoreDown('away')) : read(...args);
  store = {
    ...real,
    list: reading(real.list),
    brief: reading(real.brief),
    changes: reading(real.changes),
    watch: () => () => undefined,
  };
  told = [];
  worker = new IssuedKeys();
  const primary = createIssuedKeys(false);
  publisher = createPublisher({
    store,
    secret,
    managed: async () => NOTHING_MANAGED,
    send(message) {
      told.push(message);
      if (message.t !== 'issued') return;
      const news = primary.learn(message);
      // On its way to another process it is copied.
      if (news !== null) worker.learn(Buffer.from(news.frame), news.drop, news.secret);
    },
    log: { info: () => undefined, warn: () => undefined },
  });
});
afterEach(async () => {
  publisher.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const create = (kind: ObjectKind, id: string, data: StoredData): Change => ({
  op: 'create',
  kind,
  id,
  name: id,
  lookup: kind === 'key' ? `hash of ${id}` : null,
  data:
    kind === 'key'
      ? { ...data, secret: { current: credentialHash(secret, `hg-${id}`), previous: null } }
      : data,
});
async function commit(...changes: Change[]): Promise<void> {
  expect(await store.commit(changes, null)).toMatchObject({ ok: true });
}
async function change(kind: ObjectKind, id: string, data: StoredData): Promise<void> {
  const found = (await store.get(kind, id))!;
  await commit({
    op: 'replace',
    kind,
    id,
    from: found.version,
    name: found.name,
    lookup: found.lookup,
    data: { ...found.data, ...data },
  });
}
const kinds = (): string[] => told.splice(0).map(({ t }) => t);

it('tells limits before the keys that have them, and that it is whole behind all', async () => {
  await commit(
    create('team', 't', { limits: [{ requests: '5/s' }] }),
    create('key', 'k', { team: 't', limits: [{ requests: '1/s' }] }),
    create('budget', 'b', { amountUsd: 5 }),
  );
  await publisher.start();
  const limits = told.find((message) => message.t === 'limits');
  expect(limits?.limits.map(({ name }) => name).sort()).toEqual(['b', 't']);
  expect(limits?.ofKeys).toBe(true);
  expect(kinds()).toEqual(['limits', 'managed', 'issued', 'whole']);
  expect(worker.find('hg-k')).toMatchObject({ name: 'k', team: 't', rules: [{ name: 'k.requests' }] });
});

it('tells a change alone, of its team the keys behind it, and nothing where nothing changed', async () => {
  await commit(create('organization', 'o', {}), create('team', 't', { organization: 'o' }));
  await commit(
    create('user', 'u', { team: 't' }),
    create('key', 'k', { user: 'u' }),
    create('key', 'other', {}),
  );
  await publisher.start();
  kinds();
  await publisher.look();
  expect(kinds()).toEqual(['whole']);
  await change('organization', 'o', { blocked: true });
  await publisher.look();
  expect(kinds()).toEqual(['issued', 'whole']);
  expect(worker.find('hg-k')).toMatchObject({ blocked: true });
  expect(worker.find('hg-other')?.blocked).toBe(false);
  await commit({ op: 'delete', kind: 'key', id: 'other', from: null });
  await publisher.look();
  expect(worker.find('hg-other')).toBeNull();
});

it('tells limits anew when they are others, and only then', async () => {
  await commit(create('team', 't', { limits: [{ requests: '1/s' }] }), create('key', 'k', { team: 't' }));
  await publisher.start();
  expect(told.find((message) => message.t === 'limits')?.ofKeys).toBe(false);
  kinds();
  await change('team', 't', { description: 'the same' });
  await publisher.look();
  expect(kinds()).toEqual(['issued', 'whole']);
  await change('team', 't', { limits: [{ requests: '2/s' }] });
  await publisher.look();
  expect(kinds()).toEqual(['limits', 'issued', 'whole']);
  await commit({ op: 'delete', kind: 'team', id: 't', from: null });
  await publisher.look();
  expect(told.find((message) => message.t === 'limits')).toMatchObject({ limits: [] });
});

it('says that keys have limits of their own before the first that has, and tells each with its key alone', async () => {
  const [limited, other] = [create('key', 'k', {}), create('key', 'other', {})];
  await commit(limited, other);
  await publisher.start();
  kinds();
  await change('key', 'k', { limits: [{ requests: '1/s' }], budgets: [{ amountUsd: 5 }] });
  await publisher.look();
  expect(told[0]).toEqual({ t: 'limits', limits: [], ofKeys: true });
  expect(kinds()).toEqual(['limits', 'issued', 'whole']);
  const before = worker.find('hg-k');
  expect(before?.rules.map(({ name, limit }) => [name, limit])).toEqual([
    ['k.requests', 1],
    ['k-1M.budget', 5e9],
  ]);
  await change('key', 'k', { limits: [{ requests: '2/s' }], budgets: [] });
  await publisher.look();
  expect(kinds()).toEqual(['issued', 'whole']);
  const after = worker.find('hg-k');
  expect(after?.rules).toMatchObject([{ name: 'k.requests', limit: 2 }]);
  expect(after!.rules[0]!.version).toBeGreaterThan(before!.rules[0]!.version!);
  expect(worker.find('hg-other')?.rules).toEqual([]);
});

it('says so in its first word where one of the first keys has them, and behind it where one of thousands has', async () => {
  for (let from = 0; from < 3_000; from += 500)
    await commit(...Array.from({ length: 500 }, (_, n) => create('key', `k${10_000 + from + n}`, {})));
  await commit(create('key', 'z', { limits: [{ concurrent: 1 }] }));
  await publisher.start();
  const words = told.map((message) => (message.t === 'limits' ? message.ofKeys : message.t));
  expect(words[0]).toBe(false);
  expect(words.indexOf(true)).toBeGreaterThan(0);
  // No key with limits is there before that.
  expect(words.indexOf(true)).toBeLessThan(words.lastIndexOf('issued'));
  expect(worker.find('hg-z')?.rules).toHaveLength(1);
});

it('a look that is asked for while one is under way is made behind it, once for all who ask', async () => {
  await publisher.start();
  kinds();
  const first = publisher.look();
  await commit(create('key', 'late', {}));
  const asked = [publisher.look(), publisher.look(), publisher.look()];
  await Promise.all(asked);
  expect(worker.find('hg-late')).not.toBeNull();
  await first;
  expect(kinds().filter((kind) => kind === 'whole').length).toBeLessThanOrEqual(2);
});

it('tells the configuration of the store when a part of it changed', async () => {
  await publisher.start();
  kinds();
  await commit(create('setting', 'section/lane', { value: {} }));
  await publisher.look();
  expect(kinds()).toEqual(['managed', 'whole']);
});

it('S06: with the store away keys stay known and the knowledge is not whole; back again it is, without a start', async () => {
  await commit(create('key', 'k', {}));
  await publisher.start();
  kinds();
  away = true;
  await publisher.look();
  expect(told.splice(0)).toEqual([{ t: 'whole', whole: false }]);
  expect(worker.find('hg-k')).not.toBeNull();
  away = false;
  await commit(create('key', 'late', {}));
  await publisher.look();
  expect(told.at(-1)).toEqual({ t: 'whole', whole: true });
  expect(worker.find('hg-late')).not.toBeNull();
});

it('a store that is away at the start is read whole once it is there', async () => {
  await commit(create('key', 'k', {}));
  away = true;
  await publisher.start();
  expect(told.splice(0)).toEqual([{ t: 'whole', whole: false }]);
  away = false;
  await publisher.look();
  expect(worker.find('hg-k')).not.toBeNull();
});

it('tells thousands of keys in messages of a bounded size, as one list', async () => {
  for (let from = 0; from < 3_000; from += 500)
    await commit(
      ...Array.from({ length: 500 }, (_, n) => create('key', `k${from + n}`, { tags: ['x'.repeat(100)] })),
    );
  await publisher.start();
  const frames = told.filter((message) => message.t === 'issued');
  expect(frames.length).toBeGreaterThan(1);
  expect(frames.map(({ reset }) => reset)).toEqual(frames.map((_, at) => at === 0));
  expect(frames.map(({ last }) => last)).toEqual(frames.map((_, at) => at === frames.length - 1));
  for (const { frame } of frames) expect(frame.length).toBeLessThan(512 * 1024);
  expect(worker.size).toBe(3_000);
});

it('lets messages go, and others have a turn, while it reads thousands of keys', async () => {
  for (let from = 0; from < 3_000; from += 500)
    await commit(
      ...Array.from({ length: 500 }, (_, n) => create('key', `k${from + n}`, { tags: ['x'.repeat(100)] })),
    );
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await publisher.start();
  over = true;
  expect(turns).toBeGreaterThanOrEqual(told.filter(({ t }) => t === 'issued').length - 1);
});
