import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { standstill } from '../../src/ipc/standstill.fixture.ts';
import type { Life } from '../crew/life.ts';
import { createWorkerLooks } from './worker-looks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(...states: Life['state'][]) {
  const sent: [worker: number, message: ToWorker][] = [];
  const lives = states.map((state, index) => {
    const send = (message: ToWorker): void => void sent.push([index, message]);
    return { state, send } as unknown as Life; // nothing else is asked of it
  });
  return { sent, lives, looks: createWorkerLooks(() => lives) };
}

it('one that serves is asked, and answers or says why not', async () => {
  const { sent, looks } = setUp('loading', 'serving', 'serving');
  const asked = [looks.ask({ do: 'probe', provider: 'p' }), looks.ask({ do: 'probe', provider: 'q' })];
  expect(sent.map(([worker]) => worker)).toEqual([1, 1]);
  looks.looked(2, null, 'there is no provider `q`');
  looks.looked(1, { ok: true }, '');
  expect(await asked[0]).toEqual({ ok: true });
  await expect(asked[1]).rejects.toThrow('there is no provider');
  await expect(setUp('draining').looks.ask({ do: 'heard' })).rejects.toThrow('no worker serves');
});

it('all that serve have heard when each has said so, or stands still', async () => {
  const { sent, looks } = setUp('serving', 'configuring', 'serving', 'serving');
  const done = vi.fn();
  const heard = looks.heard().then(done);
  expect(sent.map(([worker, message]) => [worker, message.t])).toEqual([
    [0, 'look'],
    [2, 'look'],
    [3, 'look'],
  ]);
  looks.looked(1, null, '');
  looks.looked(2, null, 'the worker is not ready');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(60_000);
  await heard;
  await setUp().looks.heard();
});

it('one that ends is waited for no longer', async () => {
  const { lives, looks } = setUp('serving', 'serving');
  // Reading the results of a batch may take minutes.
  const asked = looks.ask({ do: 'probe', provider: 'p' }, 900_000);
  const done = vi.fn();
  const heard = looks.heard().then(done);
  looks.leave(lives[0]!);
  await expect(asked).rejects.toThrow('ended');
  expect(done).not.toHaveBeenCalled();
  looks.leave(lives[1]!);
  await heard;
  expect(vi.getTimerCount()).toBe(0);
});

it('what came while the primary stood still is no silence', async () => {
  vi.useRealTimers();
  const standStill = await standstill();
  const { looks } = setUp('serving');
  const asked = looks.ask({ do: 'probe', provider: 'p' }, 100);
  await standStill(400, () => looks.looked(1, { ok: true }, ''));
  expect(await asked).toEqual({ ok: true });
});
