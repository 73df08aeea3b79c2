// What a gateway adds to a call when nothing else goes on.
import type { Metric, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { heat } from './heat.ts';
import { modestRates, rateRemark } from './rate.ts';
import { difference } from './rounds.ts';
import { alternate, DIRECT, direct, HEADGATE, NGINX, withPeers } from './targets.ts';

const ROUTE = 'openai>openai';
/** Low enough that a call never meets another one, high enough for a p99 of some hundred calls. */
const PER_SECOND = 200;
/** At one call at a time, a third of what the target can do is still unhurried. */
const SHARE = 0.33;

const us = (name: string): Metric => ({ name, unit: 'us', better: 'lower' });

export const overhead: Scenario = {
  name: 'overhead',
  title: 'Added latency at concurrency 1',
  method: `1 KB request, instant mock, one connection, open loop at ${PER_SECOND}/s (a third of its capacity for a gateway that cannot \
take three times that), latency from the intended send time. Rounds alternate with the mock called directly; "added" is \
gateway minus direct of the same round and the same percentile. Each is brought to full speed by three seconds of closed loop first.`,
  metrics: [
    us('added p50'),
    us('added p99'),
    { ...us('added p99 over nginx'), bar: { target: HEADGATE, most: 110 } },
    us('p50'),
    us('p99'),
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const dialect = 'openai';
      const all = [direct(lab, dialect), ...targets];
      await heat(lab, targets, dialect, 'unary');
      const search = { dialect, wanted: PER_SECOND, connections: 1, share: SHARE } as const;
      const rates = await modestRates(lab, all, search);
      const book = await alternate(lab, all, async ({ name, endpoint }, { seconds }) => {
        const perSecond = rates.get(name) ?? PER_SECOND;
        const result = await lab.unary({ endpoint, dialect, connections: 1, seconds, perSecond });
        const { p50, p99 } = result.latencyMicros;
        return { values: { p50, p99 }, void: result.void, remark: rateRemark(perSecond, PER_SECOND) };
      });
      const measurements = all.flatMap(({ name }) => {
        const raw = ['p50', 'p99'].map((metric) => book.measurement(name, metric));
        if (name === DIRECT) return raw;
        const added = (metric: string, yardstick: string) =>
          difference(book.rounds(name, metric), book.rounds(yardstick, metric));
        return [
          book.measurement(name, 'added p50', added('p50', DIRECT)),
          book.measurement(name, 'added p99', added('p99', DIRECT)),
          ...(name === NGINX || book.rounds(NGINX, 'p99').length === 0
            ? []
            : [book.measurement(name, 'added p99 over nginx', added('p99', NGINX))]),
          ...raw,
        ];
      });
      return {
        measurements,
        notes,
        charts: [
          barsOf(measurements, {
            title: 'Added latency, one call at a time',
            yLabel: 'us',
            metrics: ['added p50', 'added p99'],
          }),
        ],
      };
    });
  },
};
