// Questions in Qdrant, by its HTTP interface (https://api.qdrant.tech): one collection for each number of dimensions, made when the
// first vector comes; whose a question is and until when are filters of each search.
import { createHash } from 'node:crypto';
import type { Candidate, VectorsConfig, VectorStore } from '../contracts/vectors.ts';
import { askService, ServiceFault } from '../services/ask.ts';
import { nodeHttp, nodeHttps } from '../wire/node-http.ts';

/** Longest wait for a write; a search waits no longer than its call (remote-index.ts). */
const WRITE_MS = 5_000;
const MAX_BYTES = 1024 * 1024;
const CONNECTIONS = 8;

interface Point {
  score: number;
  payload: { name: string; text: string };
}

export function createQdrant({
  url,
  key,
  collection,
  timeoutMs,
}: Pick<VectorsConfig, 'url' | 'key' | 'collection' | 'timeoutMs'>): VectorStore {
  const base = `${url.replace(/\/+$/, '')}/collections`;
  const { Agent } = url.startsWith('https:') ? nodeHttps() : nodeHttp();
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { 'content-type': 'application/json', ...(key === null ? {} : { 'api-key': key }) };
  /** Collections that are there, or are being made. */
  const made = new Map<string, Promise<void>>();

  /** @returns null for a status in `unless`. @throws ServiceFault */
  async function ask(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body: object | undefined,
    withinMs: number,
    unless: readonly number[] = [],
  ): Promise<unknown> {
    const { status, body: bytes } = await askService({
      method,
      url: `${base}/${path}`,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: withinMs,
      maxBytes: MAX_BYTES,
      agent,
    });
    if (unless.includes(status)) return null;
    if (status !== 200) throw new ServiceFault(`status_${status}`);
    return JSON.parse(bytes.toString('utf8')) as unknown;
  }

  const nameOf = (dimensions: number): string => `${collection}_${dimensions}`;

  function ready(dimensions: number): Promise<void> {
    const name = nameOf(dimensions);
    let making = made.get(name);
    if (making === undefined) {
      making = make(name, dimensions);
      made.set(name, making);
      making.catch(() => made.delete(name)); // the next one tries again
    }
    return making;
  }

  async function make(name: string, size: number): Promise<void> {
    if ((await ask('GET', name, undefined, WRITE_MS, [404])) !== null) return;
    // 409: another worker was first.
    await ask('PUT', name, { vectors: { size, distance: 'Cosine' } }, WRITE_MS, [409]);
    for (const [field, schema] of [
      ['partition', 'keyword'],
      ['until', 'integer'],
    ])
      await ask('PUT', `${name}/index?wait=true`, { field_name: field, field_schema: schema }, WRITE_MS);
  }

  return {
    async search({ partition, vector, least, count, nowMs }) {
      const found = (await ask(
        'POST',
        `${nameOf(vector.length)}/points/query`,
        {
          query: [...vector],
          filter: {
            must: [
              { key: 'partition', match: { value: partition } },
              { key: 'until', range: { gt: Math.floor(nowMs) } },
            ],
          },
          score_threshold: least,
          limit: count,
          with_payload: ['name', 'text'],
        },
        timeoutMs,
        [404],
      )) as { result: { points: Point[] } } | null; // as their document says; anything else throws below
      return (found?.result.points ?? []).map(
        ({ score, payload: { name, text } }): Candidate => ({ row: { id: name, text }, similarity: score }),
      );
    },
    async add({ id, partition, text, untilMs, vector }) {
      await ready(vector.length);
      const payload = { name: id, partition, text, until: Math.floor(untilMs) };
      const points = [{ id: pointOf(id), vector: [...vector], payload }];
      // A collection that was dropped by hand is made again.
      const done = await ask('PUT', `${nameOf(vector.length)}/points`, { points }, WRITE_MS, [404]);
      if (done === null) made.delete(nameOf(vector.length));
    },
    async remove(id) {
      for (const name of made.keys())
        await ask('POST', `${name}/points/delete`, { points: [pointOf(id)] }, WRITE_MS, [404]);
    },
    async sweep(nowMs) {
      const filter = { must: [{ key: 'until', range: { lte: Math.floor(nowMs) } }] };
      for (const name of made.keys()) await ask('POST', `${name}/points/delete`, { filter }, WRITE_MS, [404]);
    },
    async close() {
      agent.destroy();
    },
  };
}

/** Their names of points are numbers or UUIDs. */
function pointOf(id: string): string {
  const hex = createHash('sha256').update(id).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
