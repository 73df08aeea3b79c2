// Questions in a Redis with its query engine (Redis 8, Redis Stack), by the commands that its documents describe
// (https://redis.io/docs/latest/commands/ft.search): a hash for each question, which Redis drops by itself when it is over, and one index
// for each number of dimensions, made when the first vector comes. Rows of one partition are few: the index is FLAT, so that a search
// is exact and none is missed, as one by HNSW with a filter before it may.
import { createHash } from 'node:crypto';
import { parseRedisUrl } from '../config/redis-url.ts';
import type { Candidate, VectorsConfig, VectorStore } from '../contracts/vectors.ts';
import { createRedisClient, type RedisClient } from '../redis/client.ts';

/** Longest wait for a write; a search waits no longer than its call (remote-index.ts). */
const WRITE_MS = 5_000;
const MAX_RECONNECT_MS = 1_000;
/** Of what is over so many go at once. */
const SWEEP = 1_000;
/** As versions of the engine have said it. */
const NO_INDEX = /no such index|unknown index|index.{0,80}not (?:found|exist)/i;
const THERE_ALREADY = /already exists/i;

export function createRedisSearch({
  url,
  collection,
  timeoutMs,
}: Pick<VectorsConfig, 'url' | 'collection' | 'timeoutMs'>): VectorStore {
  /** Dimensions that were met, and whether their index is there or being made. */
  const made = new Map<number, Promise<void> | null>();
  const begun = Promise.withResolvers<void>();
  const client: RedisClient = createRedisClient(
    parseRedisUrl(url),
    [],
    { ready: () => begun.resolve(), down: () => undefined, error: () => undefined },
    {
      commandTimeoutMs: Math.max(WRITE_MS, timeoutMs),
      socketTimeoutMs: 2 * Math.max(WRITE_MS, timeoutMs),
      connectTimeoutMs: WRITE_MS,
      maxReconnectMs: MAX_RECONNECT_MS,
    },
  );

  const indexOf = (dimensions: number): string => `${collection}_${dimensions}`;
  const prefixOf = (dimensions: number): string => `${collection}:${dimensions}:`;

  async function ask(command: string, ...args: (string | number | Buffer)[]): Promise<unknown> {
    // Nothing is queued while there is no connection; at the start it is waited for, and no longer than a call is.
    await begun.promise;
    return client.call(command, args);
  }

  function ready(dimensions: number): Promise<void> {
    let making = made.get(dimensions) ?? null;
    if (making === null) {
      making = make(dimensions);
      made.set(dimensions, making);
      making.catch(() => made.set(dimensions, null)); // the next one tries again
    }
    return making;
  }

  async function make(dimensions: number): Promise<void> {
    const schema = ['p', 'TAG', 'u', 'NUMERIC', 'v', 'VECTOR', 'FLAT', 6];
    const vector = ['TYPE', 'FLOAT32', 'DIM', dimensions, 'DISTANCE_METRIC', 'COSINE'];
    const on = ['ON', 'HASH', 'PREFIX', 1, prefixOf(dimensions), 'SCHEMA'];
    try {
      await ask('FT.CREATE', indexOf(dimensions), ...on, ...schema, ...vector);
    } catch (error) {
      if (!THERE_ALREADY.test(textOf(error))) throw error;
    }
  }

  /** @returns [total, key, fields, key, fields, …]; nothing where there is no index. */
  async function find(
    dimensions: number,
    query: string,
    ...more: (string | number | Buffer)[]
  ): Promise<unknown[]> {
    try {
      const found = await ask('FT.SEARCH', indexOf(dimensions), query, ...more);
      if (!Array.isArray(found)) throw new Error('no list came');
      return found.slice(1);
    } catch (error) {
      if (!NO_INDEX.test(textOf(error))) throw error;
      made.set(dimensions, null);
      return [];
    }
  }

  return {
    async search({ partition, vector, least, count, nowMs }) {
      if (!made.has(vector.length)) made.set(vector.length, null);
      // What is compared is of one partition alone, and not over yet.
      const query = `(@p:{${tagOf(partition)}} @u:[(${Math.floor(nowMs)} +inf])=>[KNN ${count} @v $q AS d]`;
      const shown = ['SORTBY', 'd', 'RETURN', 3, 'n', 't', 'd', 'LIMIT', 0, count];
      const found = await find(
        vector.length,
        query,
        'PARAMS',
        2,
        'q',
        bytesOf(vector),
        ...shown,
        'DIALECT',
        2,
      );
      const candidates: Candidate[] = [];
      for (let at = 1; at < found.length; at += 2) {
        const { n, t, d } = fieldsOf(found[at]);
        // Its distance is 1 less the cosine.
        const similarity = 1 - Number(d);
        if (n !== undefined && t !== undefined && similarity >= least)
          candidates.push({ row: { id: n, text: t }, similarity });
      }
      return candidates;
    },
    async add({ id, partition, text, untilMs, vector }) {
      await ready(vector.length);
      const key = prefixOf(vector.length) + id;
      const until = Math.floor(untilMs);
      await ask('HSET', key, 'p', tagOf(partition), 'u', until, 'n', id, 't', text, 'v', bytesOf(vector));
      await ask('PEXPIREAT', key, until);
    },
    async remove(id) {
      for (const dimensions of made.keys()) await ask('DEL', prefixOf(dimensions) + id);
    },
    async sweep(nowMs) {
      for (const dimensions of made.keys()) {
        const query = `@u:[-inf ${Math.floor(nowMs)}]`;
        const keys = await find(dimensions, query, 'NOCONTENT', 'LIMIT', 0, SWEEP, 'DIALECT', 2);
        if (keys.length > 0) await ask('DEL', ...(keys as Buffer[])); // names of keys, as NOCONTENT has it
      }
    },
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

/** A tag of letters and digits alone: nothing in it is a sign of the query language. */
function tagOf(partition: string): string {
  return createHash('sha256').update(partition).digest('hex');
}

function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** `[name, value, name, value]`. */
function fieldsOf(list: unknown): Readonly<Record<string, string | undefined>> {
  const fields: Record<string, string> = {};
  if (Array.isArray(list))
    for (let at = 0; at + 1 < list.length; at += 2) fields[String(list[at])] = String(list[at + 1]);
  return fields;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
