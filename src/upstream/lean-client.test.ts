import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { splice } from '../body/splice.ts';
import { standstill } from '../ipc/standstill.fixture.ts';
import { createLeanUpstream } from './lean-client.ts';
import { acceptQueueLength } from '../http/uws/accept-queue.ts';
import { exchange, listen, ok, post, send } from './peer.fixture.ts';
import { describeReuse } from './reuse-suite.fixture.ts';
import { describeUpstream } from './upstream-suite.fixture.ts';
import { upstreamsBy } from './upstreams.fixture.ts';

describeUpstream('the lean client', createLeanUpstream);
describeReuse('the lean client', createLeanUpstream);

describe('the lean client alone', () => {
  const upstreamOf = upstreamsBy(createLeanUpstream);

  it('delivers the pieces of one read as one chunk', async () => {
    const pieces = Array.from({ length: 50 }, (_, i) => `5\r\nab${String(i).padStart(2, '0')}\n\r\n`).join(
      '',
    );
    const peer = await listen((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`),
    );
    const heard = await exchange(upstreamOf(peer.port));
    expect(heard.chunks).toHaveLength(1);
    expect(heard.body.toString()).toBe(
      Array.from({ length: 50 }, (_, i) => `ab${String(i).padStart(2, '0')}\n`).join(''),
    );
  });

  it('takes a connection that stands, however long this process stood still while it was made', async () => {
    const peer = await listen((socket) => socket.write(ok('there')));
    const heard = exchange(upstreamOf(peer.port, { connectTimeoutMs: 10 }));
    // It is asked for by then, and made by the kernel alone.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    expect((await heard).body.toString()).toBe('there');
  });

  it('sends a body in pieces behind its head, whole', async () => {
    const peer = await listen((socket) => socket.write(ok('got it')));
    const body = Buffer.from(`{"model":"a/é","x":"${'x'.repeat(300_000)}"}`);
    const edited = splice(body, [{ start: 10, end: 12, text: 'ü' }]);
    const heard = await exchange(upstreamOf(peer.port), { ...post(), body: edited });
    expect(heard.body.toString()).toBe('got it');
    const [head, sent] = peer.received.join('').split('\r\n\r\n');
    expect(head).toContain(`content-length: ${body.length}`);
    expect(sent).toBe(
      body
        .toString()
        .replace('a/', 'ü')
        .replace(/./gu, (one) => Buffer.from(one).toString('latin1')),
    );
  });

  it('takes a connection that is there, however long this process stood still meanwhile', async () => {
    const peer = await listen((socket) => socket.write(ok('here')));
    const standStill = await standstill();
    const heard = send(upstreamOf(peer.port, { connectTimeoutMs: 200 }), post());
    // Until here it has not asked the system yet.
    process.nextTick(() => void standStill(900, () => undefined));
    await heard.ended;
    expect(heard.body.toString()).toBe('here');
  });

  it('uses a connection again whose last answer ended while paused', async () => {
    const peer = await listen((socket) => socket.write(ok('short')));
    const upstream = upstreamOf(peer.port, { connections: 1 });
    for (let i = 0; i < 3; i++) {
      const heard = send(upstream, post(), { onData: () => heard.call.pause() });
      await heard.ended;
      expect(heard.body.toString()).toBe('short');
    }
    expect(peer.connections).toHaveLength(1);
    peer.connections[0]!.end();
    await vi.waitFor(() => expect(upstream.stats().connected).toBe(0));
  });

  it('holds an idle connection for three seconds, or as long as the server says less two', async () => {
    let now = 0;
    let held = '';
    const peer = await listen((socket) => socket.write(ok('x', held)));
    const upstream = upstreamOf(peer.port, { connections: 1, now: () => now });
    const connections: number[] = [];
    const exchangeAfter = async (ms: number): Promise<void> => {
      now += ms;
      await exchange(upstream);
      connections.push(peer.connections.length);
    };
    await exchangeAfter(0);
    await exchangeAfter(2_999);
    await exchangeAfter(3_000);
    held = 'keep-alive: timeout=10\r\n';
    await exchangeAfter(0);
    await exchangeAfter(7_999);
    await exchangeAfter(8_000);
    expect(connections).toEqual([1, 1, 2, 2, 2, 3]);
  });

  it('closes idle connections that nobody wants any more', async () => {
    let now = 0;
    const peer = await listen((socket) => socket.write(ok()));
    const upstream = upstreamOf(peer.port, { now: () => now });
    await Promise.all([exchange(upstream), exchange(upstream)]);
    expect(upstream.stats()).toEqual({ connected: 2, running: 0, pending: 0 });
    now += 10_000;
    await vi.waitFor(() => expect(upstream.stats().connected).toBe(0), { timeout: 5_000 });
  });

  it('refuses headers and paths that would frame the request otherwise', async () => {
    const peer = await listen((socket) => socket.write(ok()));
    const upstream = upstreamOf(peer.port);
    const bad: [headers: Record<string, string>, path: string][] = [
      [{ 'transfer-encoding': 'chunked' }, '/'],
      [{ 'content-length': '1' }, '/'],
      [{ a: 'b\r\nc: d' }, '/'],
      [{}, '/a b'],
      [{}, '/a\r\nb: c'],
    ];
    for (const [headers, path] of bad) {
      const heard = send(upstream, { ...post(), headers, path });
      expect(heard.log).toEqual([]);
      await heard.ended;
      expect(heard.error?.code).toBe('GW_GATEWAY_INTERNAL');
    }
    await sleep(10);
    expect(peer.connections).toHaveLength(0);
  });

  it('cannot be made for what is not HTTP', () => {
    expect(() => upstreamOf(0, { baseUrl: 'ftp://127.0.0.1' })).toThrow(TypeError);
  });

  it('connects without a clock when given none', async () => {
    const peer = await listen((socket) => socket.write(ok()));
    expect((await exchange(upstreamOf(peer.port, { connectTimeoutMs: 0 }))).status).toBe(200);
  });

  it.skipIf(process.platform !== 'linux')(
    'takes a connection that stands when its time is over: it was this process that stood still',
    async () => {
      const peer = await listen((socket) => socket.write(ok()));
      const upstream = upstreamOf(peer.port, { connectTimeoutMs: 5_000 });
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      // As timers do, ahead of the reads of a turn.
      await new Promise((resolve) => setImmediate(resolve));
      const heard = send(upstream, post());
      // The kernel has the connection by then; nobody here has been told.
      await new Promise((resolve) => process.nextTick(resolve));
      const giveUpAt = performance.now() + 60_000;
      while (acceptQueueLength(peer.port) === 0 && performance.now() < giveUpAt);
      vi.advanceTimersByTime(5_000);
      await heard.ended;
      expect([heard.status, heard.error]).toEqual([200, null]);
      expect(peer.connections).toHaveLength(1);
    },
  );

  it('reaches a host by any of its addresses', async () => {
    const peer = await listen((socket) => socket.write(ok()));
    expect((await exchange(upstreamOf(peer.port, { baseUrl: `http://localhost:${peer.port}` }))).status).toBe(
      200,
    );
  });
});
