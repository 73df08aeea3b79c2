// What a call costs in CPU: decides how many cores a gateway needs, and moves least between machines and runs.
import type { Measurement, Scenario } from '../contract.ts';
import type { Book } from './book.ts';
import { barsOf } from './charts.ts';
import { cheapest } from './cheapest.ts';
import { MEGABYTE } from './memory-watch.ts';
import { createSaturate } from './saturate.ts';
import { alternate, BARE_LOOP, HEADGATE, NGINX, type Target, type Turn, withPeers } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const COST = 'CPU per request';
const TO_BARE = 'CPU per request, to the bare loop';
const TO_CHEAPEST = 'CPU per request, to the cheapest other gateway';

export const cpu: Scenario = {
  name: 'cpu',
  title: 'CPU per request',
  method: `1 KB request, 0.6 to 1 KB answer, instant mock, closed loop by wrk over ${CONNECTIONS} keep-alive connections, keys checked where the \
gateway has them, access logs off, turns of a second. CPU is user and kernel time of the whole process tree from the kernel's books, divided by \
the answers. Memory is the proportional set size of the tree under that load.`,
  metrics: [
    {
      name: COST,
      unit: 'us',
      better: 'lower',
      against: NGINX,
      bar: { target: HEADGATE, most: 2, ratio: true },
    },
    {
      name: TO_BARE,
      unit: 'us',
      better: 'lower',
      against: BARE_LOOP,
      bar: { target: HEADGATE, most: 1.25, ratio: true },
    },
    { name: TO_CHEAPEST, unit: 'x', better: 'lower', bar: { target: HEADGATE, most: 0.5 } },
    { name: 'req/s', unit: 'req/s', better: 'higher' },
    { name: 'memory', unit: 'MB', better: 'lower' },
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const { saturate, notes: generator } = createSaturate(lab);
      const measure = async ({ pid, endpoint }: Target, { seconds }: Turn) => {
        const { cpuMicros, result } = await lab.cpuOf(pid, () =>
          saturate({ endpoint, dialect: 'openai', bodyBytes: 1024, connections: CONNECTIONS, seconds }),
        );
        return {
          values: {
            [COST]: cpuMicros / result.requests,
            'req/s': result.perSecond,
            memory: lab.memoryOf(pid).pss / MEGABYTE,
          },
          void: result.void,
        };
      };
      const book = await alternate(lab, targets, measure, { short: true });
      const measurements = rows(targets, book);
      return {
        measurements,
        notes: [...notes, ...generator],
        charts: [
          barsOf(measurements, {
            title: 'CPU per 1 KB request',
            yLabel: 'us of CPU',
            metrics: [COST],
            logY: true,
          }),
        ],
      };
    });
  },
};

function rows(targets: readonly Target[], book: Book): Measurement[] {
  const costs = targets.map(({ name }) => book.measurement(name, COST));
  return [
    ...costs,
    ...costs
      .filter(({ target }) => target === HEADGATE || target === BARE_LOOP)
      .map((cost) => ({ ...cost, metric: TO_BARE })),
    ...cheapest(costs, TO_CHEAPEST),
    ...targets.flatMap(({ name }) => ['req/s', 'memory'].map((metric) => book.measurement(name, metric))),
  ];
}
