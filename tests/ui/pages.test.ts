// Every page, with nothing, with a little, and with a year's: whole, within the screen, readable, and without a fault.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { OFF_MENU, PAGES } from '../../ui/src/app/page-paths.ts';
import { axeFindings, openBrowser, overflow, type Watched, watchedPage } from './kit/browser.ts';
import { type Canned, startCanned } from './kit/canned.ts';
import type { Amount } from './kit/canned-log.ts';

const WIDTHS = [360, 1024, 1600];
const all = [...PAGES, ...OFF_MENU];
/** What is there grows with time on these alone. */
const growing = all.filter(({ path }) => ['/', '/logs', '/keys', '/audit'].includes(path));
const cases: (readonly [amount: Amount, scheme: 'light' | 'dark', title: string, path: string])[] = [
  ...all.map(({ title, path }) => ['none', 'light', title, path] as const),
  ...all.map(({ title, path }) => ['little', 'dark', title, path] as const),
  ...growing.map(({ title, path }) => ['year', 'light', title, path] as const),
];

let browser: Browser;
let canned: Canned;
const pages = new Map<string, Watched>();

beforeAll(async () => {
  browser = await openBrowser();
  canned = await startCanned(Date.now());
  for (const scheme of ['light', 'dark'] as const)
    pages.set(scheme, await watchedPage(browser, { origin: canned.origin, scheme }));
});
afterEach(() => {
  for (const { faults, foreign } of pages.values()) {
    faults.length = 0;
    foreign.length = 0;
  }
});
afterAll(async () => {
  await browser.close();
  await canned.close();
});

test.each(cases)('with %s, %s: %s', async (amount, scheme, title, path) => {
  canned.amount = amount;
  const { page, faults, foreign } = pages.get(scheme)!;
  await page.setViewportSize({ width: WIDTHS[2]!, height: 800 });
  await page.goto(`${canned.origin}/ui${path}${amount === 'year' ? '?from=-365d' : ''}`);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await page.locator('main .panel, main .empty, main .figures, main form, main .editor').first().waitFor();
  expect(await axeFindings(page)).toEqual([]);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(() => overflow(page), { message: `at ${width} px` }).toBeLessThanOrEqual(0);
  }
  expect(await page.evaluate('window.hit')).toBeUndefined();
  expect(faults).toEqual([]);
  expect(foreign).toEqual([]);
});
