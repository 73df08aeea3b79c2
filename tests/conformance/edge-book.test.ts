import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { createSqlStore } from '../../src/stores/sql-store.ts';
import { describeEdgeBook } from './edge-book.ts';

describeEdgeBook('devices at the edge, in SQLite', {
  async open(seal) {
    const place = mkdtempSync(join(tmpdir(), 'headgate-edge-book-'));
    const open = () =>
      createSqlStore({ driver: openSqlite(join(place, 'store.db')), seal, now: () => Date.now() });
    const store = open();
    return {
      store,
      again: async () => open(),
      async close() {
        await store.close();
        rmSync(place, { recursive: true, force: true });
      },
    };
  },
});
