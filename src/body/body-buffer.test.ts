import { describe, expect, it } from 'vitest';
import { BodyBuffer } from './body-buffer.ts';

const MB = 1024 * 1024;

/** Bytes that tell their place. */
function pattern(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
}

/** A copy of its own memory, as uWS hands it out. */
function piece(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes);
}

function gather(body: Buffer, sizes: readonly number[], announced: number): Buffer {
  const gathered = new BodyBuffer(announced);
  let at = 0;
  for (const size of sizes) {
    gathered.add(piece(body.subarray(at, at + size)));
    at += size;
    expect(gathered.length).toBe(at);
  }
  return gathered.finish(piece(body.subarray(at)));
}

describe('a body in pieces is what was sent', () => {
  const body = pattern(3 * MB + 7);
  it.each([
    ['announced', body.length],
    ['of unknown length', -1],
    ['longer than announced', 1_000],
    ['shorter than announced', body.length + 5_000],
  ])('%s', (_way, announced) => {
    for (const sizes of [
      [1],
      [0, 5, 0],
      [MB, MB, MB],
      [100, 2 * MB],
      [64 * 1024, 512 * 1024, MB],
      [body.length],
    ]) {
      expect(gather(body, sizes, announced).equals(body)).toBe(true);
    }
  });
});

it('does not take memory for what was only announced', () => {
  const gathered = new BodyBuffer(64 * MB);
  const before = process.memoryUsage().arrayBuffers;
  gathered.add(piece(pattern(1_000)));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MB);
});

it('gives back a block that became too small at once', () => {
  const gathered = new BodyBuffer(64 * MB);
  const part = piece(pattern(MB));
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 63; at++) gathered.add(part);
  // Blocks of 8 MB and of 64 MB: both would wait for a collection.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(70 * MB);
});
