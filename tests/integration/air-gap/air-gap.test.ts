// A gateway speaks to what its configuration names and to nothing else: every process of it writes down what it connects to.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminOpen, openAdmin } from '../../kit/admin.ts';
import { call, chatBody, chatPath, messagesBody, messagesPath } from '../../kit/client.ts';
import { type GatewayProcess, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

interface Outbound {
  readonly kind: 'process' | 'tcp' | 'udp' | 'unix' | 'name';
  readonly target: string;
  readonly pid: number;
}

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-air-gap-'));
const file = path.join(folder, 'outbound');
const outbound = (): Outbound[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outbound);
let mock: MockUpstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  mock = await startMock();
  gateway = await startGateway({
    admin: true,
    config: testConfig(mock, {
      rest: {
        // By the built-in vectors: no model is asked for them.
        cache: { exact: {}, semantic: {} },
        guardrails: [{ name: 'pii', action: 'redact', checks: [{ type: 'pii' }] }],
      },
    }),
    env: {
      OUTBOUND_RECORD: file,
      NODE_OPTIONS: `--import ${path.join(import.meta.dirname, 'record-outbound.mjs')}`,
      HEADGATE_DATA_DIR: folder,
    },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('nothing is contacted but what is configured', async () => {
  const admin = await openAdmin(gateway);
  await adminOpen(gateway);
  for (const model of ['oa/ok', 'oa/usage', 'oa/status:503'])
    await call(gateway, chatPath, { body: chatBody(model) });
  expect((await call(gateway, messagesPath, { body: messagesBody('an/ok') })).status).toBe(200);
  // The large body goes through the pool of threads.
  expect(
    (await call(gateway, messagesPath, { body: messagesBody('an/ok', { system: 'x'.repeat(300_000) }) }))
      .status,
  ).toBe(200);
  expect((await call(gateway, '/v1/models')).status).toBe(200);
  for (const place of ['/metrics', '/health', '/ui/', '/docs/']) await call(gateway, place);
  await waitUntil(async () => ((await admin.get('/api/logs')).body.rows?.length ?? 0) > 2, 'rows', 30_000);
  // A price of the built-in table, which is part of the package.
  expect((await admin.get('/api/ledger')).status).toBe(200);

  const seen = outbound();
  // As modules each has a folder, in a bundle a file.
  const processes = seen
    .filter(({ kind }) => kind === 'process')
    .map(({ target }) => target.split(path.sep).slice(-2).join('/'));
  for (const one of [/^cluster\/cli\./, /gatehouse/, /^workers\/|\/worker\./])
    expect(processes).toContainEqual(expect.stringMatching(one));
  const configured = new Set([mock.openaiUrl, mock.anthropicUrl].map((url) => new URL(url).host));
  const contacted = seen.filter(({ kind }) => kind === 'tcp').map(({ target }) => target);
  expect(contacted.length).toBeGreaterThan(0);
  // The port it is to open is tried by the primary first, to tell that it is taken; that is no way out.
  const own = new Set([`127.0.0.1:${gateway.port}`]);
  expect(contacted.filter((target) => !configured.has(target) && !own.has(target))).toEqual([]);
  expect(seen.filter(({ kind }) => kind === 'udp' || kind === 'name')).toEqual([]);
  for (const { target } of seen.filter(({ kind }) => kind === 'unix'))
    expect(target).toMatch(/headgate-[^/]+\/api\.sock$/);
});

test('and that the record is one can be seen: a provider that cannot be resolved is in it', async () => {
  expect(existsSync(file)).toBe(true);
  const before = outbound().length;
  gateway.writeConfig(
    testConfig(mock, {
      providers: {
        away: {
          dialect: 'openai-chat',
          baseUrl: 'http://nowhere.invalid/v1',
          keys: [{ value: 'sk-nobody-0001' }],
          models: ['*'],
        },
      },
    }),
  );
  gateway.kill('SIGHUP');
  await waitUntil(
    async () => {
      const { status } = await call(gateway, chatPath, { body: chatBody('away/x') });
      return status >= 500;
    },
    'the provider to be asked',
    30_000,
  );
  const targets = outbound()
    .slice(before)
    .map(({ target }) => target);
  expect(targets.some((target) => target.includes('nowhere.invalid'))).toBe(true);
});
