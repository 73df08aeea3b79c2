// Asks the primary for the text of /metrics. Scrapes that come together share one question.
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { behindReads } from '../src/ipc/behind-reads.ts';

/** Longer than two rounds of looks at workers, of which one keeps silent (cluster/views/stats.ts): one that is under way is waited for first. */
const TIMEOUT_MS = 7_000;

export interface Scraper {
  scrape(): Promise<string>;
  /** The primary's answer. */
  scraped(id: number, text: string): void;
  /** The primary is gone. */
  close(): void;
}

interface Asked {
  id: number;
  text: Promise<string>;
  resolve(text: string): void;
  reject(error: Error): void;
}

export function createScraper(send: (message: ToPrimary) => void): Scraper {
  let asked: Asked | null = null;
  let nextId = 1;
  let closed = false;

  function over(which: Asked, end: (asked: Asked) => void): void {
    if (asked !== which) return;
    asked = null;
    end(which);
  }

  return {
    scrape(): Promise<string> {
      if (closed) return Promise.reject(new Error('the primary is gone'));
      if (asked !== null) return asked.text;
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const mine: Asked = { id: nextId++, text: promise, resolve, reject };
      asked = mine;
      const timer = behindReads(TIMEOUT_MS, () => {
        over(mine, ({ reject: late }) => late(new Error(`the primary did not answer in ${TIMEOUT_MS} ms`)));
      });
      const stop = (): void => timer.clear();
      promise.then(stop, stop);
      send({ t: 'scrape', id: mine.id });
      return promise;
    },
    scraped(id, text): void {
      if (asked !== null && asked.id === id) over(asked, ({ resolve }) => resolve(text));
    },
    close(): void {
      closed = true;
      if (asked !== null) over(asked, ({ reject }) => reject(new Error('the primary is gone')));
    },
  };
}
