import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { standstill } from '../../src/ipc/standstill.fixture.ts';
import { createCacheDesk } from './cache-desk.ts';
import type { Life } from '../crew/life.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function lives(count: number) {
  const sent: ToWorker[][] = [];
  const made = Array.from({ length: count }, (_, index) => {
    sent.push([]);
    return { state: 'listening', send: (message: ToWorker) => sent[index]!.push(message) } as unknown as Life;
  });
  return { made, sent };
}

it('all workers are asked, one of them for what they share too, and their answers are one', async () => {
  const { made, sent } = lives(2);
  const desk = createCacheDesk(() => made);
  const told = desk.ask({ tag: 'a' });
  expect(sent.flat()).toEqual([
    { t: 'cache', ask: 1, wanted: { tag: 'a' }, shared: true },
    { t: 'cache', ask: 1, wanted: { tag: 'a' }, shared: false },
  ]);
  desk.told(made[0]!, 1, { entries: 1, bytes: 10, gone: 2, missed: false });
  desk.told(made[0]!, 1, { entries: 100, bytes: 10, gone: 2, missed: false }); // once is enough
  desk.told(made[1]!, 1, { entries: 3, bytes: 30, gone: 0, missed: false });
  expect(await told).toEqual({ entries: 4, bytes: 40, gone: 2, missed: false });
});

it('one that is gone, or says nothing, is not waited for', async () => {
  const { made } = lives(2);
  const desk = createCacheDesk(() => made);
  const gone = desk.ask(null);
  desk.told(made[0]!, 1, { entries: 1, bytes: 1, gone: 0, missed: false });
  desk.leave(made[1]!);
  expect(await gone).toEqual({ entries: 1, bytes: 1, gone: 0, missed: false });
  const silent = desk.ask(null);
  vi.runAllTimers();
  expect(await silent).toEqual({ entries: 0, bytes: 0, gone: 0, missed: false });
  expect(await createCacheDesk(() => []).ask(null)).toEqual({ entries: 0, bytes: 0, gone: 0, missed: false });
});

it('a purge that somebody did not answer, or Redis was not asked for, says so', async () => {
  const { made } = lives(2);
  const desk = createCacheDesk(() => made);
  const answer = { entries: 0, bytes: 0, gone: 1, missed: false };
  const purges = [desk.ask({}), desk.ask({}), desk.ask({})];
  desk.told(made[0]!, 1, { ...answer, missed: true });
  desk.told(made[1]!, 1, answer);
  // The one that goes over Redis is gone; then another one, whose memory went with it.
  desk.told(made[1]!, 2, answer);
  desk.told(made[0]!, 3, answer);
  desk.leave(made[0]!);
  desk.leave(made[1]!);
  expect((await Promise.all(purges)).map(({ missed }) => missed)).toEqual([true, true, false]);
  const silent = desk.ask({});
  vi.runAllTimers();
  expect((await silent).missed).toBe(true);
});

it('what came while the primary stood still is no silence', async () => {
  vi.useRealTimers();
  const standStill = await standstill();
  const { made } = lives(1);
  const desk = createCacheDesk(() => made, 100);
  const told = desk.ask({ tag: 'a' });
  await standStill(400, () => desk.told(made[0]!, 1, { entries: 1, bytes: 10, gone: 2, missed: false }));
  expect(await told).toEqual({ entries: 1, bytes: 10, gone: 2, missed: false });
});
