// A batch that its caller never asks after again: the gateway does, also when it was stopped and started in between, and charges it to
// whoever began it, once.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminClient, type AdminClient, openAdmin } from '../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { waitUntil } from '../kit/wait.ts';

const LINES = 620;
/** Of one result, at the price of batches. */
const NANO = 100 * 500 + 10 * 2_000;
const PRICES = { input_cost_per_token_batches: 5e-7, output_cost_per_token_batches: 2e-6 };
const THINGS = { begun: 0, asked: 0, read: 0 };
const OTHER_KEY = 'hg-other-key-0123456789abcdef01234567';
const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/ab12cd34';
/** What was asked about the job of Bedrock: method, path, and the service that it was signed for. */
const SIGNED: string[] = [];
let over = false;
let folder: string;
let upstream: Server;
let gateway: GatewayProcess;
let admin: AdminClient;

const line = (n: number): string =>
  JSON.stringify({
    custom_id: `c${n}`,
    response: {
      status_code: 200,
      body: {
        ...{
          id: `c-${n}`,
          object: 'chat.completion',
          model: 'gpt-x',
          choices: [{ message: { content: 'hi' } }],
        },
        usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
      },
    },
  });

/** A job of Bedrock that is over when it is asked after, and S3 beside it. */
function ofAws(method: string, url: string): object {
  if (url.startsWith('/s3/')) return { successRecordCount: 3, inputTokenCount: 300, outputTokenCount: 30 };
  if (method === 'POST') return { jobArn: ARN };
  const outputDataConfig = { s3OutputDataConfig: { s3Uri: 's3://my-bucket/out/' } };
  return { jobArn: ARN, modelId: 'anthropic.claude-x', status: 'Completed', outputDataConfig };
}

const start = async (): Promise<GatewayProcess> => {
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const baseUrl = `${origin}/v1`;
  return startGateway({
    admin: true,
    workers: 2,
    env: { HEADGATE_DATA_DIR: folder },
    config: {
      auth: { keys: [{ name: 'app', value: gateKey, team: 'red' }, OTHER_KEY] },
      teams: { red: { budgets: [{ amountUsd: 100, window: '1Y' }] } },
      batches: { pollMs: 200, maxPollMs: 400 },
      providers: {
        oa: { dialect: 'openai-chat', baseUrl, keys: ['sk-x'], models: ['*'] },
        jobs: {
          ...{ vendor: 'bedrock', region: 'eu-west-1', baseUrl: `${origin}/aws`, models: [] },
          ...{ keys: [{ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }], batchStorage: `${origin}/s3` },
        },
      },
      prices: { 'oa/*': PRICES, 'jobs/*': PRICES },
    },
  });
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-batch-polling-'));
  upstream = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    request.resume().on('end', () => {
      if (/^\/(?:aws|s3)\//.test(url)) {
        const [, service] = /\/eu-west-1\/(\w+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
        SIGNED.push(`${method} ${url} ${service}`);
        response.setHeader('content-type', 'application/json').end(JSON.stringify(ofAws(method, url)));
        return;
      }
      if (url.endsWith('/content')) {
        THINGS.read++;
        response.end(Array.from({ length: LINES }, (_, n) => line(n)).join('\n'));
        return;
      }
      if (method === 'POST') THINGS.begun++;
      else THINGS.asked++;
      const id = method === 'POST' ? `batch_${THINGS.begun}` : url.split('/').at(-1)!;
      const batch = { object: 'batch', id, endpoint: '/v1/chat/completions' };
      const done = over && method === 'GET';
      const state = done ? { status: 'completed', output_file_id: `file-${id}` } : { status: 'in_progress' };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...batch, ...state }));
    });
  });
  // What is on its way when an idle connection ends would be asked twice.
  upstream.keepAliveTimeout = 0;
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  gateway = await start();
  admin = await openAdmin(gateway);
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

const begin = (key: string): Promise<Response> =>
  fetch(`${gateway.url}/passthrough/oa/batches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{"endpoint":"/v1/chat/completions","completion_window":"24h"}',
  });

it('is charged to who began it, over a restart, and once', async () => {
  const begun = await begin(gateKey);
  expect([begun.status, (await begun.json()).id]).toEqual([200, 'batch_1']);
  const call = begun.headers.get('x-request-id');
  await waitUntil(() => THINGS.asked >= 1, 'a first question', 30_000);
  await gateway.stop();
  over = true;
  gateway = await start();
  admin = adminClient(gateway.url, admin.token);
  type Charge = { requests: number; costNano: number };
  const charges = async (): Promise<Charge[]> => {
    const { status, body } = await admin.get('/api/ledger?since=1h&limit=100&operation=chat');
    return status === 200 ? (body.items as Charge[]) : [];
  };
  const sum = (rows: readonly Charge[], of: keyof Charge): number =>
    rows.reduce((all, row) => all + row[of], 0);
  await waitUntil(async () => sum(await charges(), 'requests') >= LINES, 'the charges', 30_000);
  // Whoever reads the results now pays nothing more.
  const results = await fetch(`${gateway.url}/passthrough/oa/files/file-batch_1/content`, {
    headers: { authorization: `Bearer ${gateKey}` },
  });
  expect((await results.text()).split('\n')).toHaveLength(LINES);
  const rows = await charges();
  expect([sum(rows, 'requests'), sum(rows, 'costNano')]).toEqual([LINES, LINES * NANO]);
  for (const row of rows)
    expect(row).toMatchObject({ key: 'app', team: 'red', tier: 'batch', model: 'oa/gpt-x' });
  const logged = async (): Promise<number> =>
    ((await admin.get(`/api/logs?since=1h&parent=${call}`)).body.rows as object[] | undefined)?.length ?? 0;
  await waitUntil(async () => (await logged()) === rows.length, 'a row of the log for each charge', 30_000);
  const spent = async (): Promise<number> =>
    (await admin.get('/api/budgets/standing?team=red')).body.budgets?.[0]?.spentNano;
  await waitUntil(async () => (await spent()) === LINES * NANO, 'the budget to say the same', 30_000);
  // It is over: nobody asks any more.
  const metrics = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();
  const counted = /^headgate_batch_polls_total\{provider="oa",state="over"\} 1$/m;
  await waitUntil(async () => {
    const text = await metrics();
    return /^headgate_batches_open 0$/m.test(text) && counted.test(text);
  }, 'none to be open');
  expect([THINGS.begun, THINGS.read]).toEqual([1, 2]);
});

it('counts in a budget that comes with the key of who began it', async () => {
  const budgets = [{ amountUsd: 100, window: '1Y' }];
  const { status, body: made } = await admin.post('/api/keys', { name: 'issued', budgets });
  expect(status).toBe(201);
  expect((await begin(made.key)).status).toBe(200);
  const spent = async (): Promise<number> =>
    (await admin.get('/api/keys/issued/budgets')).body.budgets?.[0]?.spentNano;
  await waitUntil(async () => (await spent()) === LINES * NANO, 'the budget to say so', 30_000);
});

it('is charged by what it left in S3, as a job of Bedrock is', async () => {
  const begun = await fetch(`${gateway.url}/model-invocation-job`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OTHER_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jobName: 'mine', modelId: 'anthropic.claude-x' }),
  });
  expect([begun.status, await begun.json()]).toEqual([200, { jobArn: ARN }]);
  const charges = async (): Promise<object[]> => {
    const { status, body } = await admin.get(
      '/api/ledger?since=1h&limit=100&model=jobs%2Fanthropic.claude-x',
    );
    return status === 200 ? (body.items as object[]) : [];
  };
  await waitUntil(async () => (await charges()).length > 0, 'the charge', 30_000);
  const [charge, ...more] = await charges();
  expect(charge).toMatchObject({ operation: 'chat', tier: 'batch', requests: 3, costNano: 3 * NANO });
  expect(more).toEqual([]);
  expect(new Set(SIGNED)).toEqual(
    new Set([
      'POST /aws/model-invocation-job bedrock',
      `GET /aws/model-invocation-job/${encodeURIComponent(ARN)} bedrock`,
      'GET /s3/my-bucket/out/ab12cd34/manifest.json.out s3',
    ]),
  );
});
