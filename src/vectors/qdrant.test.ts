import { expect, it } from 'vitest';
import { createQdrant } from './qdrant.ts';
import { startQdrant } from './qdrant.fixture.ts';
import { describeVectorStore } from './vector-store-suite.fixture.ts';

const placed = (url: string, key: string | null = 'k') =>
  createQdrant({ url, key, collection: 'questions', timeoutMs: 2_000 });

describeVectorStore('Qdrant', async () => {
  const server = await startQdrant('k');
  const store = placed(`${server.url}/`);
  return {
    store,
    async close() {
      expect([...server.collections.get('questions_3')!.indexes]).toEqual([
        ['partition', 'keyword'],
        ['until', 'integer'],
      ]);
      await store.close();
      await server.close();
    },
  };
});

const row = { id: 'a', partition: 'p', text: 't', untilMs: 2, vector: Float32Array.of(1, 0) };
const wanted = { partition: 'p', vector: row.vector, least: 0, count: 1, nowMs: 1 };

it('a collection that was dropped is made again by the second row', async () => {
  const server = await startQdrant('k');
  const store = placed(server.url);
  await store.add(row);
  server.collections.clear();
  await store.add(row);
  await store.add(row);
  expect(await store.search(wanted)).toHaveLength(1);
  await store.close();
  await server.close();
});

it('a wrong key and a server that is gone are errors without the address', async () => {
  const server = await startQdrant('k');
  await expect(placed(server.url, null).search(wanted)).rejects.toThrow('status_401');
  await server.close();
  await expect(placed(server.url).add(row)).rejects.toThrow(/^no answer: ECONN/);
});
