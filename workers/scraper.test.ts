import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { createScraper } from './scraper.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('scraper', () => {
  it('asks the primary once for scrapes that come together, and again for later ones', async () => {
    const sent: ToPrimary[] = [];
    const scraper = createScraper((message) => sent.push(message));
    const both = Promise.all([scraper.scrape(), scraper.scrape()]);
    expect(sent).toEqual([{ t: 'scrape', id: 1 }]);
    scraper.scraped(1, 'text');
    expect(await both).toEqual(['text', 'text']);
    void scraper.scrape();
    expect(sent).toHaveLength(2);
  });

  it('gives up when the primary does not answer, and takes no late answer for a new question', async () => {
    const scraper = createScraper(() => undefined);
    const late = expect(scraper.scrape()).rejects.toThrow('did not answer');
    await vi.advanceTimersByTimeAsync(7_001); // behind the reads of that turn
    await late;
    const second = scraper.scrape();
    scraper.scraped(1, 'old');
    scraper.scraped(2, 'new');
    expect(await second).toBe('new');
  });

  it('fails at once, now and later, when the primary is gone', async () => {
    const scraper = createScraper(() => undefined);
    const open = expect(scraper.scrape()).rejects.toThrow('gone');
    scraper.close();
    await open;
    await expect(scraper.scrape()).rejects.toThrow('gone');
  });
});
