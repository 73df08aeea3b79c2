// The data folder of an older version, as it left it (made by e64e3dc: an organization, a team, a user, a key with a limit and a budget, a
// provider with a sealed key, a model, twelve calls), taken over by this one, and what the older one would find on its way back.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, adminClient, adminOpen } from '../../kit/admin.ts';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

/** Shown once, by the version that made them. They open nothing but the folder beside this file. */
const KEY = 'hg-1Tk6vnulcvmXP3iPXYG84nPDprDyQMooS3VvZh7';
const TOKEN = 'hga-1jiUL25jUXOzIrfgV43JcI4rQ46D5KoMv4eTXxX';
/** When its calls were made, ms since 1970. */
const THEN = 1_795_991_000_000;
const CALLS = 12;

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-upgrade-'));
const data = path.join(folder, 'data');
const older = path.join(folder, 'older');
let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mkdirSync(data);
  execFileSync('tar', ['-xzf', path.join(import.meta.dirname, 'data-e64e3dc.tgz'), '-C', data]);
  cpSync(data, older, { recursive: true });
  mock = await startMock();
  const prices = { 'oa/ok': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 } };
  gateway = await startGateway({
    admin: true,
    config: testConfig(mock, { rest: { prices } }),
    env: { HEADGATE_DATA_DIR: data },
  });
  admin = adminClient(gateway.url, TOKEN);
  await adminOpen(gateway);
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
  rmSync(folder, { recursive: true, force: true });
});

const schemaOf = (file: string): number => {
  const opened = new DatabaseSync(file, { readOnly: true });
  const { user_version } = opened.prepare('PRAGMA user_version').get() as { user_version: number };
  opened.close();
  return user_version;
};

it('knows its administrators, keys and what they belong to, and who was deleted is not back', async () => {
  const { body: key } = await admin.get('/api/keys/app');
  expect(key).toMatchObject({
    tags: ['web'],
    limits: [{ requests: '600/min' }],
    budgets: [{ amountUsd: 5 }],
  });
  const { body: team } = await admin.get(`/api/teams/${key.team}`);
  expect(team.name).toBe('red');
  expect((await admin.get(`/api/organizations/${team.organization}`)).body.name).toBe('acme');
  expect((await admin.get('/api/keys/gone')).status).toBe(404);
  expect((await admin.get('/api/models/quick')).body.targets).toEqual(['near/quick']);
  expect((await admin.get('/api/provider-keys')).body.items).toMatchObject([
    { alias: 'near-1', lastFour: '0001' },
  ]);
  // Of the chain of the audit log every link holds, those of the older version and the next ones.
  await admin.post('/api/teams', { name: 'after' });
  expect((await admin.get('/api/audit/verify')).body).toMatchObject({ ok: true });
});

it('takes a key that the older version issued, under the limits and the budget it has', async () => {
  const spent = async (): Promise<number> => {
    const { body } = await admin.get('/api/keys/app/budgets');
    return body.budgets.find(({ amountUsd }: { amountUsd: number }) => amountUsd === 5).spentUsd;
  };
  const before = await spent();
  const answer = await call(gateway, chatPath, { key: KEY, body: chatBody('oa/ok') });
  expect(answer.status).toBe(200);
  await waitUntil(async () => (await spent()) > before, 'the call to be counted', 20_000);
});

it('shows its log beside its own, and the ledger agrees with both', async () => {
  const rows = async (window: string) =>
    (await admin.get(`/api/logs?facets=false&limit=100&key=app&${window}`)).body.rows;
  await waitUntil(async () => (await rows('since=1h&model=oa/ok')).length > 0, 'the new row', 20_000);
  const window = `since=${THEN}&until=${THEN + 3_600_000}`;
  expect((await rows(window)).filter(({ model }: { model: string }) => model === 'demo/demo')).toHaveLength(
    CALLS,
  );
  expect((await admin.get('/api/ledger/reconcile?since=1h')).body).toMatchObject({ ok: true, faults: [] });
});

it('leaves the store as the older version can open it, and the copy of what it cannot', async () => {
  expect((await gateway.stop()).code).toBe(0);
  for (const name of ['headgate.db', 'log.db']) {
    const [was, is] = [schemaOf(path.join(older, name)), schemaOf(path.join(data, name))];
    // The log has no copy, since it may be large: docs/operations.md says what to do with it.
    const back = is === was ? path.join(data, name) : path.join(data, `${name}.schema-${was}`);
    if (name === 'headgate.db') expect(schemaOf(back)).toBe(was);
    else expect(is).toBeGreaterThan(was);
  }
});
