// What every store must do, whichever database it lies in: one suite, run over SQLite (store.test.ts) and over a real
// PostgreSQL (tests/integration/postgres).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AuditEntry,
  AuditEvent,
  Change,
  SealAudit,
  Store,
  StoredData,
  StoredObject,
} from '../../src/contracts/store.ts';

export interface StoreMaker {
  /** A store of its own, empty. */
  open(seal: SealAudit): Promise<{ store: Store; again(): Promise<Store>; close(): Promise<void> }>;
}

/** A chain that can be read off: each hash names the one before it. */
const seal: SealAudit = (last, event): AuditEntry => {
  const sequence = (last?.sequence ?? 0) + 1;
  const previous = last?.hash ?? '';
  return { ...event, sequence, previous, hash: `${previous}>${sequence}` };
};

const event = (action: string, over: Partial<AuditEvent> = {}): AuditEvent => ({
  at: 1_000,
  initiator: 'admin:ada',
  action,
  target: '',
  outcome: 'success',
  reason: '',
  ip: '127.0.0.1',
  before: null,
  after: null,
  ...over,
});

const create = (id: string, data: StoredData = {}, over: Partial<Change> = {}): Change =>
  ({ op: 'create', kind: 'team', id, name: `name of ${id}`, lookup: null, data, ...over }) as Change; // `over` stays within a create

export function describeStore(title: string, maker: StoreMaker): void {
  describe(title, () => {
    let store: Store;
    let again: () => Promise<Store>;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, again, close } = await maker.open(seal));
    });
    afterAll(() => close());

    async function made(change: Change): Promise<StoredObject> {
      const result = await store.commit([change], null);
      if (!result.ok) throw new Error(result.why);
      return result.objects[0]!;
    }

    it('gives back what was created, by id, name and lookup, as it was', async () => {
      const data = { text: 'ä "quoted" \\ 100% _ ?', n: 1.5, list: [1, 'two', { three: null }], yes: true };
      const object = await made(create('a1', data, { lookup: 'digest-a1' }));
      expect(object).toMatchObject({ id: 'a1', version: 1, lookup: 'digest-a1', data });
      expect(await store.get('team', 'a1')).toEqual(object);
      expect(await store.byName('team', 'name of a1')).toEqual(object);
      expect(await store.byLookup('team', 'digest-a1')).toEqual(object);
      expect(await store.get('user', 'a1')).toBeNull();
    });

    it('counts a version for each change and refuses one made from an older', async () => {
      const first = await made(create('b1', { n: 1 }));
      const replace = (from: number | null, n: number): Change => ({
        op: 'replace',
        kind: 'team',
        id: 'b1',
        from,
        name: 'name of b1',
        lookup: null,
        data: { n },
      });
      const second = await made(replace(first.version, 2));
      expect(second).toMatchObject({ version: 2, createdAt: first.createdAt, data: { n: 2 } });
      expect(second.revision).toBeGreaterThan(first.revision);
      expect(await store.commit([replace(1, 3)], null)).toEqual({
        ok: false,
        why: 'stale',
        change: 0,
        version: 2,
      });
      expect(await made(replace(null, 4))).toMatchObject({ version: 3 });
      const remove: Change = { op: 'delete', kind: 'team', id: 'b1', from: 2 };
      expect(await store.commit([remove], null)).toMatchObject({ ok: false, why: 'stale', version: 3 });
      expect(await store.commit([{ ...remove, from: 3 }], null)).toMatchObject({ ok: true });
      expect(await store.get('team', 'b1')).toBeNull();
      expect(await store.commit([{ ...remove, from: null }], null)).toMatchObject({
        ok: false,
        why: 'missing',
      });
    });

    it('of two writers of one version lets exactly one through', async () => {
      await made(create('race', { n: 0 }));
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          store.commit(
            [
              {
                op: 'replace',
                kind: 'team',
                id: 'race',
                from: 1,
                name: 'name of race',
                lookup: null,
                data: { n },
              },
            ],
            event('team.update', { target: 'team/race' }),
          ),
        ),
      );
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect((await store.get('team', 'race'))?.version).toBe(2);
      const { items } = await store.audit({ target: 'team/race', limit: 10 });
      expect(items).toHaveLength(1);
    });

    it('keeps names and lookups apart among the living, and frees those of the deleted', async () => {
      await made(create('c1', {}, { lookup: 'digest-c' }));
      const sameName = create('c2', {}, { name: 'name of c1' });
      expect(await store.commit([sameName], null)).toMatchObject({ ok: false, why: 'taken', field: 'name' });
      const sameLookup = create('c3', {}, { lookup: 'digest-c' });
      expect(await store.commit([sameLookup], null)).toMatchObject({
        ok: false,
        why: 'taken',
        field: 'lookup',
      });
      expect(await store.commit([create('c1')], null)).toMatchObject({
        ok: false,
        why: 'taken',
        field: 'id',
      });
      await store.commit([{ op: 'delete', kind: 'team', id: 'c1', from: null }], null);
      expect(await store.commit([sameName], null)).toMatchObject({ ok: true });
      expect(await store.commit([sameLookup], null)).toMatchObject({ ok: true });
    });

    it('does all of a commit or nothing, its event included', async () => {
      const before = await store.audit({ limit: 1 });
      const result = await store.commit(
        [create('d1'), create('d2', {}, { name: 'name of d1' })],
        event('team.create'),
      );
      expect(result).toEqual({ ok: false, why: 'taken', change: 1, field: 'name' });
      expect(await store.get('team', 'd1')).toBeNull();
      expect((await store.audit({ limit: 1 })).items).toEqual(before.items);
    });

    it('pages through a list in the order of creation without loss or repetition, while it grows', async () => {
      const ids = Array.from({ length: 7 }, (_, n) => `e${n}`);
      for (const id of ids) await made(create(id, {}, { kind: 'customer' }));
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 9; page++) {
        const { items, next } = await store.list({ kind: 'customer', after, limit: 3 });
        seen.push(...items.map(({ id }) => id));
        if (page === 0) await made(create('e00', {}, { kind: 'customer' }));
        after = next;
        if (next === null) break;
      }
      expect(after).toBeNull();
      // `e00` sorts into the page that was read already.
      expect(seen).toEqual(ids);
      expect(await store.count('customer')).toBe(8);
      const brief = await store.brief('customer', null, 5);
      const rest = await store.brief('customer', brief.next, 5);
      const whole = await store.list({ kind: 'customer', limit: 10 });
      expect(rest.next).toBeNull();
      expect([...brief.items, ...rest.items]).toEqual(
        whole.items.map(({ kind, id, name, version, data }) => ({ kind, id, name, version, data })),
      );
    });

    it('filters by members of the data, whatever type they have, and by the beginning of the name', async () => {
      const put = (id: string, data: StoredData): Promise<StoredObject> =>
        made(create(id, data, { kind: 'project' }));
      await put('f1', { team: 'red', blocked: true, size: 2 });
      await put('f2', { team: 'red', blocked: false, size: 3 });
      await put('f3', { team: 'blue', blocked: true });
      const ids = async (where: Record<string, string | number | boolean>, prefix = ''): Promise<string[]> =>
        (await store.list({ kind: 'project', where, prefix, limit: 10 })).items.map(({ id }) => id);
      expect(await ids({ team: 'red' })).toEqual(['f1', 'f2']);
      expect(await ids({ blocked: true })).toEqual(['f1', 'f3']);
      expect(await ids({ team: 'red', blocked: false })).toEqual(['f2']);
      expect(await ids({ size: 3 })).toEqual(['f2']);
      expect(await ids({ team: `red' OR '1'='1` })).toEqual([]);
      expect(await ids({ name: 'name of f3' })).toEqual(['f3']);
      expect(await ids({}, 'name of f')).toEqual(['f1', 'f2', 'f3']);
      expect(await ids({}, 'name_of')).toEqual([]);
      const sized = await store.list({ kind: 'project', has: 'size', limit: 10 });
      expect(sized.items.map(({ id }) => id)).toEqual(['f1', 'f2']);
      const either = await store.list({ kind: 'project', has: ['size', 'team'], limit: 10 });
      expect(either.items.map(({ id }) => id)).toEqual(['f1', 'f2', 'f3']);
      await expect(store.list({ kind: 'project', has: ["x'"], limit: 1 })).rejects.toThrow('plain word');
      expect(await ids({}, '%')).toEqual([]);
      await expect(store.list({ kind: 'project', where: { "x'": 1 }, limit: 1 })).rejects.toThrow(
        'plain word',
      );
    });

    it('tells what changed since a revision, and only that', async () => {
      const start = (await store.changes(0, ['user'])).revision;
      const one = await made(create('g1', { n: 1 }, { kind: 'user' }));
      const two = await made(create('g2', { n: 2 }, { kind: 'user' }));
      await made(create('g3'));
      expect(await store.changes(start, ['user'])).toEqual({
        revision: expect.any(Number),
        put: [one, two],
        drop: [],
      });
      await store.commit([{ op: 'delete', kind: 'user', id: 'g1', from: null }], null);
      const delta = await store.changes(two.revision, ['user', 'organization']);
      expect(delta.put).toEqual([]);
      expect(delta.drop).toEqual([{ kind: 'user', id: 'g1' }]);
      expect((await store.changes(delta.revision, ['user'])).drop).toEqual([]);
      // From the beginning what is gone needs no telling.
      expect(await store.changes(0, ['user'])).toEqual({
        revision: delta.revision,
        put: [two],
        drop: [],
      });
    });

    it('tells of a commit to those who watch, also of one by somebody else', async () => {
      let calls = 0;
      const stop = store.watch(() => {
        calls += 1;
      });
      await made(create('h1'));
      await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(0);
      const other = await again();
      const before = calls;
      await other.commit([create('h2')], null);
      await expect.poll(() => calls, { timeout: 10_000 }).toBeGreaterThan(before);
      await other.close();
      stop();
    });

    it('keeps the audit log whole, in order, and chained over all writers', async () => {
      const other = await again();
      await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          (n % 2 === 0 ? store : other).commit([], event('login', { reason: `try ${n}`, outcome: 'denied' })),
        ),
      );
      await other.close();
      const { items: all, last } = await store.auditFrom(0, 1_000);
      expect(last).toBe(all.length);
      all.forEach((entry, index) => {
        expect(entry.sequence).toBe(index + 1);
        expect(entry.previous).toBe(all[index - 1]?.hash ?? '');
      });
      const { sequence, hash } = all.at(-1)!;
      expect(await store.auditHead()).toEqual({ sequence, hash });
      const denied = await store.audit({ action: 'login', outcome: 'denied', limit: 4 });
      expect(denied.items).toHaveLength(4);
      const rest = await store.audit({ action: 'login', before: Number(denied.next), limit: 100 });
      expect(rest.items).toHaveLength(6);
      expect(rest.next).toBeNull();
      expect(await store.audit({ since: 1_001, limit: 5 })).toEqual({ items: [], next: null });
    });

    it('remembers when a key was last used, and never an earlier time', async () => {
      await store.touch(
        new Map([
          ['k1', 500],
          ['k2', 600],
        ]),
      );
      await store.touch(new Map([['k1', 400]]));
      expect(await store.lastUsed(['k1', 'k2', 'k3'])).toEqual(
        new Map([
          ['k1', 500],
          ['k2', 600],
        ]),
      );
    });

    it('keeps the first answer under a key, until it is forgotten', async () => {
      const answer = { print: 'p', status: 201, body: '{"id":"ä"}', at: 100 };
      expect(await store.keptAnswer('once')).toBeNull();
      expect(await store.keepAnswer('once', answer)).toBe(true);
      expect(await store.keepAnswer('once', { ...answer, body: 'other' })).toBe(false);
      expect(await store.keptAnswer('once')).toEqual(answer);
      await store.settleAnswer('once', { ...answer, status: 200, body: 'settled' });
      expect(await store.keptAnswer('once')).toEqual({ ...answer, status: 200, body: 'settled' });
      await store.settleAnswer('once', null);
      expect(await store.keptAnswer('once')).toBeNull();
      expect(await store.keepAnswer('once', answer)).toBe(true);
      await store.forgetAnswers(101);
      expect(await store.keptAnswer('once')).toBeNull();
    });

    it('is there again, as it was, for who opens it next', async () => {
      await made(create('z1', { kept: true }));
      const other = await again();
      expect((await other.get('team', 'z1'))?.data).toEqual({ kept: true });
      await other.close();
    });
  });
}
