// What the caller may do to an upstream at any moment, that is read slowly, give up and close: part of describeUpstream.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { exchange, listen, ok, post, send } from './peer.fixture.ts';
import type { UpstreamOf } from './upstreams.fixture.ts';

/** Clocks that would close a connection, where none is to: far longer than a process stands still. */
const CLOCKS_MS = 60_000;

/** The pace of the reader is the pace of the server. */
export function slowReaderOf(upstreamOf: UpstreamOf): void {
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
}

/** Nothing is heard of a call that was given up, and its neighbours keep what is theirs. */
export function abortOf(upstreamOf: UpstreamOf): void {
  it('closes the connection at once before the head, with no callback after', async () => {
    const peer = await listen(() => {});
    const heard = send(upstreamOf(peer.port, { connectTimeoutMs: CLOCKS_MS }), post());
    await vi.waitFor(() => expect(peer.received[0]).toContain('{"a":1}'));
    const closed = once(peer.connections[0]!, 'close');
    const at = performance.now();
    heard.call.abort();
    heard.call.abort();
    await closed;
    expect(performance.now() - at).toBeLessThan(CLOCKS_MS / 2); // no clock of undici is involved
    await sleep(20);
    expect(heard.log).toEqual(['sent']);
  });

  it('closes the connection inside a body, from inside a callback, and while paused', async () => {
    const peer = await listen((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart'));
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
    const peer = await listen(() => {});
    const upstream = upstreamOf(peer.port, {
      baseUrl: `https://127.0.0.1:${peer.port}`,
      connections: 1,
      connectTimeoutMs: CLOCKS_MS,
    });
    for (let nth = 0; nth < 3; nth++) {
      const heard = send(upstream, post());
      await vi.waitFor(() => expect(peer.connections).toHaveLength(nth + 1));
      const closed = once(peer.connections[nth]!, 'close');
      const at = performance.now();
      heard.call.abort();
      await closed;
      expect(performance.now() - at).toBeLessThan(CLOCKS_MS / 2); // no clock of undici is involved
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
}

/** Running calls end, or are cut when their time is over. */
export function closeOf(upstreamOf: UpstreamOf): void {
  it('lets a running call end', async () => {
    let release = () => {};
    const peer = await listen((socket) => {
      release = () => socket.write(ok('late'));
    });
    const upstream = upstreamOf(peer.port, { closeTimeoutMs: CLOCKS_MS });
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
    const peer = await listen((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    const upstream = upstreamOf(peer.port, { closeTimeoutMs: 50 });
    const pooled = send(upstream, post());
    const fresh = send(upstream, { ...post(), fresh: true });
    await vi.waitFor(() => expect(pooled.status + fresh.status).toBe(400));
    await upstream.close();
    await Promise.all([pooled.ended, fresh.ended]);
    expect(pooled.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
    expect(fresh.error?.code).toBe('GW_UPSTREAM_TRUNCATED');
  });
}
