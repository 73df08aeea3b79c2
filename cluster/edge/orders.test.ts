import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EdgeFinding, EdgeOrders } from '../../src/contracts/edge.ts';
import { GateRefusal } from './centre/gate-api.ts';
import { createOrders } from './orders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-orders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const server: EdgeFinding = {
  type: 'server',
  target: 'npx gh',
  names: ['gh'],
  transport: 'stdio',
  version: '',
  sources: ['claude'],
};
const said = (decision: 'allow' | 'block'): EdgeOrders => ({
  device: { id: 'dev_1', name: 'laptop', state: 'approved' },
  decision: 'allow',
  verdicts: [{ type: 'server', target: 'npx gh', state: 'denied', decision, note: '' }],
  policy: {
    pendingDevices: 'allow',
    pendingApps: 'allow',
    pendingServers: 'allow',
    refreshSeconds: 60,
    fallback: true,
    intercept: { enabled: false, hosts: [] },
  },
});

function machine() {
  const asked: string[] = [];
  const troubles: (string | null)[] = [];
  const centre = { answer: said('block') as EdgeOrders | Error, findings: [server] };
  const hear = (how: string) => async (): Promise<EdgeOrders> => {
    asked.push(how);
    if (centre.answer instanceof Error) throw centre.answer;
    return centre.answer;
  };
  const make = () =>
    createOrders({
      api: { report: hear('report'), orders: hear('orders') },
      version: '1',
      find: () => centre.findings,
      folder,
      heard: (trouble) => void troubles.push(trouble?.message ?? null),
    });
  return { centre, asked, troubles, make };
}

it('reports what changed, asks where nothing did, and tells a centre that has forgotten', async () => {
  const { centre, asked, make } = machine();
  const keeper = make();
  await keeper.ask();
  await keeper.ask();
  centre.findings = [{ ...server, names: ['gh', 'git'] }];
  await keeper.ask();
  expect(asked).toEqual(['report', 'orders', 'report']);
  centre.answer = { ...said('block'), verdicts: [] };
  await keeper.ask();
  await keeper.ask();
  expect(asked.slice(3)).toEqual(['orders', 'report']);
});

it('what was denied stays so without the centre, over a start', async () => {
  const { centre, troubles, make } = machine();
  await make().ask();
  centre.answer = new Error('away');
  const next = make();
  await next.ask();
  expect(troubles).toEqual([null, 'away']);
  expect(next.orders?.decision).toBe('allow');
  expect(next.blocked.map(({ names }) => names)).toEqual([['gh']]);
});

it('a machine that was taken away does nothing more, a gate that is busy changes nothing', async () => {
  const { centre, make } = machine();
  const keeper = make();
  await keeper.ask();
  centre.answer = new GateRefusal(503, 'store_unavailable', 'later');
  await keeper.ask();
  expect(keeper.orders?.decision).toBe('allow');
  centre.answer = new GateRefusal(401, 'unauthenticated', 'not known');
  await keeper.ask();
  expect(keeper.orders).toMatchObject({ decision: 'block', device: { state: 'denied' } });
});

it('asks one behind the other: an answer that comes late undoes nothing that was said behind it', async () => {
  const waiting: PromiseWithResolvers<EdgeOrders>[] = [];
  const hear = (): Promise<EdgeOrders> => {
    const asked = Promise.withResolvers<EdgeOrders>();
    waiting.push(asked);
    return asked.promise;
  };
  const keeper = createOrders({
    api: { report: hear, orders: hear },
    version: '1',
    find: () => [server],
    folder,
    heard: () => undefined,
  });
  const first = keeper.ask();
  const [second, third] = [keeper.ask(), keeper.ask()];
  expect(waiting).toHaveLength(1);
  waiting[0]!.resolve(said('allow'));
  await first;
  await expect.poll(() => waiting.length).toBe(2);
  waiting[1]!.resolve(said('block'));
  await Promise.all([second, third]);
  // Who asked while one waited has asked with it.
  expect([waiting.length, keeper.blocked.length]).toEqual([2, 1]);
});

it('goes on asking where a look at this machine went wrong', async () => {
  let looks = 0;
  const troubles: (string | null)[] = [];
  const keeper = createOrders({
    api: { report: async () => said('block'), orders: async () => said('block') },
    version: '1',
    find: () => {
      if (++looks === 2) throw new Error('it was changed meanwhile');
      return [server];
    },
    folder,
    heard: (trouble) => void troubles.push(trouble?.message ?? null),
  });
  await Promise.all([keeper.ask(), keeper.ask()]);
  await Promise.all([keeper.ask(), keeper.ask()]);
  expect(troubles).toEqual(['it was changed meanwhile', null, null, null]);
});
