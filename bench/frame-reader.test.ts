import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELTAS_PER_STREAM, FrameReader } from './frame-reader.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const frame = (i: number): string => `data: {"choices":[{"delta":{"content":"t${i} "}}]}\n\n`;
const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const deltas = (count: number): string[] => Array.from({ length: count }, (_, i) => frame(i));
const answer = (frames: readonly string[]): Buffer =>
  Buffer.from(`${HEAD}${[...frames, 'data: [DONE]\n\n'].map(chunked).join('')}0\r\n\r\n`);

describe('frame reader', () => {
  it('counts every delta of a stream however the bytes are cut', () => {
    const bytes = answer(deltas(DELTAS_PER_STREAM));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
        const reader = new FrameReader();
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (let i = 1; i < places.length; i++) reader.push(bytes.subarray(places[i - 1], places[i]));
        expect([reader.deltas, reader.done, reader.ended]).toEqual([DELTAS_PER_STREAM, true, true]);
      }),
    );
  });

  it('notices a lost, a doubled and a swapped delta', () => {
    const [a, b, c] = deltas(3) as [string, string, string];
    for (const frames of [
      [a, c],
      [a, a, b],
      [b, a, c],
    ]) {
      expect(() => new FrameReader().push(answer(frames))).toThrow(/was due/);
    }
  });

  it('refuses an answer that is no stream and bytes behind its end', () => {
    expect(() => new FrameReader().push(Buffer.from('HTTP/1.1 429 Too Many Requests\r\n'))).toThrow('429');
    expect(() => new FrameReader().push(Buffer.concat([answer([]), Buffer.from('x')]))).toThrow(
      'after the end',
    );
  });
});
