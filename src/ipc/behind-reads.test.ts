import { expect, it, vi } from 'vitest';
import { abortBehindTurns, behindReads, behindTurns } from './behind-reads.ts';
import { standstill } from './standstill.fixture.ts';

const BOTH = [
  ['behind reads', behindReads],
  ['behind turns', behindTurns],
] as const;
const PATIENT = { timeout: 20_000 };

it.each(BOTH)(
  'what came while this process stood still is read before it is late: %s',
  async (_, deadline) => {
    const standStill = await standstill();
    const log: string[] = [];
    setTimeout(() => log.push('timer'), 100);
    const by = deadline(100, () => log.push('late'));
    await standStill(600, () => {
      log.push('read');
      by.clear();
    });
    // All that could have been armed would be due.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['timer', 'read']);
  },
);

it('where nothing came it is late in that turn', async () => {
  const standStill = await standstill();
  const log: string[] = [];
  behindReads(100, () => log.push('late'));
  await standStill(600, () => log.push('read'));
  expect(log).toEqual(['read', 'late']);
});

it('what takes turns has as long again as this process stood still', async () => {
  const standStill = await standstill();
  let [read, late] = [0, 0];
  behindTurns(1_000, () => (late = performance.now()));
  await standStill(2_000, () => (read = performance.now()));
  expect(read).toBeGreaterThan(0);
  await vi.waitUntil(() => late > 0, PATIENT);
  expect(late - read).toBeGreaterThan(900);
});

it('what takes turns has that each time, also where it began anew meanwhile', async () => {
  const [standStill, again] = [await standstill(), await standstill()];
  let [read, late] = [0, 0];
  const by = behindTurns(300, () => (late = performance.now()));
  await standStill(800, () => undefined);
  by.refresh();
  await again(800, () => (read = performance.now()));
  await vi.waitUntil(() => late > 0, PATIENT);
  expect(late - read).toBeGreaterThan(250);
});

it('what takes turns ends in time where this process did not stand still', async () => {
  let late = false;
  behindTurns(1, () => (late = true));
  await vi.waitUntil(() => late, PATIENT);
});

it.each(BOTH)('begins anew with a read in the turn in which it is due: %s', async (_, deadline) => {
  const standStill = await standstill();
  let lateAt = 0;
  let read = 0;
  const by = deadline(600, () => (lateAt = performance.now()));
  await standStill(1_200, () => {
    read = performance.now();
    by.refresh();
  });
  await vi.waitUntil(() => lateAt > 0, PATIENT);
  expect(lateAt - read).toBeGreaterThan(550);
});

it('a signal says as much as that of the platform', async () => {
  const [own, theirs] = [abortBehindTurns(1), AbortSignal.timeout(1)];
  await vi.waitUntil(() => own.aborted && theirs.aborted, PATIENT);
  const told = ({ reason }: AbortSignal): unknown => {
    const { name, message } = reason as Error; // of both, as the platform has it
    return [name, message];
  };
  expect(told(own)).toEqual(told(theirs));
});
