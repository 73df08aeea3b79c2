// What an embedding costs beside a chat of the same size, and whether a batch of them or an upload holds up anybody's small calls.
import { fileURLToPath } from 'node:url';
import type { Endpoint, Lab, Measurement, Scenario } from '../contract.ts';
import type { LargeCall } from '../load/large-calls.ts';
import { start, stop } from '../processes.ts';
import { barsOf } from './charts.ts';
import { ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { alternate, DIRECT, direct, variant, variantBar, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const PER_SECOND = 500;
const SENDER = fileURLToPath(new URL('../load/large-calls.ts', import.meta.url));
/** Between one batch, or upload, and the next: nobody sends them without a pause. */
const PAUSE_MS = 250;

const PLAIN = 'plain';
const CHAT = 'CPU per chat';
const EMBEDDING = 'CPU per embedding';
const TIMES = 'CPU per embedding, to a chat';
const ALONE = 'p99 of small calls alone';
const BESIDE_BATCH = 'p99 beside batches of 2,048';
const BESIDE_UPLOAD = 'p99 beside uploads of 25 MB';
const BATCH_TIMES = 'p99 beside batches, to alone';
const UPLOAD_TIMES = 'p99 beside uploads, to alone';

export const otherEndpoints: Scenario = {
  name: 'endpoints',
  title: 'Embeddings and uploads',
  method: `Closed loop as in cpu: 1 KB requests and answers of about the same size, chats and embeddings in turn. Then chats of 1 KB in open loop at ${PER_SECOND}/s over ${CONNECTIONS} connections: alone, beside one client that asks for 2,048 embeddings at once again and again, and beside one that puts up 25 MB of sound; each pauses ${PAUSE_MS} ms between two. Latencies are those of the small calls. What sends the large ones is on the load cores too: "direct" shows what that adds by itself.`,
  metrics: [
    variantBar(TIMES, 'x', PLAIN, 1.1),
    variantBar(BATCH_TIMES, 'x', PLAIN, 1.5),
    variantBar(UPLOAD_TIMES, 'x', PLAIN, 1.5),
    ...[CHAT, EMBEDDING, ALONE, BESIDE_BATCH, BESIDE_UPLOAD].map(
      (name) => ({ name, unit: 'us', better: 'lower' }) as const,
    ),
  ],
  async run(lab) {
    const name = variant(PLAIN);
    const starting = [[name, () => lab.startHeadgate({ name })] as const];
    return withStarted(lab, ROUTE, {}, starting, async ({ targets, notes }) => {
      const { saturate, notes: generator } = createSaturate(lab);
      const costs = await alternate(lab, targets, async ({ pid, endpoint }, { seconds }) => {
        const cost = async (asked: Endpoint) => {
          const load = {
            endpoint: asked,
            dialect: 'openai',
            bodyBytes: 1024,
            connections: CONNECTIONS,
            seconds,
          } as const;
          const { cpuMicros, result } = await lab.cpuOf(pid, () => saturate(load));
          return { micros: cpuMicros / result.requests, void: result.void };
        };
        const chat = await cost(endpoint);
        const embedding = await cost(at(endpoint, 'embeddings'));
        return {
          values: { [CHAT]: chat.micros, [EMBEDDING]: embedding.micros },
          void: chat.void ?? embedding.void,
        };
      });
      const all = [direct(lab, 'openai'), ...targets];
      const waits = await alternate(lab, all, async ({ endpoint }, { seconds }) => {
        const load = {
          endpoint,
          dialect: 'openai',
          connections: CONNECTIONS,
          seconds,
          perSecond: PER_SECOND,
        } as const;
        const alone = await lab.unary(load);
        const batch = await beside(lab, 'batch', at(endpoint, 'embeddings'), () => lab.unary(load));
        const upload = await beside(lab, 'upload', at(endpoint, 'audio/transcriptions'), () =>
          lab.unary(load),
        );
        return {
          values: {
            [ALONE]: alone.latencyMicros.p99,
            [BESIDE_BATCH]: batch.latencyMicros.p99,
            [BESIDE_UPLOAD]: upload.latencyMicros.p99,
          },
          void: alone.void ?? batch.void ?? upload.void,
        };
      });
      const toAlone = (target: string, metric: string) =>
        ratio(waits.rounds(target, metric), waits.rounds(target, ALONE));
      const measurements: Measurement[] = [
        costs.measurement(name, TIMES, ratio(costs.rounds(name, EMBEDDING), costs.rounds(name, CHAT))),
        ...[CHAT, EMBEDDING].map((metric) => costs.measurement(name, metric)),
        ...[name, DIRECT].flatMap((target) => [
          waits.measurement(target, BATCH_TIMES, toAlone(target, BESIDE_BATCH)),
          waits.measurement(target, UPLOAD_TIMES, toAlone(target, BESIDE_UPLOAD)),
          ...[ALONE, BESIDE_BATCH, BESIDE_UPLOAD].map((metric) => waits.measurement(target, metric)),
        ]),
      ];
      return {
        measurements,
        notes: [...notes, ...generator, `${DIRECT} is the mock without a gateway`],
        charts: [
          barsOf(measurements, { title: 'CPU per request', yLabel: 'us of CPU', metrics: [CHAT, EMBEDDING] }),
          barsOf(measurements, {
            title: 'p99 of 1 KB chats',
            yLabel: 'us',
            metrics: [ALONE, BESIDE_BATCH, BESIDE_UPLOAD],
            logY: true,
          }),
        ],
      };
    });
  },
};

function at(endpoint: Endpoint, leaf: string): Endpoint {
  return { ...endpoint, path: endpoint.path.replace('chat/completions', leaf) };
}

/** Runs `work` while one client asks for the same large thing again and again, from the load's cores. */
async function beside<T>(
  lab: Lab,
  kind: LargeCall['kind'],
  endpoint: Endpoint,
  work: () => Promise<T>,
): Promise<T> {
  const large: LargeCall = { kind, endpoint, pauseMs: PAUSE_MS };
  const child = start(process.execPath, [SENDER, JSON.stringify(large)], { cores: lab.loadCores });
  try {
    return await work();
  } finally {
    await stop(child);
  }
}
