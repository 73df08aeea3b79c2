// What a token costs in CPU on its way through.
import type { Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { streamCost } from './stream-cost.ts';
import { alternate, HEADGATE, NGINX, withPeers } from './targets.ts';

const ROUTE = 'openai>openai';
const STREAMS = 300;
const PACE = { deltas: 64, everyMs: 20 } as const;
const COST = 'CPU per delta';

export const cpuStream: Scenario = {
  name: 'cpu-stream',
  title: 'CPU per streamed delta',
  method: `${STREAMS} concurrent streams of ${PACE.deltas} deltas at ${PACE.everyMs} ms, one after the other on each connection, starts spread. CPU of \
the whole process tree in a window in which all streams run, divided by the deltas that came in it: opening and ending streams \
is in the cost, spread over their deltas. A lost, doubled or swapped delta voids the round.`,
  metrics: [
    {
      name: COST,
      unit: 'us',
      better: 'lower',
      against: NGINX,
      bar: { target: HEADGATE, most: 1.7, ratio: true },
    },
    { name: 'deltas/s', unit: 'deltas/s', better: 'higher' },
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, PACE, async ({ targets, notes }) => {
      const book = await alternate(lab, targets, async ({ pid, endpoint }, { seconds }) => {
        const load = { endpoint, dialect: 'openai', streams: STREAMS, seconds, ...PACE } as const;
        const { micros, result } = await streamCost(lab, pid, load);
        return {
          values: { [COST]: micros, 'deltas/s': result.deltas / seconds },
          void: result.void,
        };
      });
      const measurements = [COST, 'deltas/s'].flatMap((metric) =>
        targets.map(({ name }) => book.measurement(name, metric)),
      );
      return {
        measurements,
        notes,
        charts: [
          barsOf(measurements, {
            title: 'CPU per streamed delta',
            yLabel: 'us of CPU',
            metrics: [COST],
          }),
        ],
      };
    });
  },
};
