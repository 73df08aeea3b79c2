// Batches over a real gateway with two workers and OpenAI's own package: what they used is in the ledger and the budget of who reads them,
// once, however many read, on whichever worker.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AdminClient, openAdmin } from '../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { waitUntil } from '../kit/wait.ts';

const LINES = 1_234;
/** One that has room for all of it, and one that has not. */
const BUDGETS = [
  { amountUsd: 100, window: '1Y' },
  { amountUsd: 0.0001, window: '1M' },
];
let upstream: Server;
let gateway: GatewayProcess;
let admin: AdminClient;
let client: OpenAI;
let told: object = {};

const CHOICES = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }];
const line = (n: number): string =>
  JSON.stringify({
    ...{ id: `batch_req_${n}`, custom_id: `c${n}`, error: null },
    response: {
      status_code: 200,
      body: {
        ...{ id: `c-${n}`, object: 'chat.completion', model: 'gpt-x', choices: CHOICES },
        usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
      },
    },
  });
/** Of one result: a tenth of a cent for a thousand tokens in, and so on, at half of it. */
const NANO = 100 * 500 + 10 * 2_000;
const usage = {
  ...{ input_tokens: 300, output_tokens: 30, total_tokens: 330 },
  ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
};

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume().on('end', () => {
      const { method = '', url = '' } = request;
      const json = (value: object): void =>
        void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
      const batch = {
        object: 'batch',
        endpoint: '/v1/chat/completions',
        status: 'completed',
        model: 'gpt-x',
      };
      if (url.endsWith('/content')) {
        response.setHeader('content-type', 'application/octet-stream');
        for (let n = 0; n < LINES; n++) response.write(`${line(n)}\n`);
        response.end();
      } else if (url.includes('/batches/')) json({ ...batch, id: url.split('/').at(-1), ...told });
      else if (url.endsWith('/batches')) json({ ...batch, id: 'batch_1', status: 'validating' });
      else json({ id: 'file-in', object: 'file', method });
    });
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
  gateway = await startGateway({
    admin: true,
    workers: 2,
    config: {
      auth: { keys: [{ name: 'app', value: gateKey, budgets: BUDGETS }] },
      providers: { oa: { dialect: 'openai-chat', baseUrl, keys: ['sk-x'], models: ['*'] } },
      prices: {
        'oa/*': {
          ...{ input_cost_per_token: 1e-6, output_cost_per_token: 4e-6 },
          ...{ input_cost_per_token_batches: 5e-7, output_cost_per_token_batches: 2e-6 },
        },
      },
    },
  });
  admin = await openAdmin(gateway);
  client = new OpenAI({ baseURL: `${gateway.url}/oa/v1`, apiKey: gateKey, maxRetries: 0 });
});
afterAll(async () => {
  await gateway?.stop();
  upstream?.close();
});

const charged = async (): Promise<{ requests: number; costNano: number }> => {
  const { body } = await admin.get('/api/ledger?since=1h&limit=100&operation=chat');
  const sum = { requests: 0, costNano: 0 };
  for (const { requests, costNano } of body.items as { requests: number | null; costNano: number }[]) {
    sum.requests += requests ?? 1;
    sum.costNano += costNano;
  }
  return sum;
};
const yearly = async (): Promise<{ spentNano: number; reservedNano: number }> =>
  (await admin.get('/api/budgets/standing?key=app')).body.budgets.find(
    ({ window }: { window: string }) => window === '1Y',
  );

it('results are charged once, at the price of batches, whoever reads them and how often', async () => {
  const begun = await client.batches.create({
    input_file_id: (await client.files.create({ purpose: 'batch', file: new File(['{}'], 'in.jsonl') })).id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  told = { output_file_id: 'file-out' };
  expect((await client.batches.retrieve(begun.id)).output_file_id).toBe('file-out');
  const read = async (): Promise<number> =>
    (await (await client.files.content('file-out')).text()).trim().split('\n').length;
  expect(await Promise.all(Array.from({ length: 8 }, read))).toEqual(Array.from({ length: 8 }, () => LINES));
  const wanted = { requests: LINES, costNano: LINES * NANO };
  await waitUntil(async () => (await charged()).requests >= LINES, 'the charges', 30_000);
  expect(await read()).toBe(LINES);
  // Told now as well: it is the same batch.
  told = { output_file_id: 'file-out', usage };
  await client.batches.retrieve(begun.id);
  // A call behind it is in the log only when all before it are.
  await client.files.retrieve('file-in');
  await waitUntil(
    async () => (await admin.get('/api/stats?since=1h')).body.total.requests >= 14,
    'the last call in the log',
    30_000,
  );
  expect(await charged()).toEqual(wanted);
  // What workers hold ahead of calls is back a second later.
  await waitUntil(
    async () => {
      const { spentNano, reservedNano } = await yearly();
      return spentNano === wanted.costNano && reservedNano === 0;
    },
    'the budget to say the same, and nothing to be held',
    30_000,
  );
  const [charge] = (await admin.get('/api/ledger?since=1h&operation=chat&limit=1')).body.items;
  expect(charge).toMatchObject({ tier: 'batch', key: 'app', model: 'oa/gpt-x', estimated: false });
});

it('nothing begins under a budget that they have used up, and what is read is read', async () => {
  await expect(
    client.batches.create({
      ...{ input_file_id: 'file-in', endpoint: '/v1/chat/completions', completion_window: '24h' },
    }),
  ).rejects.toMatchObject({ status: 429, code: 'budget_exceeded' });
  expect((await client.batches.retrieve('batch_1')).id).toBe('batch_1');
});
