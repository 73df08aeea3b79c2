// What every HTTP upstream of the gateway must do, as one suite over real sockets: `describeUpstream(name, make)`.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Upstream } from '../contracts/upstream.ts';
import type { LeanUpstreamOptions } from './lean-client.ts';
import { closePeers, exchange, type Heard, listen, ok, post, send } from './peer.fixture.ts';

export function describeUpstream(name: string, make: (options: LeanUpstreamOptions) => Upstream): void {
  describe(name, () => {
    const upstreams: Upstream[] = [];
    const sockets = new Set<Socket>();
    const servers: Server[] = [];

    afterEach(async () => {
      closePeers();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      for (const server of servers.splice(0)) server.close();
      await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
    });

    function upstreamOf(port: number, options: Partial<LeanUpstreamOptions> = {}): Upstream {
      const upstream = make({
        baseUrl: `http://127.0.0.1:${port}`,
        connections: 4,
        connectTimeoutMs: 2000,
        closeTimeoutMs: 200,
        ...options,
      });
      upstreams.push(upstream);
      return upstream;
    }

    describe('a call that goes well', () => {
      it('reports sent, head, data, end in this order and nothing inside send()', async () => {
        const peer = await listen((socket) => socket.write(ok('hello')));
        const heard = send(upstreamOf(peer.port), post());
        expect(heard.log).toEqual([]);
        await heard.ended;
        expect(heard.log).toEqual(['sent', 'head', 'data', 'end']);
        expect(heard.status).toBe(200);
        expect(heard.body.toString()).toBe('hello');
      });

      it('sends the headers as given, the length of the body, and the path below the base', async () => {
        const peer = await listen((socket) => socket.write(ok()));
        for (const base of ['/v1/', '/v1', '', '/']) {
          const upstream = upstreamOf(peer.port, { baseUrl: `http://127.0.0.1:${peer.port}${base}` });
          await exchange(upstream, { ...post('{"é":1}'), path: '/chat/completions' });
        }
        await exchange(upstreamOf(peer.port, { baseUrl: `http://127.0.0.1:${peer.port}/az?api-version=1` }));
        const lines = peer.received.map((text) => text.split('\r\n')[0]);
        expect(lines).toEqual([
          'POST /v1/chat/completions HTTP/1.1',
          'POST /v1/chat/completions HTTP/1.1',
          'POST /chat/completions HTTP/1.1',
          'POST /chat/completions HTTP/1.1',
          'POST /az/chat?api-version=1 HTTP/1.1',
        ]);
        expect(peer.received[0]).toContain('\r\ncontent-length: 8\r\n');
        expect(peer.received[0]).toContain('\r\ncontent-type: application/json\r\n');
        expect(peer.received[0]).toContain(`\r\nhost: 127.0.0.1:${peer.port}\r\n`);
      });

      it('gives header values as strings and repeated headers as arrays', async () => {
        const peer = await listen((socket) =>
          socket.write(ok('', 'X-One: a\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n')),
        );
        const { headers } = await exchange(upstreamOf(peer.port));
        expect(headers['x-one']).toBe('a');
        expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
      });

      it('uses a connection again, and a new one when asked for a fresh one', async () => {
        const peer = await listen((socket) => socket.write(ok()));
        const upstream = upstreamOf(peer.port, { connections: 1 });
        await exchange(upstream);
        await exchange(upstream);
        expect(peer.connections).toHaveLength(1);
        const fresh = await exchange(upstream, { ...post(), fresh: true });
        expect(fresh.status).toBe(200);
        expect(peer.connections).toHaveLength(2);
        await vi.waitFor(() =>
          expect(peer.connections[1]!.readableEnded || peer.connections[1]!.destroyed).toBe(true),
        );
      });

      it('keeps calls that begin in the end of another within the given connections', async () => {
        const peer = await listen((socket) => socket.write(ok()));
        const upstream = upstreamOf(peer.port, { connections: 1 });
        const second = Promise.withResolvers<Heard>();
        send(upstream, post(), { onEnd: () => second.resolve(send(upstream, post())) });
        await (await second.promise).ended;
        expect(peer.connections).toHaveLength(1);
      });

      it('hands out chunks that later answers do not overwrite', async () => {
        let n = 0;
        const peer = await listen((socket) => socket.write(ok(String(n++).repeat(50_000))));
        const upstream = upstreamOf(peer.port);
        const first = await exchange(upstream);
        for (let i = 0; i < 8; i++) await exchange(upstream);
        expect(first.body.equals(Buffer.from('0'.repeat(50_000)))).toBe(true);
      });

      it.each([
        ['an early hint', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
        ['a 100 nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
        ['a 100 with the length of nothing', 'HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n\r\n'],
        ['a 100 of HTTP/1.0 that speaks of closing', 'HTTP/1.0 100 Continue\r\nconnection: close\r\n\r\n'],
        ['one without a reason or a meaning', 'HTTP/1.1 199 \r\n\r\n'],
        [
          'several of several kinds',
          ['100 Continue', '102 Processing', '103 Early Hints', '102 Processing']
            .map((line) => `HTTP/1.1 ${line}\r\n\r\n`)
            .join(''),
        ],
      ])('passes over %s before the answer, and uses the connection again', async (_name, interim) => {
        const peer = await listen((socket) => socket.write(interim + ok('x')));
        const upstream = upstreamOf(peer.port);
        for (let nth = 0; nth < 2; nth++) {
          const heard = await exchange(upstream);
          expect(heard.log).toEqual(['sent', 'head', 'data', 'end']);
          expect(heard.status).toBe(200);
          expect(heard.body.toString()).toBe('x');
        }
        expect(peer.connections).toHaveLength(1);
      });

      it('passes over interim heads that come long before the answer, byte by byte', async () => {
        const peer = await listen(async (socket) => {
          for (const byte of 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n') {
            socket.write(byte);
            await sleep(1);
          }
          socket.write(ok('x'));
        });
        const heard = await exchange(upstreamOf(peer.port));
        expect(heard.log).toEqual(['sent', 'head', 'data', 'end']);
      });

      it('takes the close of the connection for the end when the answer has no other', async () => {
        const peer = await listen((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the close'));
        const heard = await exchange(upstreamOf(peer.port));
        expect(heard.log.at(-1)).toBe('end');
        expect(heard.body.toString()).toBe('until the close');
      });
    });

    describe('a slow reader', () => {
      it('stalls the server while paused, and loses nothing once resumed', async () => {
        const total = 24 * 1024 * 1024;
        let drained = false;
        const peer = await listen((socket) => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
          socket.write(Buffer.alloc(total, 'x'), () => {
            drained = true;
          });
        });
        const heard = send(upstreamOf(peer.port), post(), { onHead: () => heard.call.pause() });
        await vi.waitFor(() => expect(heard.status).toBe(200));
        await sleep(150);
        const before = heard.body.length;
        expect(drained).toBe(false);
        expect(before).toBeLessThan(total / 4);
        await sleep(100);
        expect(heard.body.length).toBe(before);
        heard.call.resume();
        await heard.ended;
        expect(heard.error).toBeNull();
        expect(heard.body.length).toBe(total);
      });

      it('may pause before it is connected', async () => {
        const peer = await listen((socket) => socket.write(ok('y'.repeat(500_000))));
        const heard = send(upstreamOf(peer.port), post());
        heard.call.pause();
        await vi.waitFor(() => expect(heard.log).toEqual(['sent']));
        await sleep(50);
        expect(heard.log).toEqual(['sent']);
        heard.call.resume();
        await heard.ended;
        expect(heard.body.length).toBe(500_000);
      });

      it('may pause and resume inside a callback', async () => {
        const peer = await listen((socket) => socket.write(ok('y'.repeat(500_000))));
        const heard = send(upstreamOf(peer.port), post(), {
          onData: () => {
            heard.call.pause();
            heard.call.resume();
          },
        });
        await heard.ended;
        expect(heard.error).toBeNull();
        expect(heard.body.length).toBe(500_000);
      });

      it('may resume one stream inside the callback of another', async () => {
        const peer = await listen((socket) => socket.write(ok('z'.repeat(500_000))));
        const upstream = upstreamOf(peer.port);
        const slow = send(upstream, post(), { onHead: () => slow.call.pause() });
        await vi.waitFor(() => expect(slow.status).toBe(200));
        const other = send(upstream, post(), { onData: () => slow.call.resume() });
        await Promise.all([slow.ended, other.ended]);
        expect([slow.error, other.error]).toEqual([null, null]);
        expect(slow.body.length).toBe(500_000);
      });
    });

    describe('abort', () => {
      it('closes the connection at once before the head, with no callback after', async () => {
        const peer = await listen(() => {});
        const heard = send(upstreamOf(peer.port), post());
        await vi.waitFor(() => expect(peer.received[0]).toContain('{"a":1}'));
        const closed = once(peer.connections[0]!, 'close');
        const at = performance.now();
        heard.call.abort();
        heard.call.abort();
        await closed;
        expect(performance.now() - at).toBeLessThan(1000); // no clock of undici is involved
        await sleep(20);
        expect(heard.log).toEqual(['sent']);
      });

      it('closes the connection inside a body, from inside a callback, and while paused', async () => {
        const peer = await listen((socket) =>
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart'),
        );
        const upstream = upstreamOf(peer.port);
        const inside = send(upstream, post(), { onData: () => inside.call.abort() });
        await vi.waitFor(() =>
          expect(peer.connections[0]?.destroyed || peer.connections[0]?.readableEnded).toBe(true),
        );
        const paused = send(upstream, post(), { onData: () => paused.call.pause() });
        await vi.waitFor(() => expect(paused.body.toString()).toBe('part'));
        const closed = once(peer.connections[1]!, 'end');
        paused.call.abort();
        await closed;
        await sleep(20);
        expect(inside.log).toEqual(['sent', 'head', 'data']);
        expect(paused.log).toEqual(['sent', 'head', 'data']);
      });

      it('works at once while the TLS handshake hangs, and frees the connection for the next call', async () => {
        const opened: Socket[] = [];
        const server = createServer((socket) => {
          opened.push(socket);
          sockets.add(socket);
          socket.on('error', () => {});
          socket.resume();
        });
        servers.push(server);
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address() as AddressInfo;
        const upstream = upstreamOf(port, { baseUrl: `https://127.0.0.1:${port}`, connections: 1 });
        for (let nth = 0; nth < 3; nth++) {
          const heard = send(upstream, post());
          await vi.waitFor(() => expect(opened).toHaveLength(nth + 1));
          const closed = once(opened[nth]!, 'close');
          const at = performance.now();
          heard.call.abort();
          await closed;
          expect(performance.now() - at).toBeLessThan(1000); // no clock of undici is involved
          expect(heard.log).toEqual([]);
        }
        expect(upstream.stats()).toEqual({ connected: 0, running: 0, pending: 0 });
      });

      it('in the turn of send() leaves nothing behind at the server', async () => {
        const peer = await listen((socket) => socket.write(ok()));
        const upstream = upstreamOf(peer.port);
        const heard = send(upstream, post());
        heard.call.abort();
        await sleep(50);
        expect(peer.received.join('')).toBe('');
        expect(heard.log).toEqual([]);
        expect((await exchange(upstream)).status).toBe(200);
      });

      it('of a call that waits for a connection keeps the connection of its neighbour', async () => {
        let release = () => {};
        const peer = await listen((socket, nth) => {
          if (nth > 0) socket.write(ok());
          else release = () => socket.write(ok('first'));
        });
        const upstream = upstreamOf(peer.port, { connections: 1 });
        const first = send(upstream, post());
        await vi.waitFor(() => expect(peer.received[0]).toContain('{"a":1}'));
        const waiting = send(upstream, post());
        waiting.call.abort();
        release();
        await first.ended;
        expect((await exchange(upstream)).status).toBe(200);
        expect(waiting.log).toEqual([]);
        expect(peer.connections).toHaveLength(1);
      });
    });

    describe('close()', () => {
      it('lets a running call end', async () => {
        let release = () => {};
        const peer = await listen((socket) => {
          release = () => socket.write(ok('late'));
        });
        const upstream = upstreamOf(peer.port, { closeTimeoutMs: 5000 });
        const heard = send(upstream, post());
        await vi.waitFor(() => expect(heard.log).toContain('sent'));
        const closed = upstream.close();
        await sleep(20);
        release();
        await Promise.all([heard.ended, closed]);
        expect(heard.body.toString()).toBe('late');
        const after = await exchange(upstream);
        expect(after.error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', retry: 'next' });
      });

      it('cuts what is still running after its time', async () => {
        const peer = await listen((socket) =>
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
        );
        const upstream = upstreamOf(peer.port, { closeTimeoutMs: 50 });
        const pooled = send(upstream, post());
        const fresh = send(upstream, { ...post(), fresh: true });
        await vi.waitFor(() => expect(pooled.status + fresh.status).toBe(400));
        await upstream.close();
        await Promise.all([pooled.ended, fresh.ended]);
        expect(pooled.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
        expect(fresh.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
      });
    });

    describe('faults', () => {
      it('reports a refused connection and an unknown host as such', async () => {
        const peer = await listen(() => {});
        closePeers();
        const refused = await exchange(upstreamOf(peer.port));
        expect(refused.log).toEqual(['error']);
        expect(refused.error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', retry: 'same', status: 502 });
        const unknown = await exchange(upstreamOf(0, { baseUrl: 'http://nowhere.invalid' }));
        expect(unknown.error).toMatchObject({ code: 'GW_UPSTREAM_DNS', retry: 'next', status: 502 });
      });

      it('advises a fresh connection when the server closed without a byte', async () => {
        for (const close of ['end', 'resetAndDestroy'] as const) {
          const peer = await listen((socket) => socket[close]());
          const heard = await exchange(upstreamOf(peer.port));
          expect(heard.log).toEqual(['sent', 'error']);
          expect(heard.error).toMatchObject({ code: 'GW_UPSTREAM_RESET', retry: 'fresh' });
        }
      });

      it('never lets a call hang or fail otherwise when the server closes idle connections', async () => {
        const peer = await listen((socket) => {
          socket.write(ok());
          setTimeout(() => socket.resetAndDestroy(), 1);
        });
        const upstream = upstreamOf(peer.port);
        for (let i = 0; i < 150; i++) {
          let heard = await exchange(upstream);
          if (heard.error !== null) {
            expect(heard.error).toMatchObject({ code: 'GW_UPSTREAM_RESET', retry: 'fresh' });
            heard = await exchange(upstream, { ...post(), fresh: true });
          }
          expect(heard.status).toBe(200);
          await sleep(i % 3);
        }
      });

      it('reports a body that ends early as truncated, however it ends', async () => {
        const heads = [
          'content-length: 10\r\n',
          'transfer-encoding: chunked\r\n',
          'connection: close\r\ncontent-length: 10\r\n',
          'connection: close\r\ntransfer-encoding: chunked\r\n',
        ];
        for (const head of heads) {
          for (const close of ['end', 'resetAndDestroy'] as const) {
            const body = head.includes('chunked') ? '3\r\nabc\r\n' : 'abc';
            const peer = await listen((socket) => {
              socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`);
              setTimeout(() => socket[close](), 10);
            });
            const heard = await exchange(upstreamOf(peer.port));
            expect(heard.body.toString()).toBe('abc');
            expect(heard.log).toEqual(['sent', 'head', 'data', 'error']);
            expect(heard.error).toMatchObject({ code: 'GW_UPSTREAM_TRUNCATED', retry: 'same' });
          }
        }
      });

      const malformed: [name: string, answer: string][] = [
        [
          'length and chunked',
          'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        ],
        [
          'chunked and length',
          'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n',
        ],
        ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc'],
        ['two different lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
        ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: 3x\r\n\r\nabc'],
        ['a bad chunk size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n'],
        [
          'a chunk longer than it says',
          'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n',
        ],
        ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 3\n\nabc'],
        ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
        ['a head too large', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
        ['too many headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(100_000)}\r\n`],
        ['a flood of interim heads', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000)],
        ['a flood of 100s', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17)}${ok('abc')}`],
        ['a 100 with a body', `HTTP/1.1 100 Continue\r\ncontent-length: 3\r\n\r\nabc${ok()}`],
        ['an unasked 101', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
        ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 3\r\n\r\nabc'],
      ];
      it.each(malformed)('refuses %s and never uses the socket again', async (_name, answer) => {
        const peer = await listen((socket, nth) => socket.write(nth === 0 ? answer : ok('next')));
        const upstream = upstreamOf(peer.port);
        const heard = await exchange(upstream);
        expect(heard.error?.code).toBe('GW_UPSTREAM_BAD_OUTPUT');
        expect(inspect(heard.error, { depth: 9 })).not.toContain('abc'); // what the provider sent is not for the log
        expect((await exchange(upstream)).body.toString()).toBe('next');
        expect(peer.connections).toHaveLength(2);
      });

      it('reports half a head as bad output', async () => {
        const peer = await listen((socket) => socket.end('HTTP/1.1 200 OK\r\nconte'));
        expect((await exchange(upstreamOf(peer.port))).error?.code).toBe('GW_UPSTREAM_BAD_OUTPUT');
      });

      it('does not take bytes behind an answer for the next answer', async () => {
        const peer = await listen((socket, nth) =>
          socket.write(nth === 0 ? `${ok('one')}${ok('smuggled')}` : ok('two')),
        );
        const upstream = upstreamOf(peer.port);
        expect((await exchange(upstream)).body.toString()).toBe('one');
        expect((await exchange(upstream)).body.toString()).toBe('two');
        expect(peer.connections).toHaveLength(2);
      });

      it('stops at the cap of an answer', async () => {
        const peer = await listen((socket) => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          const more = () => {
            while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) {}
          };
          socket.on('drain', more);
          more();
        });
        const heard = await exchange(upstreamOf(peer.port, { maxAnswerBytes: 300_000 }));
        expect(heard.error).toMatchObject({ code: 'GW_UPSTREAM_TOO_LARGE', retry: 'next' });
        expect(heard.body.length).toBeLessThanOrEqual(300_000);
      });

      it('settles a call whose handler throws, as an internal error', async () => {
        const peer = await listen((socket) => socket.write(ok()));
        const upstream = upstreamOf(peer.port);
        for (const method of ['onHead', 'onData', 'onEnd'] as const) {
          const heard = send(upstream, post(), {
            [method]: () => {
              throw new TypeError('bug');
            },
          });
          await heard.ended;
          expect(heard.error?.code).toBe('GW_GATEWAY_INTERNAL');
        }
        const unsendable = await exchange(upstream, { ...post(), headers: { 'bad name': 'x' } });
        expect(unsendable.error?.code).toBe('GW_GATEWAY_INTERNAL');
        expect((await exchange(upstream)).status).toBe(200);
      });
    });
  });
}
