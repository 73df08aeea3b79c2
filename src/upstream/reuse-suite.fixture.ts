// When a connection is used again, when not, and how calls share connections: beside describeUpstream.
import { describe, expect, it, vi } from 'vitest';
import type { Upstream } from '../contracts/upstream.ts';
import type { LeanUpstreamOptions } from './lean-client.ts';
import { exchange, listen, ok, post, send } from './peer.fixture.ts';
import { upstreamsBy } from './upstreams.fixture.ts';

export function describeReuse(name: string, make: (options: LeanUpstreamOptions) => Upstream): void {
  const upstreamOf = upstreamsBy(make);

  describe(`${name}: a connection`, () => {
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const answers: [name: string, answer: string, body: string, reused: boolean][] = [
      ['of known length', ok('abc'), 'abc', true],
      ['without a body', ok(''), '', true],
      ['in chunks', `${chunked}3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`, 'abc0123456789', true],
      [
        'in chunks with extensions and trailers',
        `${chunked}3;a=b;c="d e"\r\nabc\r\n0;last\r\nx-sum: 1\r\nx-more:\r\n\r\n`,
        'abc',
        true,
      ],
      ['with status 204', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
      ['with status 304', 'HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n', '', true],
      ['without a reason', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx', 'x', true],
      [
        'of HTTP/1.0 that stays',
        'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\nx',
        'x',
        true,
      ],
      ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', 'x', false],
      ['that says close', ok('abc', 'Connection: close\r\n'), 'abc', false],
      ['that says close among others', ok('abc', 'connection: x, Close\r\n'), 'abc', false],
      ['on a connection not held for long', ok('abc', 'keep-alive: timeout=1\r\n'), 'abc', false],
      ['on a connection held for long', ok('abc', 'keep-alive: timeout=20, max=5\r\n'), 'abc', true],
    ];
    it.each(answers)(
      'is used again after an answer %s when that allows it',
      async (_name, answer, body, reused) => {
        const peer = await listen((socket) => socket.write(answer));
        const upstream = upstreamOf(peer.port, { connections: 1 });
        for (let i = 0; i < 3; i++) {
          const heard = await exchange(upstream);
          expect(heard.error).toBeNull();
          expect(heard.body.toString()).toBe(body);
        }
        expect(peer.connections).toHaveLength(reused ? 1 : 3);
      },
    );

    it('is given up when the server speaks unasked on it', async () => {
      const peer = await listen((socket, nth) => {
        socket.write(ok(`answer ${nth}`));
        setTimeout(() => socket.write(ok('unasked')), 20);
      });
      const upstream = upstreamOf(peer.port, { connections: 1 });
      expect((await exchange(upstream)).body.toString()).toBe('answer 0');
      await vi.waitFor(() => expect(upstream.stats().connected).toBe(0), 5_000);
      expect((await exchange(upstream)).body.toString()).toBe('answer 1');
      expect(peer.connections).toHaveLength(2);
    });

    it('the server closed while idle is not used, and nobody hears of it', async () => {
      const peer = await listen((socket) => {
        socket.write(ok());
        setTimeout(() => socket.end(), 10);
      });
      const upstream = upstreamOf(peer.port, { connections: 1 });
      for (let i = 0; i < 3; i++) {
        expect((await exchange(upstream)).error).toBeNull();
        await vi.waitFor(() => expect(upstream.stats().connected).toBe(0), 5_000);
      }
      expect(upstream.stats()).toEqual({ connected: 0, running: 0, pending: 0 });
      expect(peer.connections).toHaveLength(3);
    });

    it('whose neighbour is aborted goes to the call that waits', async () => {
      const peer = await listen((socket, nth) => nth > 0 && socket.write(ok(`${nth}`)));
      const upstream = upstreamOf(peer.port, { connections: 1 });
      const silent = send(upstream, post());
      const waiting = send(upstream, post());
      await vi.waitFor(() => expect(peer.received[0]).toContain('{"a":1}'));
      expect(upstream.stats()).toEqual({ connected: 1, running: 1, pending: 1 });
      silent.call.abort();
      await waiting.ended;
      expect(waiting.body.toString()).toBe('1');
    });
  });

  describe(`${name}: requests`, () => {
    it('go out whole, however large their body', async () => {
      const peer = await listen((socket) => socket.write(ok()));
      const upstream = upstreamOf(peer.port, { connections: 1 });
      for (const size of [0, 1, 16 * 1024, 16 * 1024 + 1, 3_000_000]) {
        const body = Buffer.alloc(size, 'abcdefg');
        expect((await exchange(upstream, { ...post(), body })).status).toBe(200);
        const request = peer.received.join('');
        expect(request.endsWith(`content-length: ${size}\r\n\r\n${body.toString()}`)).toBe(true);
        for (const index of peer.received.keys()) peer.received[index] = '';
      }
      expect((await exchange(upstream, { ...post(null), method: 'GET' })).status).toBe(200);
      expect(peer.received.join('')).not.toContain('content-length');
      expect(peer.connections).toHaveLength(1);
    });

    it('queue in order, and each gets its own answer', async () => {
      const peer = await listen((socket, nth) => {
        const body = `${nth}:`.repeat((nth * 37) % 900);
        const bytes = Buffer.from(ok(body));
        const cut = (nth * 13) % bytes.length;
        socket.write(bytes.subarray(0, cut));
        setImmediate(() => socket.write(bytes.subarray(cut)));
      });
      const upstream = upstreamOf(peer.port, { connections: 3 });
      const all = Array.from({ length: 60 }, () => send(upstream, post()));
      await Promise.all(all.map(({ ended }) => ended));
      expect(all.map(({ error }) => error)).toEqual(all.map(() => null));
      const texts = new Set(all.map(({ body }) => body.toString()));
      expect(texts).toEqual(new Set(all.map((_, nth) => `${nth}:`.repeat((nth * 37) % 900))));
      expect(peer.connections).toHaveLength(3);
    });

    it('that wait while the upstream closes still get their answer', async () => {
      const peer = await listen((socket) => setTimeout(() => socket.write(ok('late')), 10));
      const upstream = upstreamOf(peer.port, { connections: 1, closeTimeoutMs: 60_000 });
      const all = Array.from({ length: 3 }, () => send(upstream, post()));
      await upstream.close();
      for (const heard of all) {
        await heard.ended;
        expect(heard.body.toString()).toBe('late');
      }
    });

    it('refused before they were out leave no rest in the way of the next', async () => {
      const { createServer } = await import('node:net');
      let connections = 0;
      const server = createServer((socket) => {
        connections++;
        socket.on('error', () => {});
        socket.once('data', (first) => {
          if (first.includes('"a":1')) socket.write(ok('fine'));
          else socket.pause().write(ok('too large'));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const upstream = upstreamOf((server.address() as { port: number }).port, { connections: 1 });
      const heard = await exchange(upstream, { ...post(), body: Buffer.alloc(20_000_000) });
      expect(heard.body.toString()).toBe('too large');
      expect((await exchange(upstream)).body.toString()).toBe('fine');
      expect(connections).toBe(2);
      server.close();
    });
  });
}
