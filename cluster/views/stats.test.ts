import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MetricDelta, ToWorker } from '../../src/contracts/ipc.ts';
import { createMetricTotals } from '../../src/observability/metric-totals.ts';
import { fakeLog } from '../fakes.fixture.ts';
import { Life } from '../crew/life.ts';
import { createStats } from './stats.ts';

function delta(count: number): MetricDelta {
  return {
    series: [[0, 'headgate_shed_total', ['openai']]],
    counters: [[0, count]],
    histograms: [],
    gauges: [],
  };
}

/** A serving worker whose messages are kept. */
function makeLife(id: number): { life: Life; got: ToWorker[] } {
  const got: ToWorker[] = [];
  const life = new Life(id, id - 1, 0);
  life.process = { pid: id, send: (message) => void got.push(message), kill: () => undefined };
  life.said();
  life.serves(0);
  return { life, got };
}

const scraped = (got: ToWorker[]): string[] =>
  got.flatMap((message) => (message.t === 'scraped' ? [message.text] : []));
const asked = (got: ToWorker[]): number[] =>
  got.flatMap((message) => (message.t === 'collect' ? [message.id] : []));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('metrics in the primary', () => {
  it('hold what every worker had counted when the scrape came', async () => {
    const workers = [makeLife(1), makeLife(2)];
    const stats = createStats(createMetricTotals(), () => workers.map(({ life }) => life), fakeLog());
    stats.scrape(workers[0]!.life, 7);
    for (const { life, got } of workers) stats.merge(life, delta(3), asked(got)[0]!);
    await vi.advanceTimersByTimeAsync(0);
    expect(scraped(workers[0]!.got)[0]).toContain('headgate_shed_total{provider="openai"} 6');
    expect(scraped(workers[1]!.got)).toEqual([]);
  });

  it('do not wait for ever for a worker that stands still', async () => {
    const workers = [makeLife(1), makeLife(2)];
    const stats = createStats(createMetricTotals(), () => workers.map(({ life }) => life), fakeLog());
    stats.scrape(workers[0]!.life, 1);
    stats.merge(workers[0]!.life, delta(1), asked(workers[0]!.got)[0]!);
    await vi.advanceTimersByTimeAsync(2_400);
    expect(scraped(workers[0]!.got)).toEqual([]);
    await vi.advanceTimersByTimeAsync(150);
    expect(scraped(workers[0]!.got)).toHaveLength(1);
  });

  it('do not wait for a worker that died, and never go down because of it', async () => {
    const workers = [makeLife(1), makeLife(2)];
    const lives = (): Life[] => workers.map(({ life }) => life).filter((life) => life.state !== 'gone');
    const stats = createStats(createMetricTotals(), lives, fakeLog());
    stats.merge(workers[1]!.life, delta(5), 0);
    stats.scrape(workers[0]!.life, 1);
    stats.merge(workers[0]!.life, delta(1), asked(workers[0]!.got)[0]!);
    workers[1]!.life.exited('SIGKILL');
    stats.gone(workers[1]!.life);
    await vi.advanceTimersByTimeAsync(0);
    expect(scraped(workers[0]!.got)[0]).toContain('headgate_shed_total{provider="openai"} 6');
  });

  it('answer a scrape that comes during another from a round of its own', async () => {
    const { life, got } = makeLife(1);
    const stats = createStats(createMetricTotals(), () => [life], fakeLog());
    stats.scrape(life, 1);
    stats.scrape(life, 2);
    stats.merge(life, delta(1), asked(got)[0]!);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked(got)).toHaveLength(2);
    stats.merge(life, delta(1), asked(got)[1]!);
    await vi.advanceTimersByTimeAsync(0);
    expect(scraped(got)[0]).toContain('headgate_shed_total{provider="openai"} 1');
    expect(scraped(got)[1]).toContain('headgate_shed_total{provider="openai"} 2');
  });
});
