// What an embedding costs beside a chat of the same size, and whether a batch of them or an upload holds up anybody's small calls.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint, Lab, LoadResult, Measurement, Mock, Scenario } from '../contract.ts';
import type { LargeCall } from '../load/large-calls.ts';
import { countingWaits, type LoopWaits, loopWaits } from '../load/loop-waits.ts';
import { startMock } from '../mock/mock.ts';
import { processTree } from '../process-tree.ts';
import { moveTo, start, stop } from '../processes.ts';
import { barsOf } from './charts.ts';
import { ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { alternate, DIRECT, direct, type Target, variant, variantBar, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const PER_SECOND = 500;
const SENDER = fileURLToPath(new URL('../load/large-calls.ts', import.meta.url));
/** Between one batch, or upload, and the next: nobody sends them without a pause. */
const PAUSE_MS = 250;
/** The provider of the large calls, as the gateway knows it. */
const LARGE = 'large';

const PLAIN = 'plain';
const CHAT = 'CPU per chat';
const EMBEDDING = 'CPU per embedding';
const TIMES = 'CPU per embedding, to a chat';
const ALONE = 'p99 of small calls alone';
const BESIDE_BATCH = 'p99 beside batches of 2,048';
const BESIDE_UPLOAD = 'p99 beside uploads of 25 MB';
const BATCH_TIMES = 'p99 beside batches, to alone';
const UPLOAD_TIMES = 'p99 beside uploads, to alone';
const WAIT_ALONE = 'p99 wait for the worker alone';
const WAIT_BATCH = 'p99 wait for the worker beside batches';
const WAIT_UPLOAD = 'p99 wait for the worker beside uploads';

export const otherEndpoints: Scenario = {
  name: 'endpoints',
  title: 'Embeddings and uploads',
  method: `Closed loop as in cpu: 1 KB requests and answers of about the same size, chats and embeddings in turn. Then chats of 1 KB in open loop at ${PER_SECOND}/s over ${CONNECTIONS} connections: alone, beside one client that asks for 2,048 embeddings at once again and again, and beside one that puts up 25 MB of sound; each pauses ${PAUSE_MS} ms between two. Latencies are those of the small calls. The worker has the gateway's core for itself; what sends and answers the large calls runs only when nobody else wants the load's core, so that "direct" shows what is left of its disturbance. "Wait for the worker" is what the gateway itself adds before it looks at a byte: how long its event loop lets whoever comes wait, looked at each millisecond in the worker.`,
  metrics: [
    variantBar(TIMES, 'x', PLAIN, 1.1),
    variantBar(BATCH_TIMES, 'x', PLAIN, 1.5),
    variantBar(UPLOAD_TIMES, 'x', PLAIN, 1.5),
    ...[CHAT, EMBEDDING, ALONE, BESIDE_BATCH, BESIDE_UPLOAD, WAIT_ALONE, WAIT_BATCH, WAIT_UPLOAD].map(
      (name) => ({ name, unit: 'us', better: 'lower' }) as const,
    ),
  ],
  async run(lab) {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-waits-'));
    const slow = await startMock([lab.loadCores.at(-1)!], true);
    try {
      return await runWith(lab, slow, folder);
    } finally {
      await stop(slow.child);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function runWith(lab: Lab, slow: Mock, folder: string): ReturnType<Scenario['run']> {
  const name = variant(PLAIN);
  const providers = { [LARGE]: { dialect: 'openai-chat', baseUrl: slow.baseUrl('openai') } };
  const options = { name, config: { providers }, env: countingWaits(folder) };
  const starting = [[name, () => lab.startHeadgate(options)] as const];
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
    const worker = new Map<string, LoopWaits>();
    for (const { name: target, pid } of targets) worker.set(target, await alone(lab, pid, folder));
    const all = [direct(lab, 'openai'), ...targets];
    const waits = await alternate(lab, all, async (target, { seconds }) => {
      const { endpoint } = target;
      const large = largeOf(target, slow);
      const load = {
        endpoint,
        dialect: 'openai',
        connections: CONNECTIONS,
        seconds,
        perSecond: PER_SECOND,
      } as const;
      const small = () => watched(worker.get(target.name), () => lab.unary(load));
      const only = await small();
      const batch = await beside(lab, 'batch', at(large, 'embeddings'), small);
      const upload = await beside(lab, 'upload', at(large, 'audio/transcriptions'), small);
      return {
        values: {
          [ALONE]: only.result.latencyMicros.p99,
          [BESIDE_BATCH]: batch.result.latencyMicros.p99,
          [BESIDE_UPLOAD]: upload.result.latencyMicros.p99,
          ...(worker.has(target.name) && {
            [WAIT_ALONE]: only.micros,
            [WAIT_BATCH]: batch.micros,
            [WAIT_UPLOAD]: upload.micros,
          }),
        },
        void: only.result.void ?? batch.result.void ?? upload.result.void,
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
      ...[WAIT_ALONE, WAIT_BATCH, WAIT_UPLOAD].map((metric) => waits.measurement(name, metric)),
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
}

/** Leaves the gateway's core to its worker: the log's process and the primary go to the load's. */
async function alone(lab: Lab, root: number, folder: string): Promise<LoopWaits> {
  const waits = await loopWaits(root, folder);
  for (const pid of processTree(root)) if (pid !== waits.pid) moveTo(lab.loadCores, pid);
  return waits;
}

async function watched(
  waits: LoopWaits | undefined,
  work: () => Promise<LoadResult>,
): Promise<{ micros: number; result: LoadResult }> {
  return waits === undefined ? { micros: Number.NaN, result: await work() } : waits.during(0.99, work);
}

/** Where a target takes large calls: a provider of their own, so that the small ones meet no full mock. */
function largeOf({ endpoint, running }: Target, slow: Mock): Endpoint {
  if (running === null) return slow.endpoint('openai');
  return { ...endpoint, model: endpoint.model.replace(/^[^/]+/, LARGE) };
}

function at(endpoint: Endpoint, leaf: string): Endpoint {
  return { ...endpoint, path: endpoint.path.replace('chat/completions', leaf) };
}

/** Runs `work` while one client asks for the same large thing again and again, whenever nobody else wants the load's cores. */
async function beside<T>(
  lab: Lab,
  kind: LargeCall['kind'],
  endpoint: Endpoint,
  work: () => Promise<T>,
): Promise<T> {
  const large: LargeCall = { kind, endpoint, pauseMs: PAUSE_MS };
  const child = start(process.execPath, [SENDER, JSON.stringify(large)], {
    cores: lab.loadCores,
    idle: true,
  });
  try {
    return await work();
  } finally {
    await stop(child);
  }
}
