// Twice as much as is served: what those wait that are taken, and how soon the others know. Once the provider is what cannot take
// more, once the gateway's own core.
import type { Dialect, Endpoint, LoadResult, Measurement, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { alternate, behave, HEADGATE, type Target, variant, variantBar, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
/** Translated, so that a call costs the gateway something. */
const HEAVY = 'anthropic>openai';
/** Worked on in the loop; from 64 KB on a thread does it. */
const HEAVY_BYTES = 48 * 1024;
const LARGE_BYTES = 128 * 1024;
const HEAVY_AT_ONCE = 32;
/** A process that has just begun does half of what it can later: V8 has yet to compile. What it can is asked behind so long. */
const COMPILED_SECONDS = 6;
/** What may wait fills, and calls stand behind one another for 0.4 s, before anybody is refused. */
const FILLED_SECONDS = 2;
const CONNECTIONS = 768;
/** What waits at a full core waits on connections: with fewer it would wait in the load, where no gateway can refuse it. */
const WORKER_CONNECTIONS = 4_096;

const LANE = 'a full lane';
const WORKER = 'a full core';
const THREAD = 'a full thread';
const DELAY_MS = 100;
const SLOTS = 64;
/** As many wait as are under way: what is taken waits for one answer before its own. */
const PLACES = 64;
const PER_SECOND = (SLOTS * 1_000) / DELAY_MS;
/** What is taken waits for a place in the queue at most; the rest is what a machine with two cores adds. */
const MOST_MS = DELAY_MS * (1 + PLACES / SLOTS) * 1.25;

const TAKEN_LANE = 'p99 of calls taken, lane';
const TAKEN_WORKER = 'p99 of calls taken, core';
const REFUSED_LANE = 'p99 of refusals, lane';
const REFUSED_WORKER = 'p99 of refusals, core';
const TAKEN_THREAD = 'p99 of calls taken, thread';
const REFUSED_THREAD = 'p99 of refusals, thread';
const SERVED = 'served, of what can be';
const SERVED_WORKER = 'served, of what a core can';
/** Three times what a call may wait for its core (`overload.waitMs`). */
const MOST_WORKER_MS = 1_500;
const REFUSED = 'refused, of what came';

/** Of each target: what is taken, what is refused, what is served. */
const OWN: Readonly<Record<string, readonly [taken: string, refused: string, served: string]>> = {
  [variant(LANE)]: [TAKEN_LANE, REFUSED_LANE, SERVED],
  [variant(WORKER)]: [TAKEN_WORKER, REFUSED_WORKER, SERVED_WORKER],
  [variant(THREAD)]: [TAKEN_THREAD, REFUSED_THREAD, SERVED],
};

export const overload: Scenario = {
  name: 'overload',
  title: 'Twice as much as is served',
  method: `Open loop over ${CONNECTIONS} connections (${WORKER_CONNECTIONS} where the core is what is full), at twice what is served. "${LANE}": the provider answers in ${DELAY_MS} ms, its lane has ${SLOTS} slots and \
${PLACES} places to wait, so ${PER_SECOND}/s are served. "${WORKER}": ${HEAVY_BYTES / 1024} KB bodies that are translated, at twice what a closed loop of ${HEAVY_AT_ONCE} gets out of the \
gateway's core once it is warm, with its settings as they come; measured behind ${FILLED_SECONDS} s, in which what may wait fills. "${THREAD}": the same with ${LARGE_BYTES / 1024} KB, which a thread works on. A refusal is a 503 with retry-after (529 to clients of Anthropic); any other failure counts as one. Latency is from the \
intended time, for both.`,
  metrics: [
    variantBar(TAKEN_LANE, 'ms', LANE, MOST_MS),
    variantBar(REFUSED_LANE, 'ms', LANE, 10),
    variantBar(TAKEN_WORKER, 'ms', WORKER, MOST_WORKER_MS),
    { name: REFUSED_WORKER, unit: 'ms', better: 'lower' },
    { name: TAKEN_THREAD, unit: 'ms', better: 'lower' },
    { name: REFUSED_THREAD, unit: 'ms', better: 'lower' },
    { name: SERVED_WORKER, unit: 'x', better: 'higher', bar: { target: variant(WORKER), least: 0.85 } },
    { name: SERVED, unit: 'x', better: 'higher', bar: { target: variant(LANE), least: 0.9 } },
    { name: REFUSED, unit: 'x', better: 'lower' },
  ],
  async run(lab) {
    const lane = { concurrency: SLOTS, queue: PLACES, queueTimeoutMs: 10_000 };
    const narrow = { providers: { openai: { lane } } };
    const starting = [
      [variant(LANE), () => lab.startHeadgate({ name: variant(LANE), config: narrow })],
      [variant(WORKER), () => lab.startHeadgate({ name: variant(WORKER) })],
      [variant(THREAD), () => lab.startHeadgate({ name: variant(THREAD) })],
    ] as const;
    return withStarted(lab, ROUTE, {}, starting, async ({ targets, notes }) => {
      const warm = new Set<string>();
      const offered = (endpoint: Endpoint, dialect: Dialect, perSecond: number, seconds: number) =>
        ({
          endpoint,
          dialect,
          connections: CONNECTIONS,
          perSecond: Math.round(perSecond),
          seconds,
          sheds: true,
        }) as const;
      const ask = async ({ name, endpoint, running }: Target, seconds: number) => {
        if (name === variant(LANE)) {
          await behave(lab, { delayMs: DELAY_MS });
          const result = await lab.unary(offered(endpoint, 'openai', 2 * PER_SECOND, seconds));
          return sample(result, PER_SECOND, OWN[name]!);
        }
        await behave(lab, {});
        const heavy = running?.endpoint(HEAVY) ?? endpoint;
        const bodyBytes = name === variant(THREAD) ? LARGE_BYTES : HEAVY_BYTES;
        const load = { endpoint: heavy, dialect: 'anthropic', bodyBytes } as const;
        const warmSeconds = warm.has(name) ? FILLED_SECONDS : COMPILED_SECONDS;
        warm.add(name);
        const { perSecond } = await lab.unary({
          ...load,
          connections: HEAVY_AT_ONCE,
          seconds: 2,
          warmSeconds,
        });
        const result = await lab.unary({
          ...offered(heavy, 'anthropic', 2 * perSecond, seconds),
          connections: WORKER_CONNECTIONS,
          bodyBytes,
          warmSeconds: FILLED_SECONDS,
        });
        return sample(result, perSecond, OWN[name]!);
      };
      const book = await alternate(lab, targets, (target, { seconds }) => ask(target, seconds));
      const measurements: Measurement[] = targets.flatMap(({ name }) => {
        return [...OWN[name]!, REFUSED].map((metric) => book.measurement(name, metric));
      });
      return {
        measurements,
        notes: [...notes, `${HEADGATE} alone: the others refuse nothing, or by settings of their own`],
        charts: [
          barsOf(measurements, {
            title: 'p99 at twice what is served',
            yLabel: 'ms',
            metrics: Object.values(OWN).flatMap((own) => own.slice(0, 2)),
            logY: true,
          }),
        ],
      };
    });
  },
};

function sample(
  result: LoadResult,
  capacity: number,
  [taken, refused, served]: readonly [string, string, string],
) {
  const shed = result.shed ?? { requests: 0, latencyMicros: { p99: Number.NaN } };
  const all = result.requests + shed.requests + result.failed;
  return {
    values: {
      [taken]: result.latencyMicros.p99 / 1_000,
      [refused]: shed.requests === 0 ? Number.NaN : shed.latencyMicros.p99 / 1_000,
      [served]: result.perSecond / capacity,
      [REFUSED]: shed.requests / all,
    },
    void: result.void,
    remark: result.firstFault ?? undefined,
  };
}
