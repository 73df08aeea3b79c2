// The documents' second workload: 500 streams at once.
import type { Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { MEGABYTE, peakMemory } from './memory-watch.ts';
import { alternate, HEADGATE, withPeers } from './targets.ts';
import { failures, loadVoid } from './verdict.ts';

const ROUTE = 'openai>openai';
const STREAMS = 500;
const PACE = { deltas: 64, everyMs: 20 } as const;
const METRICS = ['streams lost', 'gap p99', 'TTFT p99', 'CPU', 'memory'];

export const workloadB: Scenario = {
  name: 'workload-b',
  title: `Workload B: ${STREAMS} streams at once`,
  method: `${STREAMS} concurrent streams of ${PACE.deltas} deltas at ${PACE.everyMs} ms (${(STREAMS * 1000) / PACE.everyMs} deltas/s) through one gateway core. Every frame is read: a stream with a lost, doubled or swapped \
delta, or without its end, is lost. CPU of the process tree in a window in which all run, as a share of one core; memory is its highest proportional set size.`,
  metrics: [
    { name: 'streams lost', unit: 'streams', better: 'lower', bar: { target: HEADGATE, most: 0 } },
    { name: 'gap p99', unit: 'ms', better: 'lower' },
    { name: 'TTFT p99', unit: 'ms', better: 'lower' },
    { name: 'CPU', unit: '% of a core', better: 'lower' },
    { name: 'memory', unit: 'MB', better: 'lower' },
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, PACE, async ({ targets, notes }) => {
      const book = await alternate(
        lab,
        targets,
        async ({ pid, endpoint }, { seconds }) => {
          const { cpuMicros, result: watched } = await lab.cpuOf(pid, () =>
            peakMemory(lab, pid, () =>
              lab.streams({ endpoint, dialect: 'openai', streams: STREAMS, seconds, ...PACE }),
            ),
          );
          const { peak, result } = watched;
          // What is lost is told; how fast the rest came is then no figure.
          const whole = (value: number): number => (result.failed === 0 ? value : Number.NaN);
          return {
            values: {
              'streams lost': result.failed,
              'gap p99': whole(result.gapMicros.p99 / 1000),
              'TTFT p99': whole(result.ttftMicros.p99 / 1000),
              CPU: whole(cpuMicros / (seconds * 10_000)),
              memory: whole(peak / MEGABYTE),
            },
            void: loadVoid(result, true),
            remark: failures(result),
          };
        },
        { seconds: lab.seconds * 0.75 },
      );
      const measurements = targets.flatMap(({ name }) =>
        METRICS.map((metric) => book.measurement(name, metric)),
      );
      return {
        measurements,
        notes,
        charts: [
          barsOf(measurements, {
            title: `CPU at ${STREAMS} streams`,
            yLabel: '% of a core',
            metrics: ['CPU'],
          }),
        ],
      };
    });
  },
};
