import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZstdFrames } from './answer-zstd-frames.ts';

const prose = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(5_000));
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 2_654_435_761) % 251));
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

const bodies: [string, Buffer][] = [
  ['nothing but a frame of nothing', zstdCompressSync(Buffer.alloc(0))],
  ['one byte', zstdCompressSync(Buffer.from('x'))],
  ['a run', zstdCompressSync(Buffer.alloc(1_000_000))],
  ['prose', zstdCompressSync(prose)],
  ['noise, stored', zstdCompressSync(noise)],
  ['a frame with a checksum', zstdCompressSync(prose, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  [
    'a frame without its size',
    zstdCompressSync(prose, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } }),
  ],
  [
    'two frames and one to skip',
    Buffer.concat([zstdCompressSync(prose), skippable, zstdCompressSync(noise)]),
  ],
];

describe.each(bodies)('%s', (_name, body) => {
  it('is whole at its end, however it comes', () => {
    for (const size of [1, 7, 1_000, body.length]) {
      const frames = new ZstdFrames();
      for (let at = 0; at < body.length; at += size) frames.feed(body.subarray(at, at + size));
      expect(frames.whole).toBe(true);
    }
  });

  it('is not whole anywhere inside its last frame', () => {
    for (const missing of [1, 2, 3, 4, 5]) {
      if (missing >= body.length) continue;
      const frames = new ZstdFrames();
      frames.feed(body.subarray(0, body.length - missing));
      expect(frames.whole).toBe(false);
    }
  });
});

it('is whole before anything came', () => {
  expect(new ZstdFrames().whole).toBe(true);
});
