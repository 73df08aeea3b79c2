// What the page does when things are not as they should be: a session that is over, two who change the same thing, who may
// only look, a gateway that is away or slow; and the keys, the tail and the address.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { axeFindings, openBrowser, overflow, type Watched, watchedPage } from './kit/browser.ts';
import { type Canned, startCanned } from './kit/canned.ts';
import { MAX_ROWS } from '../../ui/src/pages/logs/tail-buffer.ts';
import { waitUntil } from '../kit/wait.ts';
import { MEAN } from './kit/mean.ts';

let browser: Browser;
let canned: Canned;
let watched: Watched;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  canned = await startCanned(Date.now());
  watched = await watchedPage(browser, { origin: canned.origin });
});
afterEach(async () => {
  const { faults, foreign } = watched;
  await watched.close();
  await canned.close();
  expect(faults).toEqual([]);
  expect(foreign).toEqual([]);
});

const open = async (place: string): Promise<void> => {
  await watched.page.goto(`${canned.origin}/ui${place}`);
};

test('a session that is over leads to the door, and back to where one was', async () => {
  const { page } = watched;
  await open('/keys?view=team');
  await page.getByRole('button', { name: 'search' }).waitFor();
  canned.signedIn = false;
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByText('Your session is over').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
});

test('the door has the way by the provider, says why it failed, and comes back to where one was going', async () => {
  const { page } = watched;
  canned.signedIn = false;
  canned.answer = ({ path }) => {
    if (path === '/api/login/methods')
      return { status: 200, body: { password: false, oidc: { label: 'Our SSO', url: '/api/login/oidc' } } };
    return null;
  };
  await open('/keys?view=team&login=sso_no_role');
  await page.getByText('no role is given to you here').waitFor();
  const way = page.getByRole('link', { name: 'Our SSO' });
  expect(await way.getAttribute('href')).toBe(
    `/api/login/oidc?return=${encodeURIComponent('/ui/keys?view=team')}`,
  );
  expect(await page.getByLabel('Password', { exact: true }).count()).toBe(0);
});

test('who may only look sees why a control is off, and it does nothing', async () => {
  const { page } = watched;
  canned.role = 'viewer';
  await open('/keys?open=key:key_1');
  const block = page.getByRole('button', { name: 'Block', exact: true });
  await block.waitFor();
  expect(await block.getAttribute('aria-disabled')).toBe('true');
  expect(await block.getAttribute('title')).toContain('viewer');
  // Playwright itself would wait for it to become enabled.
  await block.click({ force: true });
  await page.getByText('Your role, viewer, may look at this').waitFor();
  expect(canned.calls.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('budgets say how they stand on every width, and credit is added once however often it is sent', async () => {
  const { page } = watched;
  await open('/keys?view=budgets');
  await page.getByText('at this pace $256.80 by then').waitFor();
  await page.getByRole('link', { name: 'search-service' }).waitFor();
  for (const width of [360, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(() => overflow(page), { message: `at ${width} px` }).toBeLessThanOrEqual(0);
  }
  expect(await axeFindings(page)).toEqual([]);
  await open('/keys?open=key:key_1');
  await page.getByRole('button', { name: 'Add credit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add credit to ada-laptop' });
  await dialog.getByLabel('USD').fill('25.5');
  canned.answer = ({ method }) =>
    method === 'POST'
      ? { status: 503, body: { error: { code: 'store_down', message: 'The store is away.' } } }
      : null;
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await dialog.getByText('The store is away.').waitFor();
  canned.answer = ({ method }) => (method === 'POST' ? { status: 201, body: {} } : null);
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await page.getByText('ada-laptop has $25.5 more.').waitFor();
  const sent = canned.calls.filter(({ path }) => path === '/api/keys/key_1/credit');
  expect(sent.map(({ body }) => body)).toEqual(['{"amountUsd":25.5}', '{"amountUsd":25.5}']);
  expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

test('the second of two who change the same thing is told, and loses nothing', async () => {
  const { page } = watched;
  await open('/keys?open=key:key_1');
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit ada-laptop' });
  await dialog.getByLabel('Description').fill('mine');
  canned.answer = ({ method, path }) =>
    method === 'PATCH'
      ? {
          status: 409,
          body: {
            error: { code: 'version_conflict', message: 'Somebody else changed it: it has version 4 now.' },
          },
        }
      : path === '/api/keys/key_1'
        ? {
            status: 200,
            body: { id: 'key_1', name: 'ada-laptop', managed: 'db', version: 4, description: 'theirs' },
          }
        : null;
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Somebody else changed it').first().waitFor();
  expect(await dialog.getByLabel('Description').inputValue()).toBe('mine');
  await dialog.getByRole('button', { name: 'Compare with theirs' }).click();
  await expect.poll(() => canned.calls.some(({ path }) => path === '/api/keys/key_1')).toBe(true);
  await page.getByText('Compared with their state now').waitFor();
  canned.answer = ({ method }) =>
    method === 'PATCH' ? { status: 200, body: { id: 'key_1', name: 'ada-laptop' } } : null;
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('ada-laptop is changed').waitFor();
  const last = canned.calls.findLast(({ method }) => method === 'PATCH');
  expect(last?.headers['if-match']).toBe('"4"');
  expect(last?.headers['x-csrf-token']).toBe('csrf');
  expect(JSON.parse(last?.body ?? '')).toMatchObject({ description: 'mine' });
});

test('what the API says of a field stands at the field; a new key is shown once', async () => {
  const { page } = watched;
  await open('/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New key' });
  await dialog.getByLabel('Name').fill('bad name');
  canned.answer = ({ method }) =>
    method === 'POST'
      ? {
          status: 400,
          body: { error: { code: 'invalid_value', message: 'name: expected a name', param: 'name' } },
        }
      : null;
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await dialog.getByText('name: expected a name').waitFor();
  expect(await dialog.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
  expect(await axeFindings(page)).toEqual([]);
  canned.answer = ({ method }) =>
    method === 'POST' ? { status: 201, body: { id: 'key_9', name: 'app', key: 'hg-secret-once' } } : null;
  await dialog.getByLabel('Name').fill('app');
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await page.getByText('hg-secret-once').waitFor();
  await page.getByRole('button', { name: 'I have it' }).click();
  await expect.poll(() => page.getByText('hg-secret-once').count()).toBe(0);
});

test('a call opens over the log by its address, its texts as text, and Esc gives the place back', async () => {
  const { page } = watched;
  await open('/logs');
  await page.locator('.list-row .row-button').first().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('How it went').waitFor();
  expect(page.url()).toContain('open=req_');
  await drawer.getByText('Hello. <b>not bold</b>').waitFor();
  expect(await drawer.getByText(MEAN.slice(0, 40)).count()).toBeGreaterThan(0);
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  await page.goBack();
  await drawer.getByText('How it went').waitFor();
});

test('what a call cost is in sight on every screen, beside filters or with them a click away', async () => {
  const { page } = watched;
  await open('/logs');
  const list = page.locator('.logs .list');
  await list.locator('.list-row').first().waitFor();
  for (const width of [1024, 1261, 1439, 1440, 1581, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    const hidden = (): Promise<number> => list.evaluate((one) => one.scrollWidth - one.clientWidth);
    await expect.poll(hidden, { message: `at ${width} px` }).toBeLessThanOrEqual(0);
    await page.getByRole('columnheader', { name: 'Cost' }).waitFor();
  }
});

test('filters are in the address and asked of the API', async () => {
  const { page } = watched;
  await open('/logs');
  await page.getByRole('group', { name: 'Provider' }).getByLabel('anthropic').check();
  await expect.poll(() => page.url()).toContain('provider=anthropic');
  await expect
    .poll(() =>
      canned.calls.some(({ path }) => path.startsWith('/api/logs?') && path.includes('provider=anthropic')),
    )
    .toBe(true);
  await page.getByTitle('Take this filter away').click();
  await expect.poll(() => page.url()).not.toContain('provider');
});

test('a live tail at 500 rows a second waits while one reads, and keeps so many rows and no more', async () => {
  const { page } = watched;
  canned.tailPerSecond = 500;
  await open('/logs?live=1');
  const first = page.locator('.list-row').first();
  await expect
    .poll(() => first.getAttribute('class').then(() => page.locator('.list-slot').count()))
    .toBeGreaterThan(5);
  await page.locator('.logs .list').evaluate((list) => list.scrollTo({ top: 900 }));
  await page.getByRole('button', { name: /Show [\d,]+ new calls/ }).waitFor();
  // Only what is in sight is there, however much came.
  expect(await page.locator('.list-slot').count()).toBeLessThan(80);
  await page.getByRole('button', { name: /Show [\d,]+ new calls/ }).click();
  await expect.poll(() => page.locator('.logs .list').evaluate((list) => list.scrollTop)).toBe(0);
  // What comes in ten minutes of it, sooner: more than twice what is kept.
  canned.tailPerSecond = 8_000;
  await expect.poll(() => canned.tailSent, { timeout: 60_000 }).toBeGreaterThan(12_000);
  canned.tailPerSecond = 20;
  const count = (): Promise<number> =>
    page.locator('.logs .list').evaluate((list) => Number(list.getAttribute('aria-rowcount')));
  await expect.poll(count, { timeout: 60_000 }).toBeGreaterThanOrEqual(MAX_ROWS);
  // Beside those that were there before.
  expect(await count()).toBeLessThanOrEqual(MAX_ROWS + 100);
  expect(await page.locator('.list-slot').count()).toBeLessThan(80);
  expect(await heapBytes()).toBeLessThan(80_000_000);
}, 180_000);

async function heapBytes(): Promise<number> {
  const session = await watched.context.newCDPSession(watched.page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

test.runIf(process.env['HEADGATE_LONG_TESTS'] === '1')(
  'ten minutes of a live tail at 500 rows a second take 80 MB at most',
  async () => {
    canned.tailPerSecond = 500;
    await open('/logs?live=1');
    await watched.page.locator('.list-row').first().waitFor();
    for (let minute = 0; minute < 10; minute++) {
      const sent = canned.tailSent;
      await expect.poll(() => canned.tailSent - sent, { timeout: 300_000 }).toBeGreaterThanOrEqual(30_000);
      expect(await heapBytes(), `after ${minute + 1} min`).toBeLessThan(80_000_000);
    }
  },
  3_600_000,
);

test('a live tail whose session is over leads to the door, too', async () => {
  const { page } = watched;
  await page.clock.install();
  await open('/logs?live=1');
  await page.getByText('New calls come in at the top.').waitFor();
  canned.signedIn = false;
  canned.endTails();
  await page.getByText('The live tail broke off; it comes back by itself.').waitFor();
  await page.clock.fastForward(3_000);
  await page.getByText('Your session is over').waitFor();
});

test('keys lead everywhere: the palette, lists, help; and a dialog gives the focus back', async () => {
  const { page } = watched;
  await open('/logs');
  await page.locator('.list-row').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByText('How it went').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  await page.getByRole('button', { name: 'Columns' }).focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Live tail on and off').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Columns');
  await page.keyboard.press('Control+k');
  await page.getByLabel(/Find a page/).fill('clus');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor();
  await page.keyboard.press('/');
  await page.getByLabel(/Find a page/).fill('req_1a2b3c4d5e6f0000');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.url()).toContain('/logs?open=req_1a2b3c4d5e6f0000');
  await page.keyboard.press('Escape');
  for (const [sought, place] of [
    ['spl', '/ui/models?model=split'],
    ['azu', '/ui/providers/azure-eu'],
  ] as const) {
    await page.keyboard.press('Control+k');
    await page.getByLabel(/Find a page/).fill(sought);
    await page.locator('#palette-hits .hit').first().waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain(place);
  }
});

test('what guardrails did is counted over the whole window, and each count leads to its calls', async () => {
  const { page } = watched;
  await open('/guardrails?from=-30d');
  const line = page.getByRole('row', { name: /pii request mask/ });
  // 0.45 / 2 of 1,440: as the statistics say, whatever the log has rows of.
  await line.getByRole('cell', { name: '22.5 %' }).waitFor();
  expect(canned.calls.some(({ path }) => path.startsWith('/api/logs?'))).toBe(false);
  await line.getByRole('link', { name: '324' }).click();
  await page.getByTitle('Take this filter away').getByText('Guardrail: pii:request:mask').waitFor();
  await expect
    .poll(() => canned.calls.some(({ path }) => path.includes('guardrail=pii%3Arequest%3Amask')))
    .toBe(true);
});

test('kept answers are forgotten by what is said of them, once that was asked; what was not reached is told', async () => {
  const { page } = watched;
  const deleted: string[] = [];
  canned.answer = ({ method, path }) => {
    if (method !== 'DELETE') return null;
    deleted.push(path);
    return deleted.length === 1
      ? { status: 503, body: { error: { code: 'not_purged', message: 'Not all could be asked.' } } }
      : { status: 200, body: { purged: 7 } };
  };
  await open('/cache');
  await page.getByText('12,345 in the memory of the workers').waitFor();
  await page.getByLabel('Model', { exact: true }).fill('openai/gpt-5');
  await page.getByLabel('Tag', { exact: true }).fill(' a&b ');
  await page.getByRole('button', { name: 'Forget those that fit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('model openai/gpt-5, tag a&b').waitFor();
  expect(deleted).toEqual([]);
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await dialog.getByText('Not all could be asked.').waitFor();
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await page.getByText('7 forgotten').waitFor();
  expect(deleted).toEqual(Array(2).fill('/api/cache?model=openai%2Fgpt-5&tag=a%26b'));
  await page.getByRole('button', { name: 'Forget all' }).click();
  await dialog.getByRole('button', { name: 'Forget' }).click();
  await waitUntil(() => deleted.length === 3, 'the third');
  expect(deleted[2]).toBe('/api/cache?all=true');
});

test('the cache page says what was saved, money and time, in all and by model', async () => {
  const { page } = watched;
  await open('/cache');
  const figure = page.locator('.figure').filter({ hasText: 'Time saved' });
  // 190 ms a call of sixty minutes with 24 each.
  await figure.getByText('4 min 33 s').waitFor();
  const table = page.getByRole('table').filter({ hasText: 'Hit rate' });
  expect(await table.getByRole('columnheader').allTextContents()).toEqual([
    'Model',
    'Hits',
    'Misses',
    'Hit rate',
    'Saved',
    'Time saved',
  ]);
  expect(await table.getByRole('row').nth(1).getByRole('cell').last().textContent()).toBe('2 min 3 s');
});

test('the last day of the workers is drawn, has its numbers as a table, and says since when', async () => {
  const { page } = watched;
  await open('/cluster');
  const day = page.getByRole('region', { name: 'The last 24 hours' });
  await day.getByText('kept in memory, since').waitFor();
  const memory = day.getByRole('figure').filter({ hasText: 'Memory' });
  await memory.getByRole('button', { name: 'worker 1' }).waitFor();
  await memory.getByRole('button', { name: 'Table' }).click();
  expect(await memory.getByRole('columnheader').allTextContents()).toEqual([
    'Time',
    'primary',
    'worker 0',
    'worker 1',
  ]);
  await day.getByRole('figure').filter({ hasText: 'Restarts' }).getByText('1', { exact: true }).waitFor();
});

test('a gateway that is away is said so, what is known stays, and it comes back by itself', async () => {
  const { page } = watched;
  // Its patience between two questions is no part of what is looked at.
  await page.clock.install();
  await open('/?from=-15m');
  await page.getByText('1,440', { exact: true }).first().waitFor();
  canned.answer = ({ path }) =>
    path.startsWith('/api/stats')
      ? {
          status: 503,
          body: { error: { code: 'store_unavailable', message: 'The store cannot be reached.' } },
        }
      : null;
  await page.clock.fastForward(6_000);
  await page.getByText('The store cannot be reached.').first().waitFor();
  expect(await page.getByText('1,440', { exact: true }).count()).toBeGreaterThan(0);
  canned.answer = () => null;
  await page.clock.fastForward(6_000);
  await expect.poll(() => page.getByText('The store cannot be reached.').count()).toBe(0);
});

test('on a slow network it is said that the page comes, then the shape of what comes, then what it is', async () => {
  const { page, context } = watched;
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  // A bad mobile network, as DevTools has it, but for its patience.
  const slow = { offline: false, latency: 200, downloadThroughput: 30_000, uploadThroughput: 30_000 };
  await session.send('Network.emulateNetworkConditions', slow);
  canned.slowMs = 400;
  await page.goto(`${canned.origin}/ui/settings`, { waitUntil: 'commit' });
  await page.getByText('is loading…').waitFor();
  await page.getByText('vic@example.com').waitFor();
  await session.send('Network.emulateNetworkConditions', { ...slow, latency: 0, downloadThroughput: -1 });
  const held: (() => void)[] = [];
  canned.held = held;
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('status').getByText('Loading').waitFor({ state: 'attached' });
  canned.held = null;
  for (const reply of held) reply();
  await page.getByText('admin:ada').first().waitFor();
});

test('colours can be chosen, and are kept', async () => {
  const { page } = watched;
  await open('/settings');
  await page.getByLabel('Colours').selectOption('dark');
  const background = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await page.reload();
  await page.getByLabel('Colours').waitFor();
  expect(await background()).toBe(dark);
  await page.getByLabel('Colours').selectOption('light');
  expect(await background()).not.toBe(dark);
});
