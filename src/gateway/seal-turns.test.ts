import { expect, it } from 'vitest';
import type { Call } from '../contracts/call.ts';
import { CALLS_A_WRITE, createSealTurns } from './seal-turns.ts';

const call = {} as Call;
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('writes once for the calls of a turn, and never leaves many to its end', async () => {
  let sealed = 0;
  const { settled } = createSealTurns({ noted: true, seal: () => void sealed++ });
  for (let at = 0; at < CALLS_A_WRITE - 1; at++) settled(call);
  expect(sealed).toBe(0);
  await turn();
  expect(sealed).toBe(1);
  for (let at = 0; at < 2 * CALLS_A_WRITE; at++) settled(call);
  expect(sealed).toBe(3);
  settled(call);
  await turn();
  await turn();
  expect(sealed).toBe(4);
  await turn();
  expect(sealed).toBe(4);
});

it('does nothing for calls of which nothing is noted', async () => {
  let sealed = 0;
  const journal = { noted: false, seal: () => void sealed++ };
  const { settled } = createSealTurns(journal);
  for (let at = 0; at < 2 * CALLS_A_WRITE; at++) settled(call);
  await turn();
  expect(sealed).toBe(0);
  journal.noted = true;
  settled(call);
  await turn();
  expect(sealed).toBe(1);
});
