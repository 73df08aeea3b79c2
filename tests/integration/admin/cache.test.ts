// Kept answers as an administrator sees them, over two workers: how many there are, that they go when they are told to, and what they saved.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mock = await startMock();
  const rest = {
    auth: { keys: [{ name: 'app', value: gateKey, tags: ['blue'] }] },
    cache: { exact: {} },
    prices: { 'oa/*': { input_cost_per_token: 1.1e-6, output_cost_per_token: 2.3e-6 } },
  };
  gateway = await startGateway({ admin: true, workers: 2, config: testConfig(mock, { rest }) });
  admin = await openAdmin(gateway, 'correct horse battery staple');
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
});

/** What the cache says of a call. */
async function chat(content: string, model = 'oa/ok'): Promise<string> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
  });
  await answer.text();
  return answer.headers.get('x-headgate-cache') ?? '';
}

/** Asked until the worker that takes it has it: each keeps its own. */
const hit = (content: string): Promise<string> =>
  waitUntil(async () => {
    const said = await chat(content);
    return said.startsWith('hit') ? said : null;
  }, 'a hit');

it('answers are counted, purged by what is said of them, and the audit log knows', async () => {
  const said = await hit('one');
  await hit('two');
  const before = await admin.get('/api/cache');
  expect(before.status).toBe(200);
  expect(before.body.entries).toBeGreaterThanOrEqual(2);
  expect(before.body.bytes).toBeGreaterThan(0);

  expect((await admin.delete('/api/cache')).status).toBe(400);
  expect((await admin.delete('/api/cache?tag=red')).body).toEqual({ purged: 0 });
  const id = /id=(\S+)/.exec(said)![1]!;
  expect((await admin.delete(`/api/cache?id=${id}`)).body.purged).toBeGreaterThanOrEqual(1);
  expect(await chat('one')).toMatch(/^miss/);
  expect((await admin.delete('/api/cache?tag=blue&model=oa/ok')).body.purged).toBeGreaterThanOrEqual(2);
  expect((await admin.get('/api/cache')).body).toEqual({ entries: 0, bytes: 0 });
  const { body } = await admin.get('/api/audit?action=cache.purge');
  expect(JSON.stringify(body)).toContain('cache/tag=blue,model=oa/ok');
});

it('what hits saved, money and time, is the same in rows, sums and metrics', async () => {
  const model = 'oa/slow-head:600';
  const said: string[] = [];
  while (said.filter((one) => one.startsWith('hit')).length < 2) said.push(await chat('saved?', model));
  const query = `since=1h&model=${encodeURIComponent(model)}`;
  const calls = await waitUntil(async () => {
    const { rows } = (await admin.get(`/api/logs?${query}&limit=100`)).body;
    return rows.length === said.length ? rows : null;
  }, 'all of them in the log');
  const of = (wanted: string) => calls.filter(({ cache }: { cache: string }) => cache === wanted);
  const [hits, misses] = [of('hit'), of('miss')];
  // Each worker has its own from one that missed: it took no less to be made than that call says.
  const madeMs = Math.min(...misses.map(({ totalMs }: { totalMs: number }) => totalMs));
  expect(madeMs).toBeGreaterThan(500);
  for (const { savedMs, totalMs, savedNano } of hits) {
    expect(savedMs).toBeGreaterThanOrEqual(Math.max(0, Math.floor(madeMs - totalMs) - 1));
    expect(savedNano).toBeGreaterThan(0);
  }
  for (const row of misses) expect(row).toMatchObject({ savedMs: null, savedNano: null });
  const sum = (field: string): number =>
    hits.reduce((all: number, row: Record<string, number>) => all + row[field]!, 0);
  const { total, groups } = (await admin.get(`/api/stats?${query}&metrics=savedMs`)).body;
  expect(total).toMatchObject({
    cacheHits: hits.length,
    savedMs: sum('savedMs'),
    savedNano: sum('savedNano'),
  });
  expect(groups[0].series.savedMs.reduce((all: number, one: number) => all + one, 0)).toBe(sum('savedMs'));
  await waitUntil(async () => {
    // Those of all models, since the metric tells none apart.
    const { savedMs } = (await admin.get('/api/stats?since=1h')).body.total;
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const seconds = /^headgate_cache_saved_seconds_total\{type="exact"\} (\S+)$/m.exec(text)?.[1];
    return savedMs > 0 && Math.round(Number(seconds) * 1000) === savedMs;
  }, 'the metric to say what the sums say');
});
