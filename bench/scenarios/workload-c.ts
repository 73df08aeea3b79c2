// The documents' table: everyone at the rate where LiteLLM breaks.
import type { Lab, LoadResult, Scenario } from '../contract.ts';
import { findBreakingRate } from './breaking-rate.ts';
import { MEGABYTE } from './memory-watch.ts';
import { difference } from './rounds.ts';
import { alternate, DIRECT, direct, type Target, withPeers } from './targets.ts';
import { failures, loadVoid } from './verdict.ts';

const ROUTE = 'openai>openai';
const LITELLM = 'litellm';
const CONNECTIONS = 256;
const LEAST = 16;
const MOST = 4096;
/** About where it breaks on one core (65/s in closed loop on the machine of the last full run). */
const WITHOUT_LITELLM = 100;
const METRICS = ['p99', 'throughput', 'memory', 'mean overhead'];

export const workloadC: Scenario = {
  name: 'workload-c',
  title: 'Workload C: at the rate where LiteLLM breaks',
  method: `1 KB requests in open loop, doubled from ${LEAST}/s until LiteLLM's p99 passes a second, a call fails, or less than 90 % are answered; then all gateways in turn at that rate over ${CONNECTIONS} \
connections (${WITHOUT_LITELLM}/s where LiteLLM is not here). Latency from the intended send time; mean overhead is the mean less that of the mock called directly in the same round; \
throughput is good answers/s; memory is the process tree's proportional set size.`,
  metrics: [
    { name: 'p99', unit: 'ms', better: 'lower', against: LITELLM },
    { name: 'throughput', unit: 'req/s', better: 'higher', against: LITELLM },
    { name: 'memory', unit: 'MB', better: 'lower', against: LITELLM },
    { name: 'mean overhead', unit: 'ms', better: 'lower', against: LITELLM },
  ],
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const rate = await rateFor(lab, targets, notes);
      const all = [direct(lab, 'openai'), ...targets];
      const book = await alternate(lab, all, async ({ name, pid, endpoint }, { seconds }) => {
        const result = await load(lab, { endpoint }, rate, seconds);
        return {
          values: {
            p99: result.latencyMicros.p99 / 1000,
            throughput: result.perSecond,
            ...(name !== DIRECT && { memory: lab.memoryOf(pid).pss / MEGABYTE }),
            mean: result.latencyMicros.mean / 1000,
          },
          // To break is the result here.
          void: loadVoid(result, true),
          remark: failures(result),
        };
      });
      const measurements = targets.flatMap(({ name }) =>
        METRICS.map((metric) =>
          metric === 'mean overhead'
            ? book.measurement(
                name,
                metric,
                difference(book.rounds(name, 'mean'), book.rounds(DIRECT, 'mean')),
              )
            : book.measurement(name, metric),
        ),
      );
      return { measurements, notes: [`at ${rate} requests/s`, ...notes] };
    });
  },
};

function load(
  lab: Lab,
  { endpoint }: Pick<Target, 'endpoint'>,
  perSecond: number,
  seconds: number,
): Promise<LoadResult> {
  return lab.unary({ endpoint, dialect: 'openai', connections: CONNECTIONS, seconds, perSecond });
}

async function rateFor(lab: Lab, targets: readonly Target[], notes: string[]): Promise<number> {
  const litellm = targets.find(({ name }) => name === LITELLM);
  if (litellm === undefined) {
    notes.push(`LiteLLM is not here: the table is at ${WITHOUT_LITELLM}/s, not at the rate where it breaks`);
    return WITHOUT_LITELLM;
  }
  const seconds = lab.quick ? 2 : Math.max(4, lab.seconds);
  await load(lab, litellm, LEAST, 2);
  const { rate, steps } = await findBreakingRate(LEAST, MOST, (perSecond) =>
    load(lab, litellm, perSecond, seconds),
  );
  for (const { perSecond, broken } of steps) lab.say(`${LITELLM} at ${perSecond}/s: ${broken ?? 'bears it'}`);
  const last = steps.find(({ perSecond }) => perSecond === rate);
  notes.push(
    rate === null
      ? `LiteLLM bears ${MOST}/s here: the table is at that rate`
      : `LiteLLM breaks at ${rate}/s: ${last?.broken}`,
  );
  return rate ?? MOST;
}
