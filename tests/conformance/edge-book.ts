// What the gatehouse keeps of devices at the edge, over whichever database: one suite, run over SQLite (edge-book.test.ts) and over a real
// PostgreSQL (tests/integration/postgres).
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiContext } from '../../gatehouse/api/context.ts';
import { blockPending, decideDevice, enrol, removeDevice } from '../../gatehouse/api/device-book.ts';
import { findsOf, keepFindings, verdictsOf } from '../../gatehouse/edge/findings.ts';
import { DEFAULT_POLICY } from '../../gatehouse/edge/policy.ts';
import { createIds } from '../../gatehouse/keep/ids.ts';
import { NOBODY } from '../../gatehouse/who/actor.ts';
import type { EdgeFinding } from '../../src/contracts/edge.ts';
import type { SealAudit, Store, StoredObject } from '../../src/contracts/store.ts';
import { credentialHash } from '../../src/governance/virtual-key.ts';
import type { StoreMaker } from './store.ts';

const seal: SealAudit = (last, event) => ({
  ...event,
  sequence: (last?.sequence ?? 0) + 1,
  previous: '',
  hash: '',
});
const asked = { actor: NOBODY, ip: '' };

const app = (target: string): EdgeFinding => ({
  type: 'app',
  target,
  names: [target],
  transport: '',
  version: '1.0',
  sources: ['~/file'],
});
const server = (target: string, name: string): EdgeFinding => ({
  type: 'server',
  target,
  names: [name],
  transport: 'http',
  version: '',
  sources: ['claude'],
});

export function describeEdgeBook(title: string, maker: StoreMaker): void {
  describe(title, () => {
    let store: Store;
    let close: () => Promise<void>;
    let context: ApiContext;
    const virtualKey = randomBytes(32);
    beforeAll(async () => {
      ({ store, close } = await maker.open(seal));
      const now = (): number => Date.now();
      // All that is read of it here.
      context = {
        store,
        keys: { virtualKey },
        id: createIds(now),
        now,
        publish: async () => undefined,
      } as unknown as ApiContext;
    });
    afterAll(() => close());

    const person = (name: string, subject: string) =>
      enrol(context, asked, {
        name,
        platform: 'linux-x64',
        subject,
        person: subject,
        state: 'pending',
        owners: {},
      });
    const keyOf = async (device: StoredObject): Promise<StoredObject | null> =>
      store.get('key', String(device.data['key']));
    const counts = async (): Promise<Record<string, unknown>> => {
      const { items } = await store.list({ kind: 'edge-item', limit: 100 });
      return Object.fromEntries(items.map(({ data }) => [data['target'], data['devices']]));
    };

    it('the same person’s device of one name is one device, with one key that holds', async () => {
      const first = await person('laptop', 'oidc:ada');
      const second = await person('laptop', 'oidc:ada');
      const other = await person('laptop', 'oidc:grace');
      expect(second.device.id).toBe(first.device.id);
      expect(second.key).not.toBe(first.key);
      const lookups = [first.key, second.key].map((key) => credentialHash(virtualKey, key));
      expect(await store.byLookup('key', lookups[0]!)).toBeNull();
      expect((await store.byLookup('key', lookups[1]!))?.id).toBe(second.device.data['key']);
      expect(other.device.id).not.toBe(first.device.id);
      expect(other.device.name).toMatch(/^laptop-[0-9a-f]{8}$/);
      for (const { device } of [second, other]) await removeDevice(context, asked, device);
    });

    it('an item counts the devices it is on, however many report at once', async () => {
      const enrolled = await Promise.all(['a', 'b', 'c', 'd'].map((name) => person(name, `oidc:${name}`)));
      let devices = enrolled.map(({ device }) => device);
      devices = await Promise.all(
        devices.map((device, at) =>
          keepFindings(context, device, [
            app('claude'),
            ...(at < 2 ? [server('https://mcp.example', 'tools')] : []),
          ]),
        ),
      );
      expect(await counts()).toEqual({ claude: 4, 'https://mcp.example': 2 });
      const before = (await store.changes(0, ['edge-item', 'edge-find'])).revision;
      devices[0] = await keepFindings(context, devices[0]!, [
        server('https://mcp.example', 'tools'),
        app('claude'),
      ]);
      expect((await store.changes(0, ['edge-item', 'edge-find'])).revision).toBe(before);
      devices[0] = await keepFindings(context, devices[0]!, [server('https://mcp.example', 'other name')]);
      expect(await counts()).toEqual({ claude: 3, 'https://mcp.example': 2 });
      expect((await findsOf(store, devices[0]!)).map(({ data }) => data['names'])).toEqual([['other name']]);
      await removeDevice(context, asked, devices[0]!);
      expect(await counts()).toEqual({ claude: 3, 'https://mcp.example': 1 });
      expect(await findsOf(store, devices[0]!)).toEqual([]);
      const [item] = (await store.list({ kind: 'edge-item', where: { target: 'claude' }, limit: 1 })).items;
      const on = await store.list({ kind: 'edge-find', where: { item: item!.id }, limit: 10 });
      expect(on.items).toHaveLength(3);
    });

    it('a verdict follows the state, and the policy while there is none', async () => {
      const { device: judged } = await person('judged', 'oidc:judged');
      const device = await keepFindings(context, judged, [
        app('codex'),
        server('https://bad.example', 'bad'),
      ]);
      const [bad] = (
        await store.list({ kind: 'edge-item', where: { target: 'https://bad.example' }, limit: 1 })
      ).items;
      const { id, name, data } = bad!;
      await store.commit(
        [
          {
            op: 'replace',
            kind: 'edge-item',
            id,
            from: null,
            name,
            lookup: null,
            data: { ...data, state: 'denied' },
          },
        ],
        null,
      );
      const said = async (pendingApps: 'allow' | 'block') =>
        Object.fromEntries(
          (await verdictsOf(store, device, { ...DEFAULT_POLICY, pendingApps })).map((one) => [
            one.target,
            [one.state, one.decision],
          ]),
        );
      expect(await said('allow')).toEqual({
        codex: ['pending', 'allow'],
        'https://bad.example': ['denied', 'block'],
      });
      expect((await said('block'))['codex']).toEqual(['pending', 'block']);
    });

    it('a device that is denied has a key that is blocked, and a pending one as the policy says', async () => {
      const { device } = await person('decided', 'oidc:decided');
      const denied = await decideDevice(context, asked, device, 'denied');
      expect((await keyOf(denied))?.data['blocked']).toBe(true);
      // Enrolled anew, it is still denied.
      const again = await person('decided', 'oidc:decided');
      expect((await keyOf(again.device))?.data['blocked']).toBe(true);
      const approved = await decideDevice(context, asked, again.device, 'approved');
      expect((await keyOf(approved))?.data['blocked']).toBeUndefined();
      const { device: pending } = await person('waits', 'oidc:waits');
      await blockPending(context, true);
      expect([(await keyOf(pending))?.data['blocked'], (await keyOf(approved))?.data['blocked']]).toEqual([
        true,
        undefined,
      ]);
      await blockPending(context, false);
      expect((await keyOf(pending))?.data['blocked']).toBeUndefined();
    });
  });
}
