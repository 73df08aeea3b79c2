import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Found } from '../contracts/names.ts';
import { NameWatch, type Watched } from './name-watch.ts';

const found = (serial: number, ...addresses: string[]): Found => ({
  addresses: addresses.map((address) => ({ address, family: 4 })),
  complete: false,
  serial,
});

function connection(address: string, running: boolean): Watched & { closed: boolean } {
  const made = {
    address,
    running,
    closed: false,
    retireAt: Number.POSITIVE_INFINITY,
    close: () => void (made.closed = true),
  };
  return made;
}

function watch(first: Found) {
  const state = { answer: first as Found | Error, now: 0, asked: 0 };
  const watcher = new NameWatch(() => {
    state.asked++;
    if (state.answer instanceof Error) throw state.answer;
    return state.answer;
  });
  return {
    state,
    async look(...connections: Watched[]): Promise<void> {
      watcher.look(state.now, connections);
      await turn();
      state.now += 5_000;
    },
  };
}

describe('a name that is watched', () => {
  it('ends connections to what two answers in a row leave out: idle ones now, busy ones behind their call', async () => {
    const { state, look } = watch(found(1, '10.0.0.1', '10.0.0.2'));
    const idle = connection('10.0.0.1', false);
    const busy = connection('10.0.0.1', true);
    const stays = connection('10.0.0.2', false);
    await look(idle, busy, stays);
    state.answer = found(2, '10.0.0.2');
    await look(idle, busy, stays);
    expect([idle.closed, busy.retireAt]).toEqual([false, Number.POSITIVE_INFINITY]);
    // The same answer once more says nothing new.
    await look(idle, busy, stays);
    expect(idle.closed).toBe(false);
    state.answer = found(3, '10.0.0.2', '10.0.0.3');
    await look(idle, busy, stays);
    expect([idle.closed, busy.closed, busy.retireAt]).toEqual([true, false, Number.NEGATIVE_INFINITY]);
    expect([stays.closed, stays.retireAt]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('with many addresses, some of them shown at a time, keeps those that come back', async () => {
    const { state, look } = watch(found(1, '10.0.0.1'));
    const kept = connection('10.0.0.1', false);
    for (let serial = 2; serial < 10; serial++) {
      state.answer = found(serial, serial % 2 === 0 ? '10.0.0.2' : '10.0.0.1');
      await look(kept);
    }
    expect(kept.closed).toBe(false);
  });

  it('of a source that is complete counts at once', async () => {
    const { state, look } = watch({ ...found(0, '10.0.0.1'), complete: true });
    const idle = connection('10.0.0.1', false);
    await look(idle);
    expect(idle.closed).toBe(false);
    state.answer = { ...found(0, '10.0.0.2'), complete: true };
    await look(idle);
    expect(idle.closed).toBe(true);
  });

  it('ends nothing when it cannot be looked up, nor what is not connected yet', async () => {
    const { state, look } = watch(found(1, '10.0.0.2'));
    const idle = connection('10.0.0.1', false);
    const connecting = connection('', false);
    state.answer = new Error('no answer');
    for (let i = 0; i < 4; i++) await look(idle, connecting);
    expect([idle.closed, connecting.closed]).toEqual([false, false]);
    expect(state.asked).toBe(4);
  });

  it('is asked for each five seconds at most', async () => {
    const { state, look } = watch(found(1, '10.0.0.1'));
    await look();
    state.now = 4_999;
    await look();
    expect(state.asked).toBe(1);
  });
});
