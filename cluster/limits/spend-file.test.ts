import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LimitLedger, type SpentRow } from '../../src/limits/ledger.ts';
import { createSpendFile, SPEND_FILE } from './spend-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spend-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NOW = 1_800_000_000_000;
const said: string[] = [];
const file = (rows: readonly SpentRow[], at = path.join(folder, 'data')) =>
  createSpendFile(at, {
    log: { warn: (_: object, text: string) => void said.push(text) },
    wall: () => NOW,
    spent: () => rows,
  });

describe('what is spent, over a restart', () => {
  it('is there again, but for windows that are over', () => {
    const rows = [
      { id: 'key-1d.budget@1d-x|red', nano: 5, endsAtMs: NOW + 1 },
      { id: 'credit.budget@never|red', nano: 2 ** 45 + 1, endsAtMs: 0 },
      { id: 'old', nano: 9, endsAtMs: NOW - 1 },
    ];
    file(rows).close();
    expect(file([]).read()).toEqual(rows.slice(0, 2));
  });

  it('is written while the gateway runs', async () => {
    const writes = file([{ id: 'a', nano: 1, endsAtMs: 0 }]);
    writes.start();
    await vi.waitFor(() => expect(file([]).read()).toHaveLength(1), { timeout: 20_000, interval: 50 });
    writes.close();
  });

  it('makes no folder where no budget is', () => {
    file([]).close();
    expect(() => readFileSync(path.join(folder, 'data', SPEND_FILE))).toThrow('ENOENT');
  });

  it('begins anew, and says so, where the file is broken', () => {
    for (const text of ['[["a",', '{}', '[["a",-1,0]]', '[["a",1.5,0]]']) {
      said.length = 0;
      writeFileSync(path.join(folder, SPEND_FILE), text);
      expect(file([], folder).read()).toEqual([]);
      expect(said).toHaveLength(1);
    }
  });

  it('goes on where it cannot be written', () => {
    said.length = 0;
    writeFileSync(path.join(folder, 'data'), 'no folder');
    file([{ id: 'a', nano: 1, endsAtMs: 0 }]).close();
    expect(said).toHaveLength(1);
  });
});

it('the books keep what is spent of a budget, not what is only reserved, and take it up again', () => {
  const bucket = {
    id: 'b',
    dimension: 'cost' as const,
    limit: 100,
    spacingMs: 0,
    burst: 0,
    version: 1,
    endsAtMs: NOW + 5,
  };
  const books = new LimitLedger({ wall: () => NOW });
  books.ask(1, [{ bucket, need: 60, want: 60 }], 't', 0);
  books.commit(1, 'b', 20);
  expect([...books.spent()]).toEqual([{ id: 'b', nano: 20, endsAtMs: NOW + 5 }]);
  const again = new LimitLedger({ wall: () => NOW });
  again.restore(books.spent(), 0);
  expect(again.ask(1, [{ bucket, need: 81, want: 81 }], 'u', 0)[0]!.granted).toBe(0);
  expect(again.ask(1, [{ bucket, need: 80, want: 80 }], 'v', 0)[0]).toMatchObject({
    granted: 80,
    remaining: 0,
  });
});
