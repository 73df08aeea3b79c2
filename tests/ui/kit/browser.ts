// A real Chromium for tests of the page, and a page in it that tells what went wrong there.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function chromiumPath(): string {
  const stated = process.env['HEADGATE_TEST_CHROMIUM'];
  const found = stated ?? PLACES.find((place) => existsSync(place));
  if (found === undefined)
    throw new Error('no Chromium here: scripts/test installs it, or set HEADGATE_TEST_CHROMIUM');
  return found;
}

export function openBrowser(): Promise<Browser> {
  // Root has no sandbox; small shared memory is what containers have.
  return chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Faults of scripts, refusals of the policy, and what the page itself complained of. */
  readonly faults: string[];
  /** Addresses outside the page's own origin that it asked for. */
  readonly foreign: string[];
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly origin: string;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
}

const PATIENCE_MS = 30_000;

export async function watchedPage(browser: Browser, options: WatchOptions): Promise<Watched> {
  const { origin, width = 1600, height = 900, scheme = 'light' } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // An answer that is no good one is the API's business, and the page's to show.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) foreign.push(url);
  });
  return { page, context, faults, foreign, close: () => context.close() };
}

/** How far the document is wider than what shows it, px. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** Serious and critical findings of axe, a line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  )) as AxeResult; // axe's own shape
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`,
    );
}
