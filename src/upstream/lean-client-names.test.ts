// Connections by name, over real sockets: several addresses, names that move, names that are dead, ages.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DnsServer, startDnsServer, type Zone } from '../../tests/kit/dns-server.ts';
import type { Names } from '../contracts/names.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createNames } from '../dns/names.ts';
import type { ConnectFailure } from './connect-failure.ts';
import { createLeanUpstream, type LeanUpstreamOptions } from './lean-client.ts';
import { closePeers, exchange, listen, ok, type Peer, post, send } from './peer.fixture.ts';

const upstreams: Upstream[] = [];
const servers: DnsServer[] = [];
let folder = '';
let now = 0;
let failures: ConnectFailure[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-names-'));
  writeFileSync(join(folder, 'hosts'), '');
  now = 0;
  failures = [];
});

afterEach(async () => {
  vi.useRealTimers();
  closePeers();
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function namesOf(zone: Zone, timeoutMs = 60_000): Promise<Names> {
  const dns = await startDnsServer(zone);
  servers.push(dns);
  const hostsPath = join(folder, 'hosts');
  return createNames({
    servers: [dns.address],
    timeoutMs,
    hostsPath,
    resolvConfPath: '/nowhere',
    now: () => now,
  });
}

function upstreamOf(baseUrl: string, options: Partial<LeanUpstreamOptions>): Upstream {
  const upstream = createLeanUpstream({
    baseUrl,
    connections: 4,
    connectTimeoutMs: 5_000,
    closeTimeoutMs: 100,
    now: () => now,
    onUnreachable: (failure) => failures.push(failure),
    ...options,
  });
  upstreams.push(upstream);
  return upstream;
}

/** Two peers on one port of two addresses, each answering with its own name. */
async function twins(): Promise<{ port: number; one: Peer; two: Peer }> {
  const one = await listen((socket) => socket.write(ok('one')));
  const two = await listen((socket) => socket.write(ok('two')), { host: '127.0.0.2', port: one.port });
  return { port: one.port, one, two };
}

const bodyOf = async (upstream: Upstream): Promise<string> => (await exchange(upstream)).body.toString();

describe('a provider that is reached by name', () => {
  it('is spoken to as that name, at its address', async () => {
    const peer = await listen((socket) => socket.write(ok('here')));
    const names = await namesOf({ 'llm.test': { a: ['127.0.0.1'] } });
    expect(await bodyOf(upstreamOf(`http://llm.test:${peer.port}/v1`, { names }))).toBe('here');
    expect(peer.received[0]).toContain(`host: llm.test:${peer.port}\r\n`);
  });

  it('is reached at its second address when the first refuses, and the first is not tried again for a while', async () => {
    const { port, two } = await twins();
    const names = await namesOf({ 'llm.test': { a: ['127.0.0.3', '127.0.0.2'] } });
    const upstream = upstreamOf(`http://llm.test:${port}`, { names });
    for (let i = 0; i < 3; i++) {
      const heard = await exchange(upstream, { ...post(), fresh: true });
      expect(heard.body.toString()).toBe('two');
    }
    expect(two.connections).toHaveLength(3);
    expect(failures).toEqual([]);
  });

  it('gets connections at all of its addresses', async () => {
    const { port } = await twins();
    const names = await namesOf({ 'llm.test': { a: ['127.0.0.1', '127.0.0.2'] } });
    const upstream = upstreamOf(`http://llm.test:${port}`, { names });
    const bodies = await Promise.all(
      Array.from({ length: 4 }, async () =>
        (await exchange(upstream, { ...post(), fresh: true })).body.toString(),
      ),
    );
    expect(bodies.sort()).toEqual(['one', 'one', 'two', 'two']);
  });

  it('is unreachable by a fault of its own when its name is dead, while another of the same resolver is well', async () => {
    const peer = await listen((socket) => socket.write(ok('well')));
    const names = await namesOf({ 'dead.test': 'silent', 'well.test': { a: ['127.0.0.1'] } }, 600);
    // Its time is over when the test says so, not while this process stands still.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const dead = upstreamOf(`http://dead.test:${peer.port}`, { names, connections: 100 });
    const calls = Array.from({ length: 50 }, () => send(dead, post()));
    expect(await bodyOf(upstreamOf(`http://well.test:${peer.port}`, { names }))).toBe('well');
    expect(calls.every(({ error }) => error === null)).toBe(true);
    vi.advanceTimersByTime(600);
    await Promise.all(calls.map(({ ended }) => ended));
    for (const { error } of calls)
      expect(error).toMatchObject({ code: 'GW_UPSTREAM_DNS', retry: 'next', status: 502 });
    expect(calls[0]!.error!.publicMessage).not.toContain('dead.test');
    expect(failures[0]).toEqual({
      reason: 'EAI_AGAIN',
      upstream: `dead.test:${peer.port}`,
      stage: 'name',
      detail: 'the name dead.test could not be looked up: no answer within 600 ms',
    });
  });

  it('is followed to its new address under steady traffic', async () => {
    const { port } = await twins();
    const hosts = (address: string): void =>
      writeFileSync(join(folder, 'hosts'), `${address} up.internal # ${now}\n`);
    hosts('127.0.0.1');
    const upstream = upstreamOf(`http://up.internal:${port}`, { names: await namesOf({}) });
    expect(await bodyOf(upstream)).toBe('one');
    hosts('127.0.0.2');
    // Calls each quarter of a second: the connection never falls idle for long.
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) {
      now += 250;
      seen.push(await bodyOf(upstream));
    }
    expect(seen.at(-1)).toBe('two');
    expect(seen.lastIndexOf('one')).toBeLessThan(30);
  });

  it('is followed by what name servers say as well', async () => {
    const { port } = await twins();
    const zone: Zone = { 'llm.test': { a: ['127.0.0.1'], ttl: 1 } };
    const names = await namesOf(zone);
    const upstream = upstreamOf(`http://llm.test:${port}`, { names });
    expect(await bodyOf(upstream)).toBe('one');
    zone['llm.test'] = { a: ['127.0.0.2'], ttl: 1 };
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      now += 1_000;
      seen.push(await bodyOf(upstream));
    }
    expect(seen.at(-1)).toBe('two');
  });

  it('keeps the connection it has while its name cannot be looked up', async () => {
    const peer = await listen((socket) => socket.write(ok('x')));
    const zone: Zone = { 'llm.test': { a: ['127.0.0.1'], ttl: 1 } };
    const upstream = upstreamOf(`http://llm.test:${peer.port}`, { names: await namesOf(zone) });
    await exchange(upstream);
    delete zone['llm.test'];
    for (let i = 0; i < 20; i++) {
      now += 1_000;
      expect((await exchange(upstream)).error).toBeNull();
    }
    expect(peer.connections).toHaveLength(1);
  });
});

describe('the age of connections', () => {
  it('ends: the first call behind it opens another, and none is cut', async () => {
    const peer = await listen((socket) => socket.write(ok('x')));
    const upstream = upstreamOf(`http://127.0.0.1:${peer.port}`, { maxConnectionAgeMs: 10_000 });
    for (let i = 0; i < 50; i++) {
      now += 500;
      expect((await exchange(upstream)).error).toBeNull();
    }
    // 25 s of steady calls over connections that live for 8 to 10 s.
    expect([3, 4]).toContain(peer.connections.length);
  });

  it('ends a connection whose next call is already waiting', async () => {
    const peer = await listen((socket) => socket.write(ok('x')));
    const upstream = upstreamOf(`http://127.0.0.1:${peer.port}`, {
      maxConnectionAgeMs: 1_000,
      connections: 1,
    });
    const calls = [send(upstream, post()), send(upstream, post())];
    now += 2_000;
    await Promise.all(calls.map(({ ended }) => ended));
    expect(calls.map(({ error }) => error)).toEqual([null, null]);
    expect(peer.connections).toHaveLength(2);
  });

  it('does not end where it is 0', async () => {
    const peer = await listen((socket) => socket.write(ok('x')));
    const upstream = upstreamOf(`http://127.0.0.1:${peer.port}`, { maxConnectionAgeMs: 0 });
    for (let i = 0; i < 10; i++) {
      await exchange(upstream);
      now += 2_000;
    }
    expect(peer.connections).toHaveLength(1);
  });
});

describe('a failed connection', () => {
  it('says errno, host and port to the log and not to the client', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const names = await namesOf({ 'llm.test': { a: ['127.0.0.1'] } });
    const { error } = await exchange(upstreamOf(`http://llm.test:${port}`, { names }));
    expect(error).toMatchObject({
      code: 'GW_UPSTREAM_CONNECT',
      publicMessage: 'The provider could not be reached.',
    });
    expect(failures).toEqual([
      {
        reason: 'ECONNREFUSED',
        upstream: `llm.test:${port}`,
        stage: 'tcp',
        detail: `connect ECONNREFUSED 127.0.0.1:${port}`,
      },
    ]);
  });

  it('that its call gave up on says how far it had come', async () => {
    const names = await namesOf({ 'dead.test': 'silent' });
    vi.useFakeTimers({ toFake: ['performance'] });
    const heard = send(upstreamOf('http://dead.test', { names }), post());
    vi.advanceTimersByTime(1_050);
    heard.call.abort();
    expect(failures).toMatchObject([{ reason: 'CONNECT_TIMEOUT', stage: 'name' }]);
    const quick = send(upstreamOf('http://dead.test', { names }), post());
    quick.call.abort();
    expect(failures).toHaveLength(1);
  });
});
