// A store that is slow, broken or flooded costs hits and nothing else.
import { afterEach, expect, it, vi } from 'vitest';
import type { IndexRow, VectorStore } from '../contracts/vectors.ts';
import { createRemoteIndex, type RemoteIndex } from './remote-index.ts';

const row: IndexRow = { id: 'a', partition: 'p', text: 't', untilMs: 2, vector: Float32Array.of(1) };
let index: RemoteIndex;
afterEach(async () => {
  await index.close();
  vi.useRealTimers();
});

function around(store: Partial<VectorStore>) {
  const time = { now: 0 };
  const heard = { failed: 0, lines: [] as string[] };
  const nothing = async (): Promise<void> => undefined;
  index = createRemoteIndex({
    store: {
      search: async () => [],
      add: nothing,
      remove: nothing,
      sweep: nothing,
      close: nothing,
      ...store,
    },
    timeoutMs: 20,
    clock: { now: () => time.now, wall: () => time.now },
    log: {
      info: () => undefined,
      warn: (fields: { reason?: string }) => void heard.lines.push(fields.reason ?? ''),
      error: () => undefined,
    } as never, // the part of it that is spoken to
    failed: () => heard.failed++,
  });
  return { time, heard, ask: () => index.nearest('p', row.vector, 0.9, 3, 1) };
}

it('one that does not answer in time has found nothing, and is not asked for five seconds', async () => {
  const search = vi.fn(() => new Promise<never>(() => undefined));
  const { ask, time, heard } = around({ search });
  expect(await ask()).toEqual([]);
  expect(await ask()).toEqual([]);
  expect(search).toHaveBeenCalledTimes(1);
  expect(heard).toMatchObject({ failed: 1, lines: ['no answer in time'] });
  time.now = 5_000;
  expect(await ask()).toEqual([]);
  expect(search).toHaveBeenCalledTimes(2);
});

it('writes that fail are left, and so are those beyond a thousand', async () => {
  const add = vi.fn(() => new Promise<void>(() => undefined));
  around({ add });
  for (let at = 0; at < 1_010; at++) index.put(row);
  expect(add).toHaveBeenCalledTimes(1_000);
  const failing = vi.fn(() => Promise.reject(new Error('full')));
  const { heard } = around({ add: failing });
  index.put(row);
  await vi.waitFor(() => expect(heard.failed).toBe(1));
  index.put(row);
  index.drop('a');
  expect(failing).toHaveBeenCalledTimes(1);
});

it('what is over is swept now and then', async () => {
  vi.useFakeTimers();
  const sweep = vi.fn(async () => undefined);
  const { time } = around({ sweep });
  time.now = 7;
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(sweep).toHaveBeenCalledWith(7);
});
