// Whether a large body in the crowd holds up the small ones.
import type { Measurement, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { heat } from './heat.ts';
import { modestRates, rateRemark } from './rate.ts';
import { ratio } from './rounds.ts';
import { alternate, DIRECT, direct, HEADGATE, withPeers } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const PER_SECOND = 500;
const SHARE = 0.3;
const MIXED = { every: 100, bodyBytes: 2 * 1024 * 1024 } as const;

const ALONE = 'p99 of small bodies alone';
const AMONG = 'p99 of small bodies among large';
const TIMES = 'p99 among large, to alone';

export const mixed: Scenario = {
  name: 'mixed',
  title: 'Small bodies among large ones',
  method: `1 KB requests in open loop at ${PER_SECOND}/s over ${CONNECTIONS} connections (less where that is above ${SHARE * 100} % of what a gateway can do); then the same with one in \
${MIXED.every} of 2 MB. Latencies are those of the small ones alone. Both in turn in each round. "direct" shows what the load side itself adds: it sends and \
reads the large bodies on the core where it times the small ones.`,
  metrics: [
    { name: TIMES, unit: 'x', better: 'lower', bar: { target: HEADGATE, most: 1.5 } },
    { name: ALONE, unit: 'us', better: 'lower' },
    { name: AMONG, unit: 'us', better: 'lower' },
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const all = [direct(lab, 'openai'), ...targets];
      const search = {
        dialect: 'openai',
        wanted: PER_SECOND,
        connections: CONNECTIONS,
        share: SHARE,
      } as const;
      await heat(lab, targets, 'openai', 'unary');
      const rates = await modestRates(lab, all, search);
      const book = await alternate(
        lab,
        all,
        async ({ name, endpoint }, { seconds }) => {
          const perSecond = rates.get(name) ?? PER_SECOND;
          const load = { endpoint, dialect: 'openai', connections: CONNECTIONS, seconds, perSecond } as const;
          const alone = await lab.unary(load);
          const among = await lab.unary({ ...load, mixed: MIXED });
          return {
            values: { [ALONE]: alone.latencyMicros.p99, [AMONG]: among.latencyMicros.p99 },
            void: alone.void ?? among.void,
            remark: rateRemark(perSecond, PER_SECOND),
          };
        },
        { seconds: lab.seconds * 0.75 },
      );
      const measurements: Measurement[] = all.flatMap(({ name }) => [
        book.measurement(name, TIMES, ratio(book.rounds(name, AMONG), book.rounds(name, ALONE))),
        book.measurement(name, ALONE),
        book.measurement(name, AMONG),
      ]);
      return {
        measurements,
        notes: [...notes, `${DIRECT} is the mock without a gateway`],
        charts: [
          barsOf(measurements, {
            title: 'p99 of 1 KB requests, alone and with 1 % of 2 MB',
            yLabel: 'us',
            metrics: [ALONE, AMONG],
            logY: true,
          }),
        ],
      };
    });
  },
};
