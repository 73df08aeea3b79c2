// A price that was wrong, mended, and charges priced anew over a real gateway: budgets of two workers, a gatehouse that is killed
// meanwhile, and the command line.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, adminOpen, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { PROGRAM } from '../../kit/program.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

const CALLS = 320;
const keys = ['red', 'blue'] as const;
let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

/** @param outputUsd a token of the answer, of which the mock tells some. */
const config = (outputUsd: number): object =>
  testConfig(mock, {
    rest: {
      prices: { 'oa/*': { input_cost_per_token: 1e-6, output_cost_per_token: outputUsd } },
      auth: {
        keys: keys.map((name) => ({
          ...{ name, value: `${gateKey}-${name}`, team: name },
          budgets: [{ amountUsd: 100, window: '1Y' }],
        })),
      },
      usageCost: { keys: ['red'] },
    },
  });

beforeAll(async () => {
  mock = await startMock();
  gateway = await startGateway({ admin: true, workers: 2, config: config(2e-5) });
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
});

let made = 0;
async function chat(name: string, stream = false): Promise<number> {
  made++;
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    // Another connection each time: it may be any worker's.
    headers: {
      ...{ authorization: `Bearer ${gateKey}-${name}`, 'content-type': 'application/json' },
      connection: 'close',
    },
    body: JSON.stringify({
      ...{ model: 'oa/ok', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] },
      ...(stream && { stream, stream_options: { include_usage: true } }),
    }),
  });
  const text = await answer.text();
  if (!stream) return Number(answer.headers.get('x-headgate-cost-usd'));
  return Number(/"usage":\{"cost":([\d.]+)/.exec(text)?.[1]);
}

const ledger = async () => (await admin.get('/api/stats?since=1d&metrics=costNano')).body.total;
async function charged(calls: number): Promise<number> {
  await waitUntil(async () => (await ledger())?.requests >= calls, `${calls} calls in the log`, 60_000);
  const { requests, costNano } = await ledger();
  expect(requests).toBe(calls);
  return costNano;
}
/** What is spent of the budget of a key, once no worker holds any of it ahead. */
const spent = async (name: string): Promise<number> =>
  (await admin.get(`/api/budgets/standing?key=${name}`)).body.budgets?.[0]?.spentNano ?? -1;
const gatehousePid = (): number =>
  Number(gateway.logs().findLast(({ msg }) => msg === 'gatehouse is open')?.['gatehousePid']);
const done = async (id: string) => {
  const job = () => admin.get(`/api/ledger/recalculations/${id}`);
  await waitUntil(async () => (await job()).body.done === true, 'the recalculation', 60_000);
  return (await job()).body;
};

it('a mended price reaches ledger, sums, log and budgets, whatever dies meanwhile', async () => {
  const each = await chat('red');
  expect(await chat('red', true)).toBe(each);
  // Right behind the answers: the books wait for what is on its way.
  for (let calls = 2; calls < 8; calls++) {
    const books = (await admin.get('/api/ledger/reconcile?since=1d')).body;
    expect(books).toMatchObject({ ok: true, complete: true, charges: calls });
    expect(books.costNano).toBe(Math.round(each * 1e9) * calls);
    await chat(keys[calls % 2]!);
  }
  for (let at = made; at < CALLS; at += 20)
    await Promise.all(Array.from({ length: Math.min(20, CALLS - at) }, (_, n) => chat(keys[n % 2]!)));
  const before = await charged(CALLS);
  expect(before).toBe(Math.round(each * 1e9) * CALLS);
  await waitUntil(async () => (await spent('red')) + (await spent('blue')) === before, 'budgets', 30_000);
  gateway.writeConfig(config(2e-6));
  await waitUntil(
    async () => {
      const costs = await Promise.all(Array.from({ length: 12 }, () => chat('red')));
      return costs.every((cost) => cost < each);
    },
    'the mended price on every worker',
    30_000,
  );
  await waitUntil(
    async () => {
      const { body } = await admin.get('/api/prices?models=oa/ok');
      return body.items?.[0].components.some(({ usd }: { usd: number }) => usd === 2e-6);
    },
    'the mended price',
    30_000,
  );
  const other = await chat('red');
  // Right behind the last calls: those that are still on their way are among them.
  const ask = { since: '1d', keys: ['red', 'blue'] };
  const dry = (await admin.post('/api/ledger/recalculate', { ...ask, dryRun: true })).body;
  const would = await done(dry.id);
  expect(would).toMatchObject({ dryRun: true, error: '', kept: 0, unpriced: 0 });
  expect((await admin.get('/api/ledger?limit=1&key=blue')).body.items[0]).toMatchObject({ corrections: [] });

  const begun = await admin.post('/api/ledger/recalculate', ask);
  expect(begun.status).toBe(202);
  process.kill(gatehousePid(), 'SIGKILL');
  await adminOpen(gateway);
  const job = await done(begun.body.id);
  expect(job).toMatchObject({ error: '', corrected: would.corrected, differenceNano: would.differenceNano });
  // Sums that waited when it was killed are made anew from the spool, which may be behind the corrections.
  await waitUntil(async () => (await ledger()).requests === made, 'all calls in the sums again', 60_000);
  const { requests, costNano } = await ledger();
  expect(costNano).toBe(Math.round(other * 1e9) * requests);
  const books = (await admin.get('/api/ledger/reconcile?since=1d')).body;
  expect(books).toMatchObject({ ok: true, costNano, charges: requests, faults: [] });
  await waitUntil(async () => (await spent('red')) + (await spent('blue')) === costNano, 'budgets', 30_000);
  const [charge] = (await admin.get('/api/ledger?limit=1&key=blue')).body.items;
  expect(charge).toMatchObject({
    costNano: Math.round(other * 1e9),
    originalNano: Math.round(each * 1e9),
    corrections: [{ job: job.id, fromNano: Math.round(each * 1e9), toNano: Math.round(other * 1e9) }],
  });
  const [row] = (await admin.get(`/api/logs?call=${charge.call}`)).body.rows;
  expect(row.costNano).toBe(charge.costNano);
}, 180_000);

it('is asked for on the command line, and says what it does', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [PROGRAM, 'ledger', ...args], {
      env: { ...process.env, HEADGATE_ADMIN_TOKEN: admin.token, HEADGATE_URL: gateway.url },
    });
  const { stdout } = await run('recalculate', '--since', '1d', '--key', 'red', '--url', gateway.url);
  expect(stdout).toContain(' 0 come to something else: +$0');
  await expect(run('recalculate')).rejects.toThrow('say from when on');
  await expect(run('recalculate', '--since', '1d', '--outcome', 'ok')).rejects.toThrow('is no filter');
});

it('refuses what it cannot do, and lists what it did', async () => {
  const bad = await admin.post('/api/ledger/recalculate', { since: 'yesterday-ish' });
  expect([bad.status, bad.body.error.param]).toEqual([400, 'since']);
  expect((await admin.post('/api/ledger/recalculate', {})).status).toBe(400);
  expect((await admin.post('/api/ledger/recalculate', { since: '1d', model: 'x' })).status).toBe(400);
  expect((await admin.get('/api/ledger/recalculations/nobody')).status).toBe(404);
  expect((await admin.post('/api/ledger/recalculations/nobody/cancel')).status).toBe(404);
  const { body } = await admin.get('/api/ledger/recalculations');
  expect(body.items).toHaveLength(3);
  expect(body.items.every(({ done: over }: { done: boolean }) => over)).toBe(true);
  const audit = (await admin.get('/api/audit?action=ledger.recalculate')).body.items;
  expect(audit).toHaveLength(2);
});
