// Against a server of ours that speaks as Redis's documents say (redis-search.fixture.ts): what is sent, and how answers are read.
import { describe, expect, it } from 'vitest';
import { startSearchServer } from './redis-search.fixture.ts';
import { createRedisSearch } from './redis-search.ts';
import { describeVectorStore } from './vector-store-suite.fixture.ts';

const placed = (url: string) => createRedisSearch({ url, collection: 'questions', timeoutMs: 2_000 });

describe.each([2, 3] as const)('by RESP%i', (protocol) =>
  describeVectorStore('Redis with its query engine', async () => {
    const server = await startSearchServer(protocol);
    const store = placed(server.url);
    return {
      store,
      async close() {
        expect(server.indexes.get('questions_3')!.join(' ')).toBe(
          'ON HASH PREFIX 1 questions:3: SCHEMA p TAG u NUMERIC v VECTOR FLAT 6 TYPE FLOAT32 DIM 3 DISTANCE_METRIC COSINE',
        );
        // Redis drops them by itself, too.
        expect(server.expires.get('questions:3:same')).toBe(2_000);
        await store.close();
        await server.close();
      },
    };
  }),
);

const row = { id: 'a', partition: 'p} @x:{', text: 't', untilMs: 2, vector: Float32Array.of(1, 0) };
const wanted = { partition: row.partition, vector: row.vector, least: 0, count: 1, nowMs: 1 };

it('what a partition is called is no part of the query language', async () => {
  const server = await startSearchServer();
  const store = placed(server.url);
  await store.add(row);
  expect(await store.search(wanted)).toMatchObject([{ row: { id: 'a', text: 't' }, similarity: 1 }]);
  expect(await store.search({ ...wanted, partition: '*' })).toEqual([]);
  const asked = server.heard.filter(([name]) => name === 'FT.SEARCH');
  expect(asked[0]!.slice(2, 3).join()).toMatch(
    /^\(@p:\{[0-9a-f]{64}\} @u:\[\(1 \+inf\]\)=>\[KNN 1 @v \$q AS d\]$/,
  );
  await store.close();
  await server.close();
});

it('an index that was dropped is made again, and one that another worker made is no fault', async () => {
  const server = await startSearchServer();
  const [one, other] = [placed(server.url), placed(server.url)];
  await one.add(row);
  await other.add({ ...row, id: 'b' });
  server.indexes.clear();
  expect(await one.search(wanted)).toEqual([]);
  await one.add(row);
  expect(await one.search(wanted)).toHaveLength(1);
  await Promise.all([one.close(), other.close()]);
  await server.close();
});

it('a server without the commands, and one that is gone, are errors', async () => {
  const server = await startSearchServer();
  const store = placed(server.url);
  await store.add(row);
  // Of another length than its index has.
  server.indexes.set('questions_3', server.indexes.get('questions_2')!);
  await expect(store.search({ ...wanted, vector: Float32Array.of(1, 0, 0) })).rejects.toThrow('blob size');
  await server.close();
  await expect(store.search(wanted)).rejects.toThrow();
  await store.close();
});
