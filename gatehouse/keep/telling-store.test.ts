import { expect, it } from 'vitest';
import type { CommitResult, Store } from '../../src/contracts/store.ts';
import { createTellingStore } from './telling-store.ts';

const change = { op: 'delete', kind: 'key', id: 'k', from: null } as const;

it('has said what was changed when the commit is answered, and says nothing of what changed nothing', async () => {
  const said: string[] = [];
  let result: CommitResult = { ok: true, revision: 1, objects: [] };
  const plain = { shared: true, commit: async () => result } as unknown as Store; // it uses no more
  const soon = async (word: string): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    said.push(word);
  };
  const store = createTellingStore(
    plain,
    () => soon('told'),
    () => soon('heard'),
  );
  expect(store.shared).toBe(true);
  expect(await store.commit([change], null)).toBe(result);
  expect(said).toEqual(['told', 'heard']);
  await store.commit([], null);
  result = { ok: false, why: 'missing', change: 0 };
  await store.commit([change], null);
  expect(said).toEqual(['told', 'heard']);
  // Of sessions workers know nothing.
  result = { ok: true, revision: 2, objects: [] };
  await store.commit([{ ...change, kind: 'session' }], null);
  expect(said).toEqual(['told', 'heard', 'told']);
});
