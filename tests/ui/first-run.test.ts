// The whole way of somebody who has just started a gateway: the token it printed, a first administrator, a key, a line to
// copy, and the first answer, token by token; then what the page shows of it.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminOpen, setupToken } from '../kit/admin.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { openBrowser, watchedPage } from './kit/browser.ts';

let browser: Browser;
let gateway: GatewayProcess;
let mock: MockUpstream;

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
    startGateway({ admin: true, config: { providers: { oa: provider } } }),
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
  await page.getByText('There is one already: oa.').waitFor();
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = (await page.locator('.secret code').textContent()) ?? '';
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
