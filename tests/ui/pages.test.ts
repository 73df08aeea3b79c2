// Every page, with nothing, with a little, and with a year's: whole, within the screen, readable, and without a fault.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGES } from '../../ui/src/app/page-paths.ts';
import { axeFindings, openBrowser, overflow, watchedPage } from './kit/browser.ts';
import { type Canned, startCanned } from './kit/canned.ts';

const WIDTHS = [360, 1024, 1600];
let browser: Browser;
let canned: Canned;

beforeAll(async () => {
  browser = await openBrowser();
  canned = await startCanned(Date.now());
});
afterAll(async () => {
  await browser.close();
  await canned.close();
});

describe.each(['none', 'little', 'year'] as const)('with %s', (amount) => {
  test.each(PAGES.map(({ path, title }) => [title, path] as const))('%s', async (title, path) => {
    canned.amount = amount;
    canned.signedIn = true;
    const scheme = amount === 'little' ? 'dark' : 'light';
    const { page, faults, foreign, close } = await watchedPage(browser, { origin: canned.origin, scheme });
    const from = amount === 'year' ? '?from=-365d' : '';
    await page.goto(`${canned.origin}/ui${path}${from}`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.waitForLoadState('load');
    await page.locator('main .panel, main .empty, main .figures, main form').first().waitFor();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => overflow(page), { message: `${title} at ${width} px` }).toBeLessThanOrEqual(0);
    }
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(faults).toEqual([]);
    expect(foreign).toEqual([]);
    await close();
  });
});
