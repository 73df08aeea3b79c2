// What an upstream says of a call that goes well, and how it sends one: part of describeUpstream.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { exchange, type Heard, listen, ok, post, send } from './peer.fixture.ts';
import type { UpstreamOf } from './upstreams.fixture.ts';

/** Sent as given, heard in order, whatever stands before the answer. */
export function answersOf(upstreamOf: UpstreamOf): void {
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
}
