// Answers that come compressed although nobody asked: over real sockets, through the whole client.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Upstream } from '../contracts/upstream.ts';
import { createLeanUpstream, type LeanUpstreamOptions } from './lean-client.ts';
import { closePeers, exchange, listen, post, send } from './peer.fixture.ts';

const upstreams: Upstream[] = [];
function upstreamOf(port: number, options: Partial<LeanUpstreamOptions> = {}): Upstream {
  const upstream = createLeanUpstream({
    baseUrl: `http://127.0.0.1:${port}`,
    connections: 4,
    connectTimeoutMs: 5000,
    closeTimeoutMs: 100,
    ...options,
  });
  upstreams.push(upstream);
  return upstream;
}
afterEach(async () => {
  closePeers();
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
});

type Compress = (data: Buffer | string, options?: { finishFlush?: number }) => Buffer;
const codings: [
  header: string,
  compress: Compress,
  stream: () => zlib.Gzip | zlib.BrotliCompress | zlib.ZstdCompress,
  flush: number,
][] = [
  ['gzip', zlib.gzipSync, zlib.createGzip, zlib.constants.Z_SYNC_FLUSH],
  ['X-GZip', zlib.gzipSync, zlib.createGzip, zlib.constants.Z_SYNC_FLUSH],
  ['deflate', zlib.deflateSync, zlib.createDeflate, zlib.constants.Z_SYNC_FLUSH],
  ['Deflate', zlib.deflateRawSync, zlib.createDeflateRaw, zlib.constants.Z_SYNC_FLUSH],
  ['br', zlib.brotliCompressSync, zlib.createBrotliCompress, zlib.constants.BROTLI_OPERATION_FLUSH],
  ['zstd', zlib.zstdCompressSync, zlib.createZstdCompress, zlib.constants.ZSTD_e_flush],
];
const text = JSON.stringify({ answer: 'héllo '.repeat(20_000) });

const head = (coding: string, length: number | null, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-encoding: ${coding}\r\n${length === null ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`;
const writeWhole = (socket: Socket, coding: string, body: Buffer, status?: string): void => {
  socket.write(head(coding, body.length, status));
  socket.write(body);
};
const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

describe.each(codings)('%s', (coding, compress, stream, flush) => {
  it('is undone, the headers that spoke of it are gone, and the connection is used again', async () => {
    const peer = await listen((socket) => writeWhole(socket, coding, compress(Buffer.from(text))));
    const upstream = upstreamOf(peer.port);
    for (let nth = 0; nth < 3; nth++) {
      const heard = await exchange(upstream);
      expect(heard.log).toEqual(['sent', 'head', 'data', 'end']);
      expect(heard.body.toString()).toBe(text);
      expect(heard.headers['content-encoding']).toBeUndefined();
      expect(heard.headers['content-length']).toBeUndefined();
      expect(heard.headers['content-type']).toBe('application/json');
    }
    expect(peer.connections).toHaveLength(1);
  });

  it('comes out whole when it comes byte by byte', async () => {
    const body = compress(Buffer.from('some words, some words'));
    const peer = await listen(async (socket) => {
      socket.write(head(coding, body.length));
      for (const byte of body) {
        socket.write(Buffer.from([byte]));
        await sleep(0);
      }
    });
    expect((await exchange(upstreamOf(peer.port))).body.toString()).toBe('some words, some words');
  });

  it('gives each event when it comes, not at the end', async () => {
    let release = () => {};
    const peer = await listen((socket) => {
      const packer = stream();
      packer.on('data', (bytes: Buffer) => socket.write(chunk(bytes)));
      socket.write(head(coding, null));
      packer.write('data: first\n\n');
      packer.flush(flush); // and nothing more until the test has seen it
      release = () => {
        packer.on('end', () => socket.write('0\r\n\r\n'));
        packer.end('data: last\n\n');
      };
    });
    const heard = send(upstreamOf(peer.port), post());
    await vi.waitFor(() => expect(heard.body.toString()).toBe('data: first\n\n'), 5_000);
    release();
    await heard.ended;
    expect(heard.error).toBeNull();
    expect(heard.body.toString()).toBe('data: first\n\ndata: last\n\n');
  });

  it.each([1, 5, 2_000])(
    'cut by %d bytes is a cut answer, though its message ended well',
    async (missing) => {
      const noise = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i * 31 + (i >> 3)) % 256));
      const whole = compress(noise);
      const peer = await listen((socket) =>
        writeWhole(socket, coding, whole.subarray(0, whole.length - missing)),
      );
      const heard = await exchange(upstreamOf(peer.port));
      expect(heard.log.at(-1)).toBe('error');
      expect(heard.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
    },
  );

  it('gives what came before its connection broke', async () => {
    // A stream that holds nothing back, and has no end.
    const begun = compress(Buffer.from('data: first\n\n'), { finishFlush: flush });
    const peer = await listen((socket) => {
      socket.write(head(coding, null));
      socket.end(chunk(begun));
    });
    for (let nth = 0; nth < 20; nth++) {
      const heard = await exchange(upstreamOf(peer.port));
      expect(heard.body.toString()).toBe('data: first\n\n');
      expect(heard.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
    }
  });

  it('that is something else is bad output', async () => {
    const peer = await listen((socket) =>
      writeWhole(socket, coding, Buffer.from('\xff{"plain": "json"}', 'latin1')),
    );
    const { error } = await exchange(upstreamOf(peer.port));
    // Bare deflate has no mark to know it by: what is none reads as one that breaks off.
    const bare = coding === 'Deflate' || coding === 'deflate';
    expect(bare ? ['GW_UPSTREAM_BAD_OUTPUT', 'GW_UPSTREAM_TRUNCATED'] : ['GW_UPSTREAM_BAD_OUTPUT']).toContain(
      error?.code,
    );
  });

  it('may not grow without bound', async () => {
    const bomb = compress(Buffer.alloc(8 * 1024 * 1024));
    const peer = await listen((socket) => writeWhole(socket, coding, bomb));
    const upstream = upstreamOf(peer.port, { maxAnswerBytes: 1024 * 1024 });
    const heard = await exchange(upstream);
    expect(heard.error?.code).toBe('GW_UPSTREAM_TOO_LARGE');
    expect(heard.body.length).toBeLessThanOrEqual(1024 * 1024);
  });

  it('stops while the caller is paused, and goes on', async () => {
    const bytes = 16 * 1024 * 1024;
    const peer = await listen((socket) => writeWhole(socket, coding, compress(Buffer.alloc(bytes))));
    const heard = send(upstreamOf(peer.port), post(), { onHead: () => heard.call.pause() });
    await vi.waitFor(() => expect(heard.log).toContain('head'), 5_000);
    await sleep(100);
    // A piece may have been on its way.
    expect(heard.body.length).toBeLessThan(1024 * 1024);
    expect(heard.log).not.toContain('end');
    heard.call.resume();
    await heard.ended;
    expect(heard.error).toBeNull();
    expect(heard.body.length).toBe(bytes);
  });

  it('says nothing more once aborted', async () => {
    const peer = await listen((socket) =>
      writeWhole(socket, coding, compress(Buffer.alloc(4 * 1024 * 1024))),
    );
    const heard = send(upstreamOf(peer.port), post(), { onData: () => heard.call.abort() });
    await vi.waitFor(() => expect(heard.log).toContain('data'), 5_000);
    await sleep(50);
    expect(heard.log).toEqual(['sent', 'head', 'data']);
    expect(heard.chunks).toHaveLength(1);
  });
});

describe('stacked codings', () => {
  it.each([
    ['gzip, br', 'content-encoding: gzip, br\r\n'],
    ['identity, gzip,, br', 'content-encoding: identity, gzip,, br\r\n'],
    ['two headers', 'content-encoding: gzip\r\nContent-Encoding: br\r\n'],
  ])('%s: undone from the last to the first', async (_name, lines) => {
    const body = zlib.brotliCompressSync(zlib.gzipSync(text));
    const peer = await listen((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${lines}content-length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    expect((await exchange(upstreamOf(peer.port))).body.toString()).toBe(text);
  });

  it('three are taken, a bomb in a bomb stays small, a cut inner one is a cut answer', async () => {
    const inner = zlib.gzipSync(text);
    const answers = [
      zlib.zstdCompressSync(zlib.deflateRawSync(zlib.gzipSync(text))),
      zlib.zstdCompressSync(zlib.deflateRawSync(zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024)))),
      zlib.zstdCompressSync(zlib.deflateRawSync(inner.subarray(0, -9))),
    ];
    const peer = await listen((socket, nth) => writeWhole(socket, 'gzip, deflate, zstd', answers[nth]!));
    const upstream = upstreamOf(peer.port, { maxAnswerBytes: 1024 * 1024 });
    expect((await exchange(upstream)).body.toString()).toBe(text);
    expect((await exchange(upstream)).error?.code).toBe('GW_UPSTREAM_TOO_LARGE');
    expect((await exchange(upstream)).error?.code).toBe('GW_UPSTREAM_TRUNCATED');
  });

  it('goes on through full layers when the caller pauses and resumes', async () => {
    const body = zlib.gzipSync(zlib.brotliCompressSync(Buffer.alloc(8 * 1024 * 1024, 'abc')));
    const peer = await listen((socket) => writeWhole(socket, 'br, gzip', body));
    const heard = send(upstreamOf(peer.port), post(), {
      onData() {
        heard.call.pause();
        setImmediate(() => heard.call.resume());
      },
    });
    await heard.ended;
    expect(heard.body.length).toBe(8 * 1024 * 1024);
  });
});

describe('what cannot be undone', () => {
  it.each(['compress', 'exi', 'gzip, sdch', 'gzip;q=1', 'br, br, br, br'])(
    '%s fails at the head, by name',
    async (coding) => {
      const peer = await listen((socket) => writeWhole(socket, coding, Buffer.from('secret bytes')));
      const heard = await exchange(upstreamOf(peer.port));
      expect(heard.log).toEqual(['sent', 'error']);
      expect(heard.error).toMatchObject({ code: 'GW_UPSTREAM_BAD_OUTPUT', retry: 'next' });
      expect(heard.error?.publicMessage).toContain('content encoding');
    },
  );

  it('is named in plain letters, whatever it is', async () => {
    const peer = await listen((socket) =>
      writeWhole(socket, `x-<b>"\xe9${'y'.repeat(200)}`, Buffer.from('')),
    );
    const { error } = await exchange(upstreamOf(peer.port));
    expect(error?.publicMessage).toMatch(/cannot read: x-\?b\?{4}y+\.$/);
  });

  it('of an error loses its body only: the status decides', async () => {
    const peer = await listen((socket) => writeWhole(socket, 'sdch', Buffer.from('??'), '429 Too Many'));
    const upstream = upstreamOf(peer.port);
    for (let nth = 0; nth < 2; nth++) {
      const heard = await exchange(upstream);
      expect(heard.log).toEqual(['sent', 'head', 'end']);
      expect(heard.status).toBe(429);
    }
    expect(peer.connections).toHaveLength(1);
  });

  it('a plain error under the name of gzip is an error without a body', async () => {
    const peer = await listen((socket) => writeWhole(socket, 'gzip', Buffer.from('Unauthorized'), '401 No'));
    const heard = await exchange(upstreamOf(peer.port));
    expect(heard.log).toEqual(['sent', 'head', 'end']);
    expect(heard.status).toBe(401);
  });
});

describe('nothing to undo', () => {
  it.each(['identity', '', ' , ', 'IDENTITY'])('%j is no coding', async (coding) => {
    const peer = await listen((socket) => writeWhole(socket, coding, Buffer.from('plain')));
    expect((await exchange(upstreamOf(peer.port))).body.toString()).toBe('plain');
  });

  it.each([...codings.map(([coding]) => coding), 'gzip, br'])(
    'an empty body is one under %s too',
    async (coding) => {
      const peer = await listen((socket) => writeWhole(socket, coding, Buffer.alloc(0)));
      const heard = await exchange(upstreamOf(peer.port));
      expect(heard.log).toEqual(['sent', 'head', 'end']);
    },
  );

  it('a 204 that speaks of gzip ends well', async () => {
    const peer = await listen((socket) =>
      socket.write('HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n'),
    );
    expect((await exchange(upstreamOf(peer.port))).log).toEqual(['sent', 'head', 'end']);
  });
});

it('a handler that throws on a decoded piece fails its own call only', async () => {
  const peer = await listen((socket) => writeWhole(socket, 'gzip', zlib.gzipSync(text)));
  const upstream = upstreamOf(peer.port);
  const heard = send(upstream, post(), {
    onData() {
      throw new Error('a bug');
    },
  });
  await heard.ended;
  expect(heard.error?.code).toBe('GW_GATEWAY_INTERNAL');
  expect((await exchange(upstream)).body.toString()).toBe(text);
});

it.each(['onData', 'onEnd', 'onError'] as const)(
  'an %s that aborts and throws ends no process',
  async (event) => {
    const body = zlib.gzipSync(text);
    const cut = event === 'onError' ? body.subarray(0, -9) : body;
    const peer = await listen((socket, nth) => writeWhole(socket, 'gzip', nth === 0 ? cut : body));
    const upstream = upstreamOf(peer.port);
    let thrown = 0;
    const heard = send(upstream, post(), {
      [event]() {
        thrown++;
        heard.call.abort();
        throw new Error('a bug');
      },
    });
    await vi.waitFor(() => expect(thrown).toBe(1), 5_000);
    // Were it uncaught, this file would fail.
    expect((await exchange(upstream)).body.toString()).toBe(text);
  },
);
