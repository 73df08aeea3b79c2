// What an embedding costs beside a chat of the same size, and whether a batch of them or an upload holds up anybody's small calls.
import { request } from 'node:http';
import type { Endpoint, Measurement, Scenario } from '../contract.ts';
import { barsOf } from './charts.ts';
import { ratio } from './rounds.ts';
import { createSaturate } from './saturate.ts';
import { alternate, variant, variantBar, withStarted } from './targets.ts';

const ROUTE = 'openai>openai';
const CONNECTIONS = 64;
const PER_SECOND = 500;
const BATCH = 2_048;
const UPLOAD_BYTES = 25 * 1024 * 1024;
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
  method: `Closed loop as in cpu: 1 KB requests and answers of about the same size, chats and embeddings in turn. Then chats of 1 KB in open loop at ${PER_SECOND}/s over ${CONNECTIONS} connections: alone, beside one client that asks for ${BATCH} embeddings at once again and again, and beside one that puts up 25 MB of sound; each pauses ${PAUSE_MS} ms between two. Latencies are those of the small calls. What sends the large ones is on the load cores too.`,
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
      const waits = await alternate(lab, targets, async ({ endpoint }, { seconds }) => {
        const load = {
          endpoint,
          dialect: 'openai',
          connections: CONNECTIONS,
          seconds,
          perSecond: PER_SECOND,
        } as const;
        const alone = await lab.unary(load);
        const batch = await beside(
          () => send(at(endpoint, 'embeddings'), ...batchOf(endpoint)),
          () => lab.unary(load),
        );
        const upload = await beside(
          () => send(at(endpoint, 'audio/transcriptions'), ...soundFor(endpoint)),
          () => lab.unary(load),
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
      const alone = waits.rounds(name, ALONE);
      const measurements: Measurement[] = [
        costs.measurement(name, TIMES, ratio(costs.rounds(name, EMBEDDING), costs.rounds(name, CHAT))),
        waits.measurement(name, BATCH_TIMES, ratio(waits.rounds(name, BESIDE_BATCH), alone)),
        waits.measurement(name, UPLOAD_TIMES, ratio(waits.rounds(name, BESIDE_UPLOAD), alone)),
        ...[CHAT, EMBEDDING].map((metric) => costs.measurement(name, metric)),
        ...[ALONE, BESIDE_BATCH, BESIDE_UPLOAD].map((metric) => waits.measurement(name, metric)),
      ];
      return {
        measurements,
        notes: [...notes, ...generator],
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

function batchOf({ model }: Endpoint): [type: string, body: Buffer] {
  const input = Array.from(
    { length: BATCH },
    (_, at) => `Passage ${at}: what a headgate does, in some words of a text.`,
  );
  return ['application/json', Buffer.from(JSON.stringify({ model, input, encoding_format: 'base64' }))];
}

function soundFor({ model }: Endpoint): [type: string, body: Buffer] {
  const boundary = 'bench-boundary';
  const head =
    `--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\n${model}\r\n` +
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(head),
    Buffer.alloc(UPLOAD_BYTES, 1),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return [`multipart/form-data; boundary=${boundary}`, body];
}

/** Runs `work` while `large` is done again and again. */
async function beside<T>(large: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let over = false;
  const repeat = async (): Promise<void> => {
    while (!over) {
      await large();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const repeated = repeat();
  try {
    return await work();
  } finally {
    over = true;
    await repeated;
  }
}

function send({ port, path, headers }: Endpoint, type: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = { ...headers, 'content-type': type, 'content-length': body.length };
    const call = request(
      { host: '127.0.0.1', port, path, method: 'POST', agent: false, headers: sent },
      (answer) => {
        answer.resume().on('error', reject);
        answer.on('end', () =>
          answer.statusCode === 200
            ? resolve()
            : reject(new Error(`a large call was answered with ${answer.statusCode}`)),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}
