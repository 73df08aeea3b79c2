// How much a gateway lets through while it is still quick.
import type { Measurement, Scenario } from '../contract.ts';
import { firstFailure, frontier, type Step } from './frontier.ts';
import { single } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { alternateOnce, DIRECT, direct, withPeers } from './targets.ts';
import { loadVoid } from './verdict.ts';

const ROUTE = 'openai>openai';
const CONCURRENCY = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const CONCURRENCY_QUICK = [1, 16, 128];
const BOUNDS_MS = [1, 5, 10, 50, 100, null] as const;

const metricOf = (boundMs: number | null): string =>
  boundMs === null ? 'req/s, any p99' : `req/s, p99 < ${boundMs} ms`;

export const throughput: Scenario = {
  name: 'throughput',
  title: 'Throughput frontier',
  method: `1 KB request, instant mock, closed loop by wrk. One sweep over ${CONCURRENCY.join(', ')} connections, the gateways in turn at \
each step; for each bound the most requests/s of a step with p99 under it and no failure. On a machine where mock and wrk \
share one core the fastest gateways are held by that core: "direct" is the mock without any gateway.`,
  metrics: BOUNDS_MS.map((boundMs) => ({ name: metricOf(boundMs), unit: 'req/s', better: 'higher' })),
  async run(lab) {
    return withPeers(lab, ROUTE, {}, async ({ targets, notes }) => {
      const all = [direct(lab, 'openai'), ...targets];
      const { saturate, notes: generator } = createSaturate(lab);
      const load = { dialect: 'openai', bodyBytes: 1024 } as const;
      const seconds = lab.quick ? 1 : Math.max(2, lab.seconds / 2);
      for (const { endpoint } of all) await saturate({ ...load, endpoint, connections: 32, seconds: 1 });
      const steps = new Map<string, Step[]>(all.map(({ name }) => [name, []]));
      for (const connections of lab.quick ? CONCURRENCY_QUICK : CONCURRENCY) {
        await alternateOnce(lab, all, notes, async ({ name, endpoint }) => {
          const result = await saturate({ ...load, endpoint, connections, seconds });
          const p99Micros = result.latencyMicros.p99;
          // A failure is a result here, not a reason to leave the step out.
          const { perSecond, failed } = result;
          steps.get(name)?.push({
            concurrency: connections,
            perSecond,
            p99Micros,
            failed,
            void: loadVoid(result, false),
          });
          return `c${connections}: ${perSecond.toFixed(0)}/s, p99 ${(p99Micros / 1000).toFixed(2)} ms, ${failed} failed`;
        });
      }
      return {
        measurements: all.flatMap(({ name }) => rows(name, steps.get(name) ?? [])),
        charts: [
          {
            title: 'Latency against throughput, one sweep',
            kind: 'lines',
            xLabel: 'requests/s',
            yLabel: 'p99, ms',
            logX: true,
            logY: true,
            series: all.map(({ name }) => ({
              name,
              points: (steps.get(name) ?? [])
                .filter((step) => step.failed === 0 && step.void === null && step.p99Micros > 0)
                .map((step) => [step.perSecond, step.p99Micros / 1000] as const),
            })),
          },
        ],
        notes: [
          ...notes,
          ...generator,
          `${DIRECT} is no gateway: it is what the load core of this machine allows`,
        ],
      };
    });
  },
};

function rows(name: string, steps: readonly Step[]): Measurement[] {
  const failure = firstFailure(steps);
  const broken = failure === null ? '' : `, first failures at ${failure.concurrency} connections`;
  const reasons = [...new Set(steps.flatMap((step) => step.void ?? []))].join('; ');
  return BOUNDS_MS.map((boundMs) => {
    const best = frontier(steps, boundMs);
    const remark =
      best === null
        ? `no step is under it${broken}${reasons === '' ? '' : `; void: ${reasons}`}`
        : `${best.concurrency} connections, p99 ${(best.p99Micros / 1000).toFixed(2)} ms${broken}`;
    return single(name, metricOf(boundMs), best?.perSecond ?? null, remark);
  });
}
