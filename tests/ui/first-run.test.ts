// The whole way of somebody who has just started a gateway: the token it printed, a first administrator, a key, a line to
// copy, and the first answer, token by token; then, of many calls of every kind, whether the page shows what the API and Prometheus
// say.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminOpen, setupToken } from '../kit/admin.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { exactMoney, money } from '../../ui/src/format/money.ts';
import { short, whole } from '../../ui/src/format/number.ts';
import { waitUntil } from '../kit/wait.ts';
import { openBrowser, watchedPage } from './kit/browser.ts';
import { fuzzCalls } from './kit/fuzz-calls.ts';

const CALLS = 80;
/** One run of many: HEADGATE_FUZZ_SEED tries another. */
const SEED = Number(process.env['HEADGATE_FUZZ_SEED'] ?? 20);

let browser: Browser;
let gateway: GatewayProcess;
let mock: MockUpstream;
/** That the first test made on the page. */
let key = '';

beforeAll(async () => {
  mock = await startMock();
  const provider = {
    dialect: 'openai-chat',
    baseUrl: mock.openaiUrl,
    keys: ['sk-upstream-0001'],
    models: ['*'],
  };
  [browser, gateway] = await Promise.all([
    openBrowser(),
    startGateway({
      admin: true,
      config: {
        providers: {
          oa: { ...provider, retries: { max: 1, backoffMs: 10 } },
          an: {
            dialect: 'anthropic',
            baseUrl: mock.anthropicUrl,
            keys: ['sk-upstream-0002'],
            models: ['*'],
            retries: { max: 0 },
          },
        },
        prices: { 'oa/*': { input_cost_per_token: 1.1e-6, output_cost_per_token: 2.3e-6 } },
      },
    }),
  ]);
  await adminOpen(gateway);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
  await mock.close();
});

test('from the printed token to the first answer, and to its place in the log', async () => {
  const token = await setupToken(gateway);
  const { page, faults, foreign, close } = await watchedPage(browser, { origin: gateway.url });
  await page.goto(`${gateway.url}/ui`);
  await page.getByRole('button', { name: 'Use the set-up token' }).click();
  await page.getByLabel('Set-up token').fill(token);
  await page.getByLabel('A password').fill('too short');
  await page.getByRole('button', { name: 'Make me the administrator' }).click();
  await page.getByText('password: expected').waitFor();
  await page.getByLabel('A password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Make me the administrator' }).click();

  await page.getByRole('heading', { level: 1, name: 'The first call' }).waitFor();
  await page.getByText('There are some already: oa, an.').waitFor();
  await page.getByRole('button', { name: 'Make the key' }).click();
  key = (await page.locator('.secret code').textContent()) ?? '';
  expect(key.length).toBeGreaterThan(20);
  // Held half way: what has come is shown while the rest has not.
  await page.getByLabel('Model').first().fill('oa/text:6+gate-after:2:rest');
  await page.getByRole('button', { name: 'Send it from here' }).click();
  const answer = page.getByRole('region', { name: /^Answer of/ });
  await expect.poll(() => answer.locator('.pre').textContent()).not.toBe('');
  expect(await answer.getAttribute('aria-busy')).toBe('true');
  mock.open('rest');
  await expect.poll(() => answer.getAttribute('aria-busy')).toBe('false');
  await page.getByText('That is all.').waitFor();

  // The line that was to be copied is a call that works.
  await page.getByLabel('Model').first().fill('oa/ok');
  const line = await page.locator('.code pre').textContent();
  const body = /-d '([\s\S]*)'$/.exec(line ?? '')?.[1] ?? '';
  const copied = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  expect(copied.status).toBe(200);
  await copied.text();

  await page.getByRole('link', { name: 'Logs' }).click();
  // It is written behind the answer.
  await expect
    .poll(async () => {
      await page.getByRole('button', { name: 'Refresh' }).click();
      return page.locator('.list-row', { hasText: 'oa/ok' }).count();
    })
    .toBeGreaterThan(0);
  await page.locator('.list-row', { hasText: 'oa/text:6' }).first().locator('.row-button').click();
  await page.getByRole('dialog').getByText('which answered').waitFor();
  expect(await page.content()).not.toContain('sk-upstream-0001');
  expect(faults).toEqual([]);
  expect(foreign).toEqual([]);
  await close();
});

test('what the page shows is what rows, sums, ledger and Prometheus say, to the nanodollar', async () => {
  const { page, faults, close } = await watchedPage(browser, { origin: gateway.url });
  await page.goto(`${gateway.url}/ui/?from=-6h`);
  await page.getByLabel('Name', { exact: true }).fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  const api = (path: string): Promise<any> =>
    page.evaluate((asked) => fetch(asked).then((answer) => answer.json()), path);
  const before = await api('/api/stats?since=1h');
  await fuzzCalls({ url: gateway.url, key }, CALLS, SEED);
  await waitUntil(
    async () => (await api('/api/stats?since=1h')).total.requests >= before.total.requests + CALLS,
    'all calls in the log',
    30_000,
  );

  const { total, groups } = await api('/api/stats?since=1h&group=model&top=8');
  const all = async (path: string, list: string): Promise<Record<string, number>[]> => {
    const found = [];
    for (let cursor = ''; ; ) {
      const answer = await api(`${path}&since=1h&limit=100${cursor}`);
      found.push(...answer[list]);
      if (answer.next === null) return found;
      cursor = `&cursor=${answer.next}`;
    }
  };
  const sum = (list: readonly Record<string, number | null>[], field: string): number =>
    list.reduce((so, one) => so + (one[field] ?? 0), 0);
  const rows = await all('/api/logs?facets=false&rows=attempts', 'rows');
  const charges = await all('/api/ledger?', 'items');
  for (const field of ['costNano', 'inputTokens', 'outputTokens']) {
    expect(sum(rows, field), field).toBe(total[field]);
    expect(sum(charges, field), field).toBe(total[field]);
    expect(
      sum(
        groups.map((one: { total: object }) => one.total),
        field,
      ),
      field,
    ).toBe(total[field]);
  }
  expect(rows.filter(({ final }) => final)).toHaveLength(total.requests);
  expect(total.cancelled).toBeGreaterThan(0);
  expect(total.unpriced).toBeGreaterThan(0);
  expect(Math.min(total.errors.caller, total.errors.provider)).toBeGreaterThan(0);
  expect(rows.filter(({ final }) => !final).length).toBeGreaterThan(0);
  const failed =
    sum([total.errors], 'caller') + total.errors.policy + total.errors.provider + total.errors.gateway;

  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const counted = (family: string, label = ''): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${family}{`) && line.includes(label))
      .reduce((so, line) => so + Number(line.slice(line.lastIndexOf(' '))), 0);
  expect(counted('headgate_requests_total')).toBe(total.requests);
  expect(counted('headgate_requests_total', 'outcome="error"')).toBe(failed);
  expect(counted('headgate_upstream_requests_total')).toBe(total.attempts);
  expect(counted('headgate_tokens_total', 'kind="input"')).toBe(total.inputTokens);
  expect(counted('headgate_tokens_total', 'kind="output"')).toBe(total.outputTokens);
  expect(Math.round(counted('headgate_cost_usd_total') * 1e9)).toBe(total.costNano);
  expect(counted('headgate_unpriced_requests_total')).toBe(total.unpriced);

  await page.reload();
  const figure = page.locator('.figure');
  const shown = (name: string) => figure.filter({ hasText: name });
  await shown('Calls').waitFor();
  expect(await shown('Calls').locator('b').textContent()).toBe(short(total.requests));
  expect(await shown('Calls').getAttribute('title')).toBe(
    `${whole(total.requests)} calls, ${whole(total.attempts)} attempts`,
  );
  expect(await shown('Failed').getAttribute('title')).toBe(
    `${whole(failed)} of ${whole(total.requests)} calls`,
  );
  expect(await shown('Tokens in, out').getAttribute('title')).toBe(
    `${whole(total.inputTokens)} in, ${whole(total.outputTokens)} out`,
  );
  expect(await shown('Cost').locator('b').textContent()).toBe(money(total.costNano));
  expect(await shown('Cost').getAttribute('title')).toBe(exactMoney(total.costNano));
  // Who left is no failure, however many there are.
  expect(await page.locator('.verdict').first().textContent()).not.toContain('cancelled');
  const table = page.locator('.panel', { has: page.getByRole('heading', { name: 'Models' }) });
  await table.locator('tbody tr').first().waitFor();
  const calls = await table
    .locator('tbody tr td:nth-child(2)')
    .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('title')?.replaceAll(',', ''))));
  expect(calls.reduce((so, one) => so + one, 0)).toBe(total.requests);
  await page.getByRole('link', { name: 'Logs' }).click();
  await page.getByText(`${whole(total.requests)} calls`, { exact: true }).waitFor();
  expect(faults).toEqual([]);
  await close();
});

test('the page is compressed, known by its tag, and in nobody’s frame', async () => {
  const first = await fetch(`${gateway.url}/ui/`);
  const html = await first.text();
  expect(first.headers.get('content-security-policy')).toContain("default-src 'self'");
  const tag = first.headers.get('etag') ?? '';
  expect((await fetch(`${gateway.url}/ui/`, { headers: { 'if-none-match': tag } })).status).toBe(304);
  const script = /src="(\/ui\/assets\/[^"]+)"/.exec(html)?.[1] ?? '';
  const asset = await fetch(gateway.url + script, { headers: { 'accept-encoding': 'br' } });
  expect(asset.headers.get('content-encoding')).toBe('br');
  expect(asset.headers.get('cache-control')).toContain('immutable');
  expect((await asset.text()).length).toBeGreaterThan(1_000);
  expect((await fetch(`${gateway.url}/ui/assets/none.js`)).status).toBe(404);
});
