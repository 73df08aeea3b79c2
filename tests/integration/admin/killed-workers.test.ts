// Workers killed while they answer: what clients were given is in the ledger and spent of the budget, and both say the same, to the
// nanodollar. What was under way in a worker that died is nobody's.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CALLS_A_WRITE } from '../../../src/gateway/seal-turns.ts';
import { type AdminClient, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

const CLIENTS = 12;
const KILLS = 6;
/** Answers between one kill and the next. */
const BETWEEN = 150;
let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mock = await startMock();
  const prices = { 'oa/*': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-5 } };
  const key = { name: 'app', value: gateKey, team: 'red', budgets: [{ amountUsd: 100, window: '1Y' }] };
  const teams = { red: { budgets: [{ amountUsd: 1_000, window: '1Y' }] } };
  const config = testConfig(mock, { rest: { prices, auth: { keys: [key] }, teams } });
  gateway = await startGateway({ admin: true, workers: 2, config });
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
});

/** Nanodollars of each answer that came whole. */
const answered: number[] = [];

async function client(over: () => boolean): Promise<void> {
  while (!over()) {
    try {
      const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'oa/ok', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
      });
      await answer.text();
      if (answer.status === 200)
        answered.push(Math.round(Number(answer.headers.get('x-headgate-cost-usd')) * 1e9));
    } catch {
      // Its worker was killed.
    }
  }
}

const pids = (): number[] => {
  const lines = gateway.logs();
  const gone = new Set(lines.filter(({ msg }) => msg === 'worker died').map((line) => line['workerPid']));
  return lines
    .filter(({ msg, ...line }) => msg === 'worker listens' && !gone.has(line['workerPid']))
    .map((line) => Number(line['workerPid']));
};

it('what was answered before a worker is killed is charged, once, in the ledger and in budgets', async () => {
  let over = false;
  const clients = Array.from({ length: CLIENTS }, () => client(() => over));
  const kept = (): number =>
    gateway.logs().filter(({ msg }) => msg === 'kept what a worker had not told').length;
  let kill = 0;
  // Until something was kept that would have been lost: a worker that is met when it has told all of it, since this process stood
  // still, says nothing.
  for (; kill < KILLS || (kept() === 0 && kill < 4 * KILLS); kill++) {
    await waitUntil(() => pids().length === 2, 'two workers', 60_000);
    const until = answered.length + BETWEEN;
    await waitUntil(() => answered.length >= until, 'answers', 60_000);
    process.kill(pids()[kill % 2]!, 'SIGKILL');
    await waitUntil(
      () => gateway.logs().filter(({ msg }) => msg === 'worker died').length > kill,
      'the death to be seen',
      30_000,
    );
  }
  over = true;
  await Promise.all(clients);
  await waitUntil(() => pids().length === 2, 'two workers that can be asked', 60_000);
  const books = (await admin.get('/api/ledger/reconcile?since=1d')).body;
  expect(books).toMatchObject({ ok: true, complete: true });
  const paid = answered.reduce((sum, nano) => sum + nano, 0);
  // A worker dies at one point: of the calls of one turn of its event loop at most the end is written and what they cost is not.
  const most = kill * CALLS_A_WRITE;
  expect(books.charges).toBeGreaterThanOrEqual(answered.length - most);
  expect(books.charges).toBeLessThanOrEqual(mock.requestsFor('ok').length);
  expect(books.costNano).toBeGreaterThanOrEqual(paid - most * answered[0]!);
  const standing = async (): Promise<number[]> =>
    (await admin.get('/api/budgets/standing?key=app&team=red')).body.budgets.map(
      ({ spentNano }: { spentNano: number }) => spentNano,
    );
  await waitUntil(
    async () => (await standing()).every((nano) => nano === books.costNano),
    'budgets of key and team to say what the ledger says',
    30_000,
  );
  expect(await standing()).toHaveLength(2);
  expect(kept()).toBeGreaterThan(0);
});
