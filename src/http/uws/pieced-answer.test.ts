// A large answer on a socket that takes what the test says.
import type { HttpResponse } from 'uWebSockets.js';
import { Buffer } from 'node:buffer';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TURN_BYTES } from '../../body/turn-bytes.ts';
import { PiecedAnswer } from './pieced-answer.ts';

const LENGTH = TURN_BYTES * 3 + 5;

/** As much of uWS as a whole answer is written by. */
function rig(how: { close: boolean; yours: boolean }) {
  /** Bytes the socket takes before it is full. */
  const socket = { room: Number.POSITIVE_INFINITY, taken: 0, announced: 0, lent: [] as number[], ended: 0 };
  let writable: () => boolean = () => true;
  const res = {
    cork: (work: () => void) => work(),
    tryEnd(bytes: Buffer, total: number): [boolean, boolean] {
      // Said with the head, and in it once.
      if (socket.announced === 0) socket.announced = total;
      socket.lent.push(bytes.length);
      const taken = Math.min(bytes.length, socket.room);
      socket.room -= taken;
      socket.taken += taken;
      return [taken === bytes.length, socket.taken === total];
    },
    getWriteOffset: () => socket.taken,
    onWritable: (given: typeof writable) => void (writable = given),
    close: () => socket.ended++,
  } as unknown as HttpResponse; // the rest of it is not asked for
  const body = Buffer.alloc(LENGTH, 1);
  let taken = 0;
  const answer = new PiecedAnswer(
    res,
    body,
    how,
    () => 0,
    () => taken++,
  );
  answer.begin(() => {});
  const drain = (room: number): void => {
    socket.room = room;
    writable();
  };
  return { socket, answer, body, drain, taken: () => taken };
}

it.each([false, true])(
  'goes out a share a turn where the client takes all at once (close: %s)',
  async (close) => {
    const { socket, taken, body } = rig({ close, yours: true });
    expect(socket.lent).toEqual([TURN_BYTES]);
    while (taken() === 0) await endOfTurn();
    expect(socket.lent).toEqual([TURN_BYTES, TURN_BYTES, TURN_BYTES, 5]);
    expect([socket.taken, socket.announced, socket.ended]).toEqual([LENGTH, LENGTH, close ? 1 : 0]);
    // Its memory went back.
    expect(body.length).toBe(0);
    await endOfTurn();
    expect([socket.lent.length, taken()]).toEqual([4, 1]);
  },
);

it('waits for a client that takes nothing, without asking it in each turn', async () => {
  const { socket, drain, taken } = rig({ close: false, yours: false });
  socket.room = 10;
  await endOfTurn();
  await endOfTurn();
  expect(socket.lent).toEqual([TURN_BYTES, TURN_BYTES]);
  drain(TURN_BYTES);
  expect(socket.taken).toBe(TURN_BYTES * 2 + 10);
  drain(LENGTH);
  while (taken() === 0) await endOfTurn();
  expect(socket.taken).toBe(LENGTH);
});

it('writes nothing once its client has left, and its memory goes back then', async () => {
  const { socket, answer, body, taken } = rig({ close: false, yours: true });
  answer.stop();
  await endOfTurn();
  expect([socket.lent.length, taken(), body.length]).toEqual([1, 0, 0]);
  expect(answer.tend(10_000)).toBe(0);
});

it('leaves alone what somebody else looks at', async () => {
  const { body, taken } = rig({ close: false, yours: false });
  while (taken() === 0) await endOfTurn();
  expect(body.length).toBe(LENGTH);
});
