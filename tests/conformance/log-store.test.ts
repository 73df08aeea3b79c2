import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { openSqlite } from '../../src/stores/sqlite.ts';
import { describeLogCorrections } from './log-corrections.ts';
import { describeLogStore } from './log-store.ts';
import type { LogStoreMaker } from './log-store/log-under-test.ts';

const sqlite: LogStoreMaker = {
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
};

describeLogStore('the log in SQLite', sqlite);
describeLogCorrections('the log in SQLite', sqlite);
