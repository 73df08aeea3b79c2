// What an upstream makes of a server that fails, lies or never stops: part of describeUpstream.
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { closePeers, exchange, listen, ok, post, send } from './peer.fixture.ts';
import type { UpstreamOf } from './upstreams.fixture.ts';

/** Each fault has its code and its advice, and a socket in doubt is never used again. */
export function faultsOf(upstreamOf: UpstreamOf): void {
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
}
