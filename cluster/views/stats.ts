// Metrics in the primary: merges the workers' deltas and answers their scrapes. A scrape first collects what the
// workers have not pushed yet, so that it shows every call that had settled when it came.
import type { MetricDelta } from '../../src/contracts/ipc.ts';
import { behindReads } from '../../src/ipc/behind-reads.ts';
import type { Log } from '../../src/observability/log.ts';
import { createMeasuring } from '../../src/observability/measured.ts';
import type { MetricTotals } from '../../src/observability/metric-totals.ts';
import type { Life } from '../crew/life.ts';

/** A worker that does not answer a collect in time is left out until its next push. Below what the scraper waits. */
const COLLECT_MS = 2_500;

export interface Stats {
  merge(life: Life, delta: MetricDelta, answers: number): void;
  scrape(life: Life, id: number): void;
  gone(life: Life): void;
}

interface Round {
  id: number;
  waiting: Set<number>;
  over(): void;
}

/** @param lives all living workers. */
export function createStats(totals: MetricTotals, lives: () => readonly Life[], log: Log): Stats {
  const measure = createMeasuring(
    () => log,
    () => performance.now(),
  );
  let round: Round | null = null;
  let nextRound = 1;
  let asking: { life: Life; id: number }[] = [];
  let busy = false;

  function collect(): Promise<void> {
    return new Promise((resolve) => {
      const answering = lives().filter((life) => life.state === 'serving' || life.state === 'draining');
      const waiting = new Set(answering.map((life) => life.id));
      const mine: Round = { id: nextRound++, waiting, over };
      const timer = behindReads(COLLECT_MS, over);
      function over(): void {
        if (round !== mine) return;
        timer.clear();
        round = null;
        resolve();
      }
      round = mine;
      for (const life of answering) life.send({ t: 'collect', id: mine.id });
      if (answering.length === 0) over();
    });
  }

  /** Scrapes that come during a round are served by the next one, together. */
  async function serve(): Promise<void> {
    busy = true;
    while (asking.length > 0) {
      const asked = asking;
      asking = [];
      await collect();
      const text = await totals.text();
      for (const { life, id } of asked) life.send({ t: 'scraped', id, text });
    }
    busy = false;
  }

  function answered(life: Life, id: number): void {
    if (round === null || round.id !== id) return;
    round.waiting.delete(life.id);
    if (round.waiting.size === 0) round.over();
  }

  return {
    merge(life, delta, answers): void {
      measure('metrics', () => totals.merge(String(life.id), delta));
      if (answers !== 0) answered(life, answers);
    },
    scrape(life, id): void {
      asking.push({ life, id });
      if (!busy) {
        serve().catch((err: unknown) => {
          busy = false;
          log.error({ err }, 'metrics could not be printed');
        });
      }
    },
    gone(life): void {
      totals.workerGone(String(life.id));
      if (round !== null) answered(life, round.id);
    },
  };
}
