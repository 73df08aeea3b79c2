import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { createOwnerRecords } from './owner-records.ts';

const mine = { owner: 'me', provider: 'oa' };
let sent: ToPrimary[] = [];

beforeEach(() => {
  sent = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function records(connected = true) {
  return createOwnerRecords((message) => {
    sent.push(message);
    return connected;
  });
}

/** Answers the question that was sent last. */
const answer = (to: ReturnType<typeof records>, owners: (typeof mine | null)[]): void => {
  const last = sent.at(-1) as Extract<ToPrimary, { t: 'whose' }>; // the test asked
  to.answered(last.ask, owners);
};

it('tells the primary what was made', () => {
  records().tell('a', mine);
  records().tell('b', mine, true);
  expect(sent).toEqual([
    { t: 'owns', id: 'a', owner: mine },
    { t: 'owns', id: 'b', owner: mine, anew: true },
  ]);
});

it('asks once for what is known', async () => {
  const asked = records();
  const told = asked.ask(['a']);
  answer(asked, [mine]);
  expect(await told).toEqual([mine]);
  expect(sent).toHaveLength(1);
});

it('asks again for what may be on its way from another worker', async () => {
  const asked = records();
  const told = asked.ask(['a', 'b', 'c']);
  answer(asked, [mine, null, null]);
  await vi.advanceTimersByTimeAsync(25);
  expect(sent.at(-1)).toMatchObject({ t: 'whose', ids: ['b', 'c'] });
  answer(asked, [null, mine]);
  expect(await told).toEqual([mine, null, mine]);
});

it('knows nobody when the primary says nothing, or is not there', async () => {
  const told = records().ask(['a']);
  await vi.advanceTimersByTimeAsync(3_010);
  expect(await told).toEqual([null]);
  expect(await records(false).ask(['a'])).toEqual([null]);
});

it('an answer that comes too late is nobody’s', async () => {
  const asked = records();
  const told = asked.ask(['a']);
  await vi.advanceTimersByTimeAsync(3_010);
  answer(asked, [mine]);
  expect(await told).toEqual([null]);
});

it('an answer that lies in the channel when the time is over is in time: it was this worker that stood still', async () => {
  const asked = records();
  const told = asked.ask(['a']);
  setTimeout(() => answer(asked, [mine]), 3_000);
  await vi.advanceTimersByTimeAsync(3_010);
  expect(await told).toEqual([mine]);
});
