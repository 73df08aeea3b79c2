import { setImmediate as endOfTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

/** An outbox, and what was sent from it. */
function make(): { outbox: Outbox; sent: number[]; add(count: number): void } {
  const outbox = new Outbox();
  const sent: number[] = [];
  let made = 0;
  const add = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const number = made++;
      outbox.add({ flush: () => void sent.push(number) });
    }
  };
  return { outbox, sent, add };
}

describe('what a turn has to send', () => {
  it('leaves at its end, in its order, once', async () => {
    const { sent, add } = make();
    add(3);
    expect(sent).toEqual([]);
    await endOfTurn();
    expect(sent).toEqual([0, 1, 2]);
    add(1);
    await endOfTurn();
    await endOfTurn();
    expect(sent).toEqual([0, 1, 2, 3]);
  });

  it('does not wait for its end where it is much', async () => {
    const { sent, add } = make();
    add(40);
    expect(sent).toEqual(Array.from({ length: 32 }, (_, at) => at));
    await endOfTurn();
    expect(sent).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  it('is not held up by what comes while it leaves', async () => {
    const { outbox, sent, add } = make();
    outbox.add({ flush: () => add(2) });
    add(1);
    await endOfTurn();
    expect(sent).toEqual([0]);
    await endOfTurn();
    expect(sent).toEqual([0, 1, 2]);
  });
});
