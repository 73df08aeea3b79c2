import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { describeLogStore } from './log-store.ts';

describeLogStore('the log in SQLite', {
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-log-'));
    const file = join(folder, 'log.db');
    const store = createLogStore(openSqlite(file, LOG_SHAPE));
    return {
      store,
      again: async () => createLogStore(openSqlite(file, LOG_SHAPE)),
      async close() {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});
