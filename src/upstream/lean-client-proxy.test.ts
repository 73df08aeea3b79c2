// Providers behind a forward proxy, over real sockets and real TLS.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type ForwardProxy,
  type ForwardProxyOptions,
  startForwardProxy,
} from '../../tests/kit/forward-proxy.ts';
import type { Upstream } from '../contracts/upstream.ts';
import type { ConnectFailure } from './connect-failure.ts';
import { createLeanUpstream, type LeanUpstreamOptions } from './lean-client.ts';
import { closePeers, exchange, listen, ok, post, send } from './peer.fixture.ts';
import { CERT, KEY } from './tls-pair.fixture.ts';

const upstreams: Upstream[] = [];
const closing: { close(): unknown }[] = [];
let failures: ConnectFailure[] = [];

afterEach(async () => {
  vi.useRealTimers();
  closePeers();
  failures = [];
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
  for (const one of closing.splice(0)) one.close();
});

async function proxyOf(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const proxy = await startForwardProxy({
    names: { 'inference.internal': '127.0.0.1', localhost: '127.0.0.1' },
    ...options,
  });
  closing.push(proxy);
  return proxy;
}

function upstreamOf(baseUrl: string, options: Partial<LeanUpstreamOptions>): Upstream {
  const upstream = createLeanUpstream({
    baseUrl,
    connections: 3,
    connectTimeoutMs: 5_000,
    closeTimeoutMs: 100,
    onUnreachable: (failure) => failures.push(failure),
    ...options,
  });
  upstreams.push(upstream);
  return upstream;
}

async function tlsPeer(serve: (socket: TLSSocket) => void): Promise<number> {
  const server = createServer({ key: KEY, cert: CERT }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  closing.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('an http provider behind a proxy', () => {
  it('is asked for by its whole URL, under a name that only the proxy knows, over one connection', async () => {
    const peer = await listen((socket) => socket.write(ok('here')));
    const proxy = await proxyOf();
    const base = `http://inference.internal:${peer.port}`;
    const upstream = upstreamOf(`${base}/v1?api-version=1`, { proxy: `http://127.0.0.1:${proxy.port}` });
    for (let i = 0; i < 2; i++) expect((await exchange(upstream)).body.toString()).toBe('here');
    expect(proxy.asked).toEqual(Array.from({ length: 2 }, () => `POST ${base}/v1/chat?api-version=1`));
    expect(peer.received[0]).toContain(`host: inference.internal:${peer.port}\r\n`);
    expect(proxy.open()).toBe(1);
  });

  it('is reached with the login of the proxy, which the provider does not see', async () => {
    const peer = await listen((socket) => socket.write(ok('here')));
    const proxy = await proxyOf({ login: 'me:p@ss wörd' });
    const url = `http://me:p%40ss%20w%C3%B6rd@127.0.0.1:${proxy.port}`;
    const upstream = upstreamOf(`http://inference.internal:${peer.port}`, { proxy: url });
    expect((await exchange(upstream)).body.toString()).toBe('here');
    expect(peer.received[0]).not.toContain('proxy-authorization');
  });

  it('is unreachable, and not refusing, when the proxy wants another login', async () => {
    const proxy = await proxyOf({ login: 'me:secret' });
    const upstream = upstreamOf('http://inference.internal', { proxy: `http://127.0.0.1:${proxy.port}` });
    const { error } = await exchange(upstream);
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', retry: 'next' });
    expect(error!.publicMessage).toBe('The proxy on the way to the provider refused.');
    expect(failures).toMatchObject([{ reason: 'PROXY_REFUSED', detail: expect.stringContaining('407') }]);
  });

  it('may be reached over TLS to the proxy', async () => {
    const peer = await listen((socket) => socket.write(ok('here')));
    const proxy = await proxyOf({ tls: { key: KEY, cert: CERT } });
    // Nobody vouches for that proxy: its certificate is checked.
    const upstream = upstreamOf(`http://127.0.0.1:${peer.port}`, {
      proxy: `https://localhost:${proxy.port}`,
    });
    expect((await exchange(upstream)).error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', retry: 'next' });
    expect(failures[0]).toMatchObject({ upstream: `localhost:${proxy.port}`, stage: 'tls' });
  });
});

describe('an https provider behind a proxy', () => {
  const tls = { ca: CERT };

  it('is reached through a tunnel, checked by its own name, and its connection is used again', async () => {
    const port = await tlsPeer((socket) => socket.on('data', () => socket.write(ok('safe'))));
    const proxy = await proxyOf({ login: 'me:secret' });
    const upstream = upstreamOf(`https://localhost:${port}`, {
      tls,
      proxy: `http://me:secret@127.0.0.1:${proxy.port}`,
    });
    for (let i = 0; i < 3; i++) expect((await exchange(upstream)).body.toString()).toBe('safe');
    expect(proxy.asked).toEqual([`CONNECT localhost:${port}`]);
    await upstream.close();
    await vi.waitFor(() => expect(proxy.open()).toBe(0));
  });

  it('may answer at length to a slow reader, and takes a large request', async () => {
    const total = 4 * 1024 * 1024;
    const bytes = Buffer.from(Uint32Array.from({ length: total / 4 }, (_, i) => i).buffer);
    let received = 0;
    const port = await tlsPeer((socket) =>
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received < 1_000_000) return;
        received = Number.NEGATIVE_INFINITY;
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
        socket.write(bytes);
      }),
    );
    const proxy = await proxyOf();
    const upstream = upstreamOf(`https://localhost:${port}`, {
      tls,
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    let n = 0;
    const heard = send(
      upstream,
      { ...post(), body: Buffer.alloc(1_000_000, 'x') },
      {
        onData: () => {
          if (++n % 20 !== 0) return;
          heard.call.pause();
          setTimeout(() => heard.call.resume(), 1);
        },
      },
    );
    await heard.ended;
    expect(heard.error).toBeNull();
    expect(heard.body.equals(bytes)).toBe(true);
  });

  it.each([
    ['wants another login', { login: 'me:other' }, 'the proxy answered 407 to CONNECT'],
    ['forbids it', { refuse: 403 }, 'the proxy answered 403 to CONNECT'],
    ['speaks before the provider', { behind: 'surprise' }, 'the proxy sent more than its answer'],
  ])('is unreachable when the proxy %s', async (_, options, detail) => {
    const port = await tlsPeer(() => {});
    const proxy = await proxyOf(options);
    const upstream = upstreamOf(`https://localhost:${port}`, {
      tls,
      proxy: `http://127.0.0.1:${proxy.port}`,
    });
    const { error } = await exchange(upstream);
    expect(error).toMatchObject({ code: 'GW_UPSTREAM_CONNECT', retry: 'next', status: 502 });
    expect(failures).toMatchObject([
      {
        reason: 'PROXY_REFUSED',
        stage: 'proxy',
        upstream: `127.0.0.1:${proxy.port}`,
        detail: expect.stringContaining(detail),
      },
    ]);
    await vi.waitFor(() => expect(proxy.open()).toBe(0));
  });

  it('is unreachable when what should be a proxy is none, closes, or keeps silent', async () => {
    const none = await listen((socket) => socket.write('220 mail ready\r\n\r\n'));
    const closes = await listen((socket) => socket.end());
    const silent = await listen(() => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (const [peer, reason] of [
      [none, 'PROXY_REFUSED'],
      [closes, 'CUT'],
      [silent, 'CONNECT_TIMEOUT'],
    ] as const) {
      failures = [];
      const upstream = upstreamOf('https://provider.test', {
        proxy: `http://127.0.0.1:${peer.port}`,
        connectTimeoutMs: 400_000,
      });
      const heard = send(upstream, post());
      if (peer === silent) {
        // Its time is over while it is asked, not while it is being connected to.
        await vi.waitFor(() => expect(peer.received[0]).toContain('CONNECT'));
        vi.advanceTimersByTime(400_000);
      }
      await heard.ended;
      expect(heard.error?.code).toBe('GW_UPSTREAM_CONNECT');
      expect(failures).toMatchObject([{ reason, stage: 'proxy' }]);
    }
  });
});
