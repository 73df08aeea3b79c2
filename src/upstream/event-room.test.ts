import { describe, expect, it } from 'vitest';
import { createSseScanner } from '../wire/sse-scanner.ts';
import { createEventRoom } from './event-room.ts';

const MAX = 1024 * 1024;
const piece = (bytes: number): Buffer => Buffer.from('x'.repeat(bytes));

describe('the room that large events share', () => {
  it('holds what is unfinished, and gets it back when the event is whole or the stream is over', () => {
    const room = createEventRoom(10 * MAX);
    const one = createSseScanner({ maxEventBytes: MAX, room });
    const two = createSseScanner({ maxEventBytes: MAX, room });
    one.push(piece(100_000));
    one.push(piece(100_000));
    two.push(piece(70_000));
    expect(room.usedBytes).toBe(270_000);
    expect(one.push(Buffer.from('\n\ndata: next')).count).toBe(1);
    expect(room.usedBytes).toBe(70_000);
    two.close();
    two.close();
    expect(room.usedBytes).toBe(0);
  });

  it('costs small events nothing', () => {
    const room = createEventRoom(10);
    const scanner = createSseScanner({ maxEventBytes: MAX, room });
    scanner.push(piece(60_000));
    expect(room.usedBytes).toBe(0);
    expect(scanner.push(Buffer.from('\n\n')).count).toBe(1);
  });

  it('ends the stream it has no room for, and no other', () => {
    const room = createEventRoom(200_000);
    const one = createSseScanner({ maxEventBytes: MAX, room });
    const two = createSseScanner({ maxEventBytes: MAX, room });
    one.push(piece(150_000));
    expect(() => two.push(piece(100_000))).toThrow('at once');
    expect(() => two.push(piece(1))).toThrow('at once');
    expect(room.usedBytes).toBe(150_000);
    expect(one.push(Buffer.from('\n\n')).count).toBe(1);
    expect(room.usedBytes).toBe(0);
  });

  it('keeps nothing of an event over the cap', () => {
    const room = createEventRoom(10 * MAX);
    const scanner = createSseScanner({ maxEventBytes: 100_000, room });
    scanner.push(piece(90_000));
    expect(() => scanner.push(piece(20_000))).toThrow('100000 bytes');
    expect(room.usedBytes).toBe(0);
  });
});
