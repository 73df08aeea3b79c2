// Against PostgreSQL itself with pgvector, both compiled to WebAssembly (PGlite), through the wire protocol.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { createPgvector } from './pgvector.ts';
import { describeVectorStore } from './vector-store-suite.fixture.ts';
import { freePort } from '../../tests/kit/port.ts';

describeVectorStore('PostgreSQL with pgvector', async () => {
  const database = await PGlite.create({ extensions: { vector } });
  const port = await freePort();
  const server = new PGLiteSocketServer({ db: database, port, host: '127.0.0.1', maxConnections: 20 });
  await server.start();
  const store = createPgvector({
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    collection: 'questions',
    timeoutMs: 30_000,
  });
  return {
    store,
    async close() {
      await store.close();
      await server.stop();
      await database.close();
    },
  };
});
