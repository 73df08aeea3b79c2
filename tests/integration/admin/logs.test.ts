// The request log of a real gateway with two workers: what callers did, clients that left, retries, fallbacks and a gatehouse that
// is killed meanwhile included, stands in rows, sums, ledger and metrics alike, to the nanodollar.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, adminOpen, openAdmin } from '../../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../../kit/gateway.ts';
import { PROGRAM } from '../../kit/program.ts';
import { type MockUpstream, startMock } from '../../kit/mock-upstream.ts';
import { type Receiver, type Storage, startReceiver, startStorage } from '../../kit/log-receivers.ts';
import { testConfig } from '../../kit/test-config.ts';
import { waitUntil } from '../../kit/wait.ts';

const CALLS = 160;

let mock: MockUpstream;
let told: Receiver;
let storage: Storage;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mock = await startMock();
  told = await startReceiver();
  storage = await startStorage();
  gateway = await startGateway({
    admin: true,
    workers: 2,
    config: testConfig(mock, {
      provider: { retries: { max: 1, backoffMs: 10 } },
      rest: {
        auth: {
          customerHeader: 'x-customer',
          keys: [
            { name: 'one', value: gateKey, team: 'red', tags: ['blue', 'x'] },
            { name: 'two', value: `${gateKey}-2`, team: 'green' },
          ],
        },
        log: {
          bodies: [{ keys: ['two'], maxBytes: 300 }],
          callbacks: [
            { type: 'webhook', name: 'told', url: `${told.url}/in`, secret: 'a secret', outcomes: ['ok'] },
          ],
          export: {
            endpoint: `http://127.0.0.1:${storage.port}`,
            bucket: 'logs',
            accessKeyId: 'S3RVER',
            secretAccessKey: 'S3RVER',
          },
        },
        prices: { 'oa/*': { input_cost_per_token: 1.1e-6, output_cost_per_token: 2.3e-6 } },
      },
    }),
  });
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
  await told?.close();
  await storage?.close();
});

interface Ask {
  readonly model: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
  /** Leaves behind the first bytes of the answer. */
  readonly leaves?: boolean;
}

async function ask({ model, key = gateKey, headers = {}, body = {}, leaves = false }: Ask): Promise<string> {
  const left = new AbortController();
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    signal: left.signal,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      connection: 'close',
      ...headers,
    },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...body }),
  });
  const id = answer.headers.get('x-request-id') ?? '';
  if (leaves) {
    await answer.body!.getReader().read();
    left.abort();
  } else await answer.arrayBuffer();
  return id;
}

const gatehousePid = (): number =>
  Number(gateway.logs().findLast(({ msg }) => msg === 'gatehouse is open')?.['gatehousePid']);

/** All rows, page by page. */
// biome-ignore lint/suspicious/noExplicitAny: rows of an answer
async function everything(path: string, list: 'rows' | 'items'): Promise<any[]> {
  const found = [];
  for (let cursor = ''; ; ) {
    const { body } = await admin.get(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor}`);
    found.push(...body[list]);
    if (body.next === null) return found;
    cursor = `&cursor=${body.next}`;
  }
}

/** Whether the log knows as many calls: asked while the gatehouse may be away. */
async function calls(wanted: number): Promise<void> {
  await waitUntil(
    async () => {
      const { status, body } = await admin.get('/api/stats?since=1h');
      return status === 200 && body.total.requests >= wanted;
    },
    `${wanted} calls in the log`,
    30_000,
    100,
  );
}

function sum(list: readonly Record<string, number | null>[], field: string): number {
  return list.reduce((total, one) => total + (one[field] ?? 0), 0);
}

it('says the same in rows, sums, ledger and metrics after a gatehouse was killed while calls went on', async () => {
  const kinds: Ask[] = [
    { model: 'oa/ok' },
    { model: 'an/ok', body: { stream: true, max_tokens: 50 }, key: `${gateKey}-2` },
    { model: 'oa/cached', headers: { 'x-customer': 'c1', 'x-headgate-session': 's1' } },
    { model: 'oa/status:503', body: { fallbacks: ['an/ok'], max_tokens: 50 } },
    { model: 'oa/status:400' },
    // It leaves before the end, however late it leaves.
    { model: 'oa/text:40+stall-after:5', body: { stream: true }, leaves: true },
    { model: 'nobody/nothing' },
    { model: 'oa/ok', key: 'sk-wrong' },
  ];
  // Lines of the log come in batches.
  let alive = await waitUntil(gatehousePid, 'a gatehouse', 30_000);
  for (let at = 0; at < CALLS; at += 8) {
    await Promise.all(
      kinds.map((kind, index) =>
        ask({ ...kind, model: `${kind.model}+n${at + index}`.replace('nothing+', 'nothing-') }),
      ),
    );
    if (at === CALLS / 4) process.kill(alive, 'SIGKILL');
    if (at !== CALLS / 2) continue;
    alive = await waitUntil(
      () => (gatehousePid() === alive ? null : gatehousePid()),
      'a new gatehouse',
      30_000,
    );
    process.kill(alive, 'SIGKILL');
  }
  await adminOpen(gateway);
  await calls(CALLS);

  const rows = await everything('/api/logs?since=1h&facets=false&rows=attempts', 'rows');
  const finals = rows.filter(({ final }) => final);
  expect(finals).toHaveLength(CALLS);
  expect(new Set(finals.map(({ call }) => call)).size).toBe(CALLS);
  expect(new Set(rows.map(({ call, attempt }) => `${call} ${attempt}`)).size).toBe(rows.length);
  expect(finals.filter(({ outcome }) => outcome === 'cancelled')).toHaveLength(CALLS / 8);
  expect(finals.filter(({ errorType }) => errorType === 'caller_auth')).toHaveLength(CALLS / 8);
  const fallen = finals.filter(({ requestedModel }) => requestedModel.startsWith('oa/status:503'));
  expect(
    fallen.every(({ provider, outcome, attempts }) => provider === 'an' && outcome === 'ok' && attempts >= 2),
  ).toBe(true);

  const { total, groups } = (await admin.get('/api/stats?since=1h&group=team')).body;
  expect(total).toMatchObject({
    requests: CALLS,
    ok: finals.filter(({ outcome }) => outcome === 'ok').length,
    cancelled: CALLS / 8,
    attempts: rows.filter(({ attempt }) => attempt > 0).length,
  });
  for (const field of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'costNano'])
    expect(total[field]).toBe(sum(rows, field));
  const red = groups.find(({ value }: { value: string }) => value === 'red');
  expect(red.total.costNano).toBe(
    sum(
      rows.filter(({ team }) => team === 'red'),
      'costNano',
    ),
  );

  const charges = await everything('/api/ledger?since=1h', 'items');
  expect(sum(charges, 'costNano')).toBe(total.costNano);
  expect(sum(charges, 'outputTokens')).toBe(total.outputTokens);
  expect(charges.filter(({ costNano }) => costNano === null)).toHaveLength(total.unpriced);

  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const counted = (family: string, label = ''): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${family}{`) && line.includes(label))
      .reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' '))), 0);
  expect(counted('headgate_requests_total')).toBe(CALLS);
  expect(counted('headgate_upstream_requests_total')).toBe(total.attempts);
  expect(counted('headgate_tokens_total', 'kind="output"')).toBe(total.outputTokens);
  expect(Math.round(counted('headgate_cost_usd_total') * 1e9)).toBe(total.costNano);
  expect(counted('headgate_unpriced_requests_total')).toBe(total.unpriced);
  expect(total.costNano).toBeGreaterThan(0);
  expect(counted('headgate_tokens_total', 'kind="input"')).toBe(total.inputTokens);
  expect(counted('headgate_log_records_dropped_total', 'sink="requests"')).toBe(0);
});

it('proves its books', async () => {
  const { body } = await admin.get('/api/ledger/reconcile?since=2h');
  expect(body).toMatchObject({ ok: true, faults: [], withoutRow: 0 });
  expect(body.charges).toBe((await everything('/api/ledger?since=2h', 'items')).length);
});

it('shows one call whole, with bodies of those callers alone whose bodies are kept', async () => {
  const kept = await ask({ model: 'an/ok', key: `${gateKey}-2`, body: { max_tokens: 9 } });
  const other = await ask({ model: 'oa/status:503', body: { fallbacks: ['an/ok'], max_tokens: 9 } });
  await calls(CALLS + 2);
  const { body } = await admin.get(`/api/logs/${kept}`);
  expect(body.call).toMatchObject({
    call: kept,
    key: 'two',
    team: 'green',
    provider: 'an',
    final: true,
    translated: true,
  });
  expect(body.bodies.map(({ kind }: { kind: string }) => kind)).toEqual(['request', 'answer']);
  expect(body.bodies[0].text).toContain('"content":"hi"');
  const fallen = (await admin.get(`/api/logs/${other}`)).body;
  expect(fallen.bodies).toEqual([]);
  expect(fallen.attempts.at(-1)).toEqual(fallen.call);
  expect(fallen.attempts[0]).toMatchObject({ provider: 'oa', status: 503, owner: 'provider', final: false });
  expect((await admin.get('/api/logs/nobody-knows')).status).toBe(404);
});

it('is followed live, filtered at the server, and takes whatever a caller writes as data', async () => {
  const hostile = `<img src=x onerror=alert(1)>"';--`;
  const left = new AbortController();
  const stream = await fetch(`${gateway.url}/api/logs/stream?session=${encodeURIComponent(hostile)}`, {
    headers: { authorization: `Bearer ${admin.token}` },
    signal: left.signal,
  });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = (await reader.read()).value ?? '';
  await ask({ model: 'oa/ok' });
  const id = await ask({
    model: `oa/ok+${hostile.replace(/"/g, '')}\u0007\u0000`,
    headers: { 'x-headgate-session': hostile },
  });
  while (!/^event: row\n(?:.*\n)+\n/m.test(seen)) seen += (await reader.read()).value ?? '';
  left.abort();
  const rows = [...seen.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
  expect(rows.map(({ call, session }) => [call, session])).toEqual([[id, hostile]]);
  const found = await admin.get(`/api/logs?session=${encodeURIComponent(hostile)}`);
  expect(found.body.rows).toEqual(rows);
  expect(found.headers.get('content-type')).toContain('application/json');
});

it('is read from the command line, where the books are proven, too', async () => {
  const run = (...args: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, [PROGRAM, ...args], {
      env: { PATH: process.env['PATH'], HEADGATE_ADMIN_URL: gateway.url, HEADGATE_ADMIN_TOKEN: admin.token },
    });
  const [logs, books] = await Promise.all([
    run('logs', '--team', 'green', '--limit', '3'),
    run('ledger', 'reconcile', '--since', '2h'),
  ]);
  const shown = logs.stdout.trimEnd().split('\n');
  expect(shown).toHaveLength(3);
  expect(shown.every((line) => line.includes('  two  ') && line.includes('an/ok'))).toBe(true);
  expect(books.stdout).toContain('ledger, sums and log agree');
});

it('is handed on as it is written, signed and counted, also what a gatehouse that was killed had not told yet', async () => {
  const calls = (): string[] => told.rows(new Webhook('a secret', { format: 'raw' })).map(({ call }) => call);
  const sent = async (): Promise<number> => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(/^headgate_log_records_sent_total\{sink="told"\} (\d+)/m.exec(text)?.[1] ?? 0);
  };
  const before = await sent();
  const id = await ask({ model: 'oa/ok' });
  await waitUntil(() => calls().includes(id), 'a row at the receiver', 30_000);
  await waitUntil(async () => (await sent()) > before, 'its count', 30_000);
  // What was under way when one was killed may come twice, and nothing is missing.
  const rows = await everything('/api/logs?since=1h&facets=false&outcome=ok', 'rows');
  const missing = (): string[] => {
    const heard = new Set(calls());
    return rows.map(({ call }) => call).filter((call) => !heard.has(call));
  };
  await waitUntil(() => missing().length === 0, 'every row at the receiver', 30_000);
});

it('goes to storage that speaks S3, row by row, when it is asked for', async () => {
  const begun = await admin.post('/api/logs/exports', { since: '3h' });
  expect(begun).toMatchObject({ status: 202, body: { mode: 'window', done: false } });
  const job = async () =>
    ((await admin.get('/api/logs/exports')).body.items as { id: string; done: boolean; rows: number }[]).find(
      ({ id }) => id === begun.body.id,
    )!;
  await waitUntil(async () => (await job()).done, 'the export', 30_000);
  const rows = await everything(
    `/api/logs?since=${begun.body.since}&until=${begun.body.until}&rows=attempts&facets=false`,
    'rows',
  );
  expect(storage.rows(`headgate/exports/${begun.body.id}`)).toEqual(rows);
  expect(await job()).toMatchObject({ rows: rows.length, error: '' });
});

it('is exported whole, and deleted by filter without the ledger', async () => {
  const text = await (
    await fetch(`${gateway.url}/api/logs/export?since=1h&team=green`, {
      headers: { authorization: `Bearer ${admin.token}` },
    })
  ).text();
  const exported = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(exported).toEqual(await everything('/api/logs?since=1h&team=green&facets=false', 'rows'));
  const before = await everything('/api/ledger?since=2h&team=green', 'items');
  expect((await admin.delete('/api/logs')).status).toBe(400);
  expect((await admin.delete('/api/logs?team=green')).body).toEqual({
    deleted: expect.any(Number),
    done: true,
  });
  expect((await admin.get('/api/logs?team=green')).body.rows).toEqual([]);
  expect(await everything('/api/ledger?since=2h&team=green', 'items')).toEqual(before);
  expect((await admin.get('/api/audit?action=log.delete')).body.items).toHaveLength(1);
});

it('says what is wrong with a question', async () => {
  const wrong = async (path: string): Promise<[number, string]> => {
    const { status, body } = await admin.get(path);
    return [status, body.error.code];
  };
  expect(await wrong('/api/logs?modle=x')).toEqual([400, 'unknown_parameter']);
  expect(await wrong('/api/logs?since=yesterday')).toEqual([400, 'invalid_value']);
  expect(await wrong('/api/stats?group=key&user=a')).toEqual([400, 'unsupported_combination']);
  expect(await wrong('/api/stats?metrics=nothing')).toEqual([400, 'invalid_value']);
  expect(await wrong('/api/ledger?status=200')).toEqual([400, 'unknown_parameter']);
});
