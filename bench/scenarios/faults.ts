// A provider that fails now and then: how much of it the clients see, and what hiding it costs.
import type { Measurement, Metric, MockBehaviour, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { modestRates, rateRemark } from './rate.ts';
import { alternate, behave, withPeers } from './targets.ts';
import { failedShare } from './verdict.ts';

const ROUTE = 'openai>openai';
const FAIL_EVERY = 10;
const KINDS = [500, 'reset'] as const satisfies readonly MockBehaviour['failAs'][];
const CONNECTIONS = 64;
const PER_SECOND = 300;
const SHARE = 0.3;
/** A call that waits for its second attempt keeps its connection, so open loop needs some to spare. */
const OPEN_CONNECTIONS = 256;

const LOST = 'calls failed';
const GOOD = 'good answers/s';
const P99 = 'p99';
const underFault = (metric: string, kind: MockBehaviour['failAs']): string =>
  `${metric}, ${kind === 'reset' ? 'resets' : `status ${kind}`}`;

export const faults: Scenario = {
  name: 'faults',
  title: `One answer in ${FAIL_EVERY} of the provider fails`,
  method: `One in ${FAIL_EVERY} of the mock's answers is a ${KINDS[0]}, then a reset before the head. Retries as each gateway has them by default; no second provider. Calls failed and p99 in \
open loop at ${PER_SECOND}/s (less where that is above ${SHARE * 100} % of what a gateway can do), of all calls; good answers/s in closed loop over ${CONNECTIONS} connections: a pause before a second attempt \
costs throughput there, as it must.`,
  metrics: KINDS.flatMap((kind): Metric[] => [
    { name: underFault(LOST, kind), unit: '%', better: 'lower' },
    { name: underFault(P99, kind), unit: 'ms', better: 'lower' },
    { name: underFault(GOOD, kind), unit: 'req/s', better: 'higher' },
  ]),
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const search = {
        dialect: 'openai',
        wanted: PER_SECOND,
        connections: CONNECTIONS,
        share: SHARE,
      } as const;
      const rates = await modestRates(lab, targets, search);
      const measurements: Measurement[] = [];
      for (const kind of KINDS) {
        await behave(lab, { failEvery: FAIL_EVERY, failAs: kind });
        const names = [LOST, P99, GOOD].map((metric) => underFault(metric, kind)) as [string, string, string];
        const book = await alternate(
          lab,
          targets,
          async ({ name, endpoint }, { seconds }) => {
            const perSecond = rates.get(name) ?? PER_SECOND;
            const load = { endpoint, dialect: 'openai' } as const;
            const open = await lab.unary({ ...load, connections: OPEN_CONNECTIONS, seconds, perSecond });
            const closed = await lab.unary({ ...load, connections: CONNECTIONS, seconds: seconds / 2 });
            return {
              values: {
                [names[0]]: 100 * failedShare(open),
                [names[1]]: open.latencyMicros.p99 / 1000,
                [names[2]]: closed.perSecond,
              },
              void: open.void ?? closed.void,
              remark: rateRemark(perSecond, PER_SECOND),
            };
          },
          { seconds: lab.seconds * 0.6, warm: kind === KINDS[0] },
        );
        measurements.push(
          ...targets.flatMap(({ name }) => names.map((metric) => book.measurement(name, metric))),
        );
      }
      return {
        measurements,
        notes,
        charts: [
          barsOf(measurements, {
            title: `Calls that fail when one answer in ${FAIL_EVERY} does`,
            yLabel: '%',
            metrics: KINDS.map((kind) => underFault(LOST, kind)),
          }),
        ],
      };
    });
  },
};
