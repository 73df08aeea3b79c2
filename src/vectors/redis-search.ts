// Questions in a Redis with its query engine (Redis 8, Redis Stack), by the commands that its documents describe
// (https://redis.io/docs/latest/commands/ft.search): a hash for each question, which Redis drops by itself when it is over, and one index
// for each number of dimensions, made when the first vector comes. Rows of one partition are few: the index is FLAT, so that a search
// is exact and none is missed, as one by HNSW with a filter before it may.
import { createHash } from 'node:crypto';
import { parseRedisUrl } from '../config/redis-url.ts';
import type { Candidate, VectorStore, VectorsConfig } from '../contracts/vectors.ts';
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

  /** Nothing where there is no index. */
  async function find(
    dimensions: number,
    query: string,
    ...more: (string | number | Buffer)[]
  ): Promise<Found[]> {
    try {
      return foundIn(await ask('FT.SEARCH', indexOf(dimensions), query, ...more));
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
      for (const { fields } of found) {
        const { n, t, d } = fieldsOf(fields);
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
        const over = await find(dimensions, query, 'RETURN', 1, 'n', 'LIMIT', 0, SWEEP, 'DIALECT', 2);
        if (over.length > 0) await ask('DEL', ...over.map(({ key }) => key));
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

/** What a search found. */
interface Found {
  readonly key: Buffer;
  /** `[name, value, name, value]`. */
  readonly fields: unknown;
}

/**
 * By RESP2 a list of the count, then keys and fields in turn; by RESP3, which newer clients speak where the server does, a map, whose
 * names and values come in turn: `results` are maps of `id` and `extra_attributes`.
 */
function foundIn(answer: unknown): Found[] {
  if (!Array.isArray(answer)) throw new Error('no list came');
  const found: Found[] = [];
  if (typeof answer[0] === 'number') {
    for (let at = 1; at + 1 < answer.length; at += 2)
      found.push({ key: answer[at] as Buffer, fields: answer[at + 1] as unknown }); // a key is text
    return found;
  }
  const results = memberOf(answer, 'results');
  if (!Array.isArray(results)) throw new Error('no results came');
  for (const result of results as unknown[])
    found.push({ key: memberOf(result, 'id') as Buffer, fields: memberOf(result, 'extra_attributes') }); // as above
  return found;
}

/** Of a map as a list. */
function memberOf(list: unknown, name: string): unknown {
  if (!Array.isArray(list)) return undefined;
  for (let at = 0; at + 1 < list.length; at += 2)
    if (String(list[at]) === name) return list[at + 1] as unknown;
  return undefined;
}

/** `[name, value, name, value]`. */
function fieldsOf(list: unknown): Readonly<Record<string, string | undefined>> {
  const fields: Record<string, string> = {};
  if (Array.isArray(list))
    for (let at = 0; at + 1 < list.length; at += 2) fields[String(list[at])] = String(list[at + 1]);
  return fields;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
