// To this version and back, by the older version's own code: what docs/operations.md ("Going to a newer version, and back") says is done
// here as an operator would. Needs the repository's history; a checkout without it skips.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminClient, adminOpen } from '../../kit/admin.ts';
import { call, chatBody, chatPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { root } from '../../kit/program.ts';
import { testConfig } from '../../kit/test-config.ts';

/** What made the folder of tests/integration/upgrade. */
const OLDER = 'e64e3dc9b70208b66af1ea471f249a30f369cf28';
/** Shown once, by the version that made them. They open nothing but that folder. */
const KEY = 'hg-1Tk6vnulcvmXP3iPXYG84nPDprDyQMooS3VvZh7';
const TOKEN = 'hga-1jiUL25jUXOzIrfgV43JcI4rQ46D5KoMv4eTXxX';

/** Its budget refuses what has no price. */
const prices = { 'oa/ok': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 } };
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-rollback-'));
const data = path.join(folder, 'data');
const code = path.join(folder, 'older');
const known = spawnSync('git', ['cat-file', '-e', `${OLDER}^{commit}`], { cwd: root }).status === 0;
let mock: MockUpstream;
let gateway: GatewayProcess | null = null;

beforeAll(async () => {
  if (!known) return;
  mkdirSync(data);
  mkdirSync(code);
  const archive = execFileSync('git', ['archive', OLDER], { cwd: root, maxBuffer: 1 << 28 });
  execFileSync('tar', ['-x', '-C', code], { input: archive });
  // Its packages are among today's.
  symlinkSync(path.join(root, 'node_modules'), path.join(code, 'node_modules'));
  execFileSync('tar', ['-xzf', path.join(root, 'tests/integration/upgrade/data-e64e3dc.tgz'), '-C', data]);
  mock = await startMock();
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a version on the folder, lets its key call, and asks for its teams. @returns their names, after `add` came to them */
async function visit(version: 'older' | 'this', add?: string): Promise<string[]> {
  gateway = await startGateway({
    ...(version === 'older' ? { program: path.join(code, 'cluster/cli.ts') } : {}),
    admin: true,
    config: testConfig(mock, { rest: { prices } }),
    env: { HEADGATE_DATA_DIR: data },
  });
  const admin = adminClient(gateway.url, TOKEN);
  await adminOpen(gateway);
  expect((await call(gateway, chatPath, { key: KEY, body: chatBody('oa/ok') })).status).toBe(200);
  if (add !== undefined) expect((await admin.post('/api/teams', { name: add })).status).toBe(201);
  expect((await admin.get('/api/audit/verify')).body).toMatchObject({ ok: true });
  const { items } = (await admin.get('/api/teams')).body;
  expect((await gateway.stop()).code).toBe(0);
  gateway = null;
  return items.map(({ name }: { name: string }) => name).sort();
}

it('goes on with what the older version left, and the older one with the copy of it', async (context) => {
  if (!known) context.skip('no history of this repository here');
  expect(await visit('older', 'before')).toEqual(['before', 'red']);
  expect(await visit('this', 'meanwhile')).toEqual(['before', 'meanwhile', 'red']);
  const copy = readdirSync(data).find((file) => file.startsWith('headgate.db.schema-'));
  if (copy !== undefined) {
    for (const end of ['', '-wal', '-shm']) rmSync(path.join(data, `headgate.db${end}`), { force: true });
    renameSync(path.join(data, copy), path.join(data, 'headgate.db'));
  }
  // Without a copy this version changed nothing of the store's shape, and nothing is lost. Of the log there is none: the older one goes
  // on without.
  const after = ['again', 'before', ...(copy === undefined ? ['meanwhile'] : []), 'red'];
  expect(await visit('older', 'again')).toEqual(after);
  expect(await visit('this')).toEqual(after);
});
