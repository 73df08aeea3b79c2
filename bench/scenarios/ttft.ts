// What a gateway adds to the first token and between tokens.
import type { Measurement, Metric, Scenario, StreamLoad } from '../contract.ts';
import type { Book, Sample } from './book.ts';
import { barsOf } from './charts.ts';
import { HEATING, heat } from './heat.ts';
import { difference } from './rounds.ts';
import { alternate, behave, DIRECT, direct, HEADGATE, type Target, withPeers } from './targets.ts';

const ROUTE = 'openai>openai';
/** Short streams for many first tokens, long ones for many gaps; at 64 one load has enough of both. */
const FIRST = { streams: 1, deltas: 2, everyMs: 5 } as const;
const GAPS = { streams: 1, deltas: 64, everyMs: 5 } as const;
const MANY = { streams: 64, deltas: 64, everyMs: 20 } as const;

const METRICS = ['TTFT p50', 'TTFT p99', 'gap p50', 'gap p99', 'transit p50', 'transit p99'] as const;
const at = (streams: number): string => `, c${streams}`;

const us = (name: string, most?: number): Metric => ({
  name,
  unit: 'us',
  better: 'lower',
  ...(most !== undefined && { bar: { target: HEADGATE, most } }),
});

export const ttft: Scenario = {
  name: 'ttft',
  title: 'Added time to first token and between tokens',
  method: `Streams one after the other on one connection (c1) and on ${MANY.streams} (c64). First tokens at c1 from streams of ${FIRST.deltas} deltas, gaps from streams of \
${GAPS.deltas} deltas at ${GAPS.everyMs} ms; at c64 both from ${MANY.deltas} deltas at ${MANY.everyMs} ms. "Added" is gateway minus the mock called directly, same round and percentile: \
an added gap of 0 means that tokens come at the pace in which the provider sends them. Transit is the way of one token, from the mock's write to the client's read.`,
  metrics: [
    us('added TTFT p50, c1'),
    us('added TTFT p99, c1', 250),
    us('added gap p50, c1'),
    us('added gap p99, c1', 50),
    us('added transit p50, c1'),
    us('added transit p99, c1'),
    us('added TTFT p50, c64'),
    us('added TTFT p99, c64'),
    us('added gap p50, c64'),
    us('added gap p99, c64'),
    us('added transit p50, c64'),
    us('added transit p99, c64'),
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const all = [direct(lab, 'openai'), ...targets];
      const measure = (
        load: Omit<StreamLoad, 'endpoint' | 'dialect' | 'seconds'>,
        only: '' | 'TTFT' | 'gap',
      ) =>
        async function one({ endpoint }: Target, { seconds }: { seconds: number }): Promise<Sample> {
          const result = await lab.streams({ endpoint, dialect: 'openai', seconds, ...load });
          const values: Record<string, number> = {};
          if (only !== 'gap') {
            values['TTFT p50'] = result.ttftMicros.p50;
            values['TTFT p99'] = result.ttftMicros.p99;
          }
          if (only !== 'TTFT') {
            values['gap p50'] = result.gapMicros.p50;
            values['gap p99'] = result.gapMicros.p99;
            values['transit p50'] = result.transitMicros.p50;
            values['transit p99'] = result.transitMicros.p99;
          }
          return { values, void: result.void };
        };
      await behave(lab, HEATING);
      await heat(lab, targets, 'openai', 'streams');
      const measurements: Measurement[] = [];
      for (const [load, only] of [
        [FIRST, 'TTFT'],
        [GAPS, 'gap'],
        [MANY, ''],
      ] as const) {
        lab.say(`${load.streams} streams of ${load.deltas} deltas at ${load.everyMs} ms`);
        await behave(lab, { deltas: load.deltas, everyMs: load.everyMs });
        const seconds = Math.max(2, lab.seconds / 2);
        const book = await alternate(lab, all, measure(load, only), { seconds, warm: only === 'TTFT' });
        measurements.push(...added(book, targets, load.streams));
      }
      return {
        measurements,
        notes,
        charts: [
          barsOf(measurements, {
            title: 'Added time to first token and between tokens, one stream',
            yLabel: 'us',
            metrics: ['added TTFT p99, c1', 'added gap p99, c1', 'added transit p99, c1'],
          }),
        ],
      };
    });
  },
};

/** Of the metrics that the book has. */
function added(book: Book, targets: readonly Target[], streams: number): Measurement[] {
  const there = METRICS.filter((metric) => book.rounds(DIRECT, metric).some((value) => value !== null));
  return targets.flatMap(({ name }) =>
    there.map((metric) =>
      book.measurement(
        name,
        `added ${metric}${at(streams)}`,
        difference(book.rounds(name, metric), book.rounds(DIRECT, metric)),
      ),
    ),
  );
}
