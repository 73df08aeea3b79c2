// The documents' first workload: JSON payload, validate, normalise, an upstream of 200 ms, answer.
import type { LoadResult, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { alternate, HEADGATE, starters, withStarted } from './targets.ts';
import { failures, loadVoid } from './verdict.ts';

const ROUTE = 'openai>openai';
const REQUESTS = 10_000;
const UPSTREAM_MS = 200;
/** Bounds the rate at 5,000/s; the bar needs 640 in flight. */
const CONNECTIONS = 1000;
const FEW = 1000;
/** For who would take minutes. */
const LONGEST_SECONDS = 10;
const RATE = 'req/s';

/** 10,000, or what a slow gateway does in ten seconds. */
const totalFor = (perSecond: number): number =>
  Math.min(REQUESTS, Math.max(FEW, Math.round(perSecond * LONGEST_SECONDS)));

export const workloadA: Scenario = {
  name: 'workload-a',
  title: `Workload A: 10,000 calls to an upstream of ${UPSTREAM_MS} ms`,
  method: `${REQUESTS} calls of 1 KB as fast as ${CONNECTIONS} connections bring them, the mock answers after ${UPSTREAM_MS} ms. Headgate with two workers, bodies validated and their text normalised \
(\`server.normaliseText\`), lane for all of them. Every gateway may use all cores of the machine, the ones of mock and generator too: this is what the \
whole machine does, not what a core does. Latency from the send of a connection that has its answer (closed loop, autocannon). A gateway that needs more than ${LONGEST_SECONDS} s gets fewer calls.`,
  metrics: [
    { name: RATE, unit: 'req/s', better: 'higher', bar: { target: HEADGATE, least: 3200 } },
    { name: 'p50', unit: 'ms', better: 'lower' },
    { name: 'p99', unit: 'ms', better: 'lower' },
    { name: 'failed', unit: 'requests', better: 'lower', bar: { target: HEADGATE, most: 0 } },
  ],
  async run(lab) {
    const cores = [...new Set([...lab.gatewayCores, ...lab.loadCores])];
    const headgate = () =>
      lab.startHeadgate({
        name: HEADGATE,
        workers: 2,
        cores,
        config: {
          server: { normaliseText: true },
          lane: { concurrency: 2 * CONNECTIONS, queue: 2 * CONNECTIONS },
        },
      });
    const starting = starters(lab, ROUTE, headgate, cores);
    return withStarted(lab, ROUTE, { delayMs: UPSTREAM_MS }, starting, async ({ targets, notes }) => {
      const totals = new Map<string, number>();
      const book = await alternate(lab, targets, async ({ name, endpoint }, { round, seconds }) => {
        const total = round === 0 || lab.quick ? FEW : (totals.get(name) ?? REQUESTS);
        const result: LoadResult = await lab.unary({
          endpoint,
          dialect: 'openai',
          connections: CONNECTIONS,
          seconds,
          total,
        });
        const good = result.failed === 0;
        if (round === 0) totals.set(name, totalFor(result.perSecond));
        const { p50, p99 } = result.latencyMicros;
        return {
          values: {
            [RATE]: good ? result.perSecond : Number.NaN,
            p50: good ? p50 / 1000 : Number.NaN,
            p99: good ? p99 / 1000 : Number.NaN,
            failed: result.failed,
          },
          void: loadVoid(result, false),
          remark: failures(result) ?? (total < REQUESTS ? `${total} calls a round` : undefined),
        };
      });
      const measurements = targets.flatMap(({ name }) =>
        [RATE, 'p50', 'p99', 'failed'].map((metric) => book.measurement(name, metric)),
      );
      return {
        measurements,
        notes,
        charts: [
          barsOf(measurements, {
            title: `Calls to an upstream of ${UPSTREAM_MS} ms`,
            yLabel: 'req/s',
            metrics: [RATE],
          }),
        ],
      };
    });
  },
};
