import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBody } from './decompress.ts';

const text = Buffer.from(JSON.stringify({ model: 'm', input: 'The water finds its way. ' }));
const codings: [string, (body: Buffer) => Buffer][] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP ', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
];

describe('decodeBody', () => {
  it.each(codings)('decodes %s', async (name, encode) => {
    expect((await decodeBody(encode(text), name, 1000)).equals(text)).toBe(true);
  });

  it('hands a body without an encoding back as it is', async () => {
    expect(await decodeBody(text, '', 10)).toBe(text);
    expect(await decodeBody(text, 'identity', 10)).toBe(text);
  });

  it.each(['compress', 'gzip, gzip', 'gzip,br', 'constructor', '__proto__'])(
    'refuses the encoding %s',
    async (name) => {
      await expect(decodeBody(gzipSync(text), name, 1000)).rejects.toMatchObject({
        code: 'GW_CLIENT_MEDIA_TYPE',
        status: 415,
      });
    },
  );

  it.each(codings)('stops a %s bomb by its output', async (name, encode) => {
    const bomb = encode(Buffer.alloc(5_000_000));
    await expect(decodeBody(bomb, name, 100_000_000)).rejects.toMatchObject({ code: 'GW_CLIENT_TOO_LARGE' });
  });

  it.each(codings)('holds the decoded %s body to the cap', async (name, encode) => {
    await expect(decodeBody(encode(text), name, text.length - 1)).rejects.toMatchObject({
      code: 'GW_CLIENT_TOO_LARGE',
      status: 413,
    });
    expect((await decodeBody(encode(text), name, text.length)).length).toBe(text.length);
  });

  it.each(['gzip', 'deflate', 'br', 'zstd'])('refuses a body that is not %s', async (name) => {
    await expect(decodeBody(Buffer.from('{"model":"m"}'), name, 1000)).rejects.toMatchObject({
      code: 'GW_CLIENT_BAD_REQUEST',
    });
  });
});
