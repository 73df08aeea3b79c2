import type { RecordWithTtl } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type DnsServer, startDnsServer, type Zone } from '../../tests/kit/dns-server.ts';
import type { Found, Names } from '../contracts/names.ts';
import { createNames, type NamesOptions } from './names.ts';
import { nodeLookup } from './node-lookup.ts';

let folder = '';
let now = 0;
const servers: DnsServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-dns-'));
  now = 0;
});

afterEach(() => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(zone: Zone): Promise<DnsServer> {
  const server = await startDnsServer(zone);
  servers.push(server);
  return server;
}

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Deadlines of look-ups come when a test says so; name servers are asked as ever. */
const holdTime = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

/** Asks `dns` alone, longer than a process stands still; knows only the hosts of `hosts`. */
function namesOf(
  dns: DnsServer | null,
  options: NamesOptions & { hosts?: string; conf?: string } = {},
): Names {
  return createNames({
    ...(dns === null ? {} : { servers: [dns.address] }),
    hostsPath: file('hosts', options.hosts ?? ''),
    resolvConfPath: file('resolv.conf', options.conf ?? 'options timeout:30 attempts:1'),
    timeoutMs: 60_000,
    now: () => now,
    ...options,
  });
}

async function addresses(found: Found | Promise<Found>): Promise<string[]> {
  return (await found).addresses.map(({ address }) => address);
}

const faultOf = async (find: () => Found | Promise<Found>): Promise<unknown> => {
  try {
    return await find();
  } catch (error) {
    return error;
  }
};

describe('a name that needs no name server', () => {
  it('is an address, at once, with or without brackets', async () => {
    const dns = await serve({});
    const names = namesOf(dns);
    for (const [host, address] of [
      ['10.0.0.1', '10.0.0.1'],
      ['[::1]', '::1'],
      ['fe80::1', 'fe80::1'],
    ] as const) {
      expect(names.find(host)).toMatchObject({ addresses: [{ address }], complete: true });
    }
    expect(dns.asked).toEqual([]);
  });

  it('stands in the hosts file, which counts first and is read again when it changes', async () => {
    const dns = await serve({ 'up.internal': { a: ['10.9.9.9'] } });
    const names = namesOf(dns, { hosts: '127.0.0.2 up.internal' });
    expect(await addresses(names.find('UP.internal'))).toEqual(['127.0.0.2']);
    file('hosts', '127.0.0.30 up.internal');
    now += 1_100;
    expect(await addresses(names.find('up.internal.'))).toEqual(['127.0.0.30']);
    file('hosts', '');
    now += 1_100;
    expect(await addresses(names.find('up.internal'))).toEqual(['10.9.9.9']);
  });

  it('is this machine, whatever others say of it', async () => {
    const dns = await serve({ localhost: { a: ['10.0.0.1'] }, 'a.localhost': { a: ['10.0.0.1'] } });
    const names = namesOf(dns, { hosts: '10.0.0.2 localhost' });
    for (const host of ['localhost', 'LOCALHOST.', 'a.localhost'])
      expect(await addresses(names.find(host))).toEqual(['127.0.0.1', '::1']);
    const listed = namesOf(dns, { hosts: '::1 localhost' });
    expect(await addresses(listed.find('localhost'))).toEqual(['::1']);
    expect(dns.asked).toEqual([]);
  });
});

describe('a name that is looked up', () => {
  it('has the addresses of both families, IPv6 first', async () => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1', '10.0.0.2'], aaaa: ['fd00::1'] } });
    expect(await addresses(namesOf(dns).find('a.test'))).toEqual(['fd00::1', '10.0.0.1', '10.0.0.2']);
  });

  it('has what lies in the socket when its time is over: it was this process that stood still', async () => {
    holdTime();
    let answer = (_records: RecordWithTtl[]): void => undefined;
    vi.spyOn(Resolver.prototype, 'resolve6').mockResolvedValue([] as never);
    vi.spyOn(Resolver.prototype, 'resolve4').mockReturnValue(
      new Promise<RecordWithTtl[]>((resolve) => (answer = resolve)) as never,
    );
    const cancel = vi.spyOn(Resolver.prototype, 'cancel').mockReturnValue();
    onTestFinished(() => void vi.restoreAllMocks());
    const found = namesOf(null, { servers: ['127.0.0.1:1'] }).find('a.test');
    vi.advanceTimersByTime(60_000);
    // The reads of that turn come now.
    expect(cancel).not.toHaveBeenCalled();
    answer([{ address: '10.0.0.1', ttl: 60 }]);
    expect(await addresses(found)).toEqual(['10.0.0.1']);
  });

  it('is not held up by a server that keeps silent on one family', async () => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1'], silentFor: 'AAAA' } });
    expect(await addresses(namesOf(dns).find('a.test'))).toEqual(['10.0.0.1']);
  });

  it('is asked for once by all that want it at the same time, and not again while it is fresh', async () => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1'], ttl: 30 } });
    const names = namesOf(dns);
    const all = await Promise.all(Array.from({ length: 50 }, () => addresses(names.find('a.test'))));
    expect(new Set(all.flat())).toEqual(new Set(['10.0.0.1']));
    now = 29_900;
    expect(names.find('a.test')).not.toBeInstanceOf(Promise);
    expect(dns.asked.sort()).toEqual(['A a.test', 'AAAA a.test']);
    now = 30_100;
    await names.find('a.test');
    expect(dns.asked).toHaveLength(4);
  });

  it.each([
    [0, 1_000],
    [86_400, 60_000],
  ])('with a time to live of %d s is fresh for %d ms', async (ttl, freshMs) => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1'], ttl } });
    const names = namesOf(dns);
    await names.find('a.test');
    now = freshMs - 1;
    expect(names.find('a.test')).not.toBeInstanceOf(Promise);
    dns.zone = { 'a.test': { a: ['10.0.0.2'], ttl } };
    now = freshMs;
    expect(await addresses(names.find('a.test'))).toEqual(['10.0.0.2']);
  });

  it('keeps its last good addresses while the resolver is silent or fails, and follows it when it is back', async () => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1'], ttl: 5 } });
    holdTime();
    const names = namesOf(dns);
    await names.find('a.test');
    for (const state of ['silent', 'servfail'] as const) {
      dns.zone = { 'a.test': state };
      now += 10_000;
      const kept = names.find('a.test');
      expect(kept).toBeInstanceOf(Promise);
      vi.advanceTimersByTime(200);
      expect(await addresses(kept)).toEqual(['10.0.0.1']);
      vi.advanceTimersByTime(60_000);
      // Once that question is over, there is no other at once.
      await vi.waitFor(() => expect(names.find('a.test')).not.toBeInstanceOf(Promise));
    }
    dns.zone = { 'a.test': { a: ['10.0.0.2'] } };
    now += 10_000;
    expect(await addresses(names.find('a.test'))).toEqual(['10.0.0.2']);
  });

  it('that was taken back is gone, old addresses or not', async () => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1'], ttl: 5 } });
    const names = namesOf(dns);
    await names.find('a.test');
    dns.zone = {};
    now += 10_000;
    expect(await faultOf(() => names.find('a.test'))).toMatchObject({
      code: 'ENOTFOUND',
      hostname: 'a.test',
    });
  });

  it('that does not exist, or that nobody can say anything of, is a fault in words', async () => {
    const dns = await serve({ 'broken.test': 'servfail', 'silent.test': 'silent' });
    holdTime();
    const names = namesOf(dns, { timeoutMs: 300 });
    expect(await faultOf(() => names.find('none.test'))).toMatchObject({
      code: 'ENOTFOUND',
      message: 'the name none.test does not exist',
    });
    expect(await faultOf(() => names.find('broken.test'))).toMatchObject({
      code: 'EAI_AGAIN',
      message: expect.stringContaining('SERVFAIL'),
    });
    const silent = faultOf(() => names.find('silent.test'));
    vi.advanceTimersByTime(300);
    expect(await silent).toMatchObject({
      code: 'EAI_AGAIN',
      message: 'the name silent.test could not be looked up: no answer within 300 ms',
    });
    // The same for a moment, then asked again.
    const asked = dns.asked.length;
    expect(await faultOf(() => names.find('none.test'))).toMatchObject({ code: 'ENOTFOUND' });
    expect(dns.asked).toHaveLength(asked);
    dns.zone = { 'none.test': { a: ['10.0.0.7'] } };
    now += 1_100;
    expect(await addresses(names.find('none.test'))).toEqual(['10.0.0.7']);
  });

  it('is found while a hundred dead ones are being looked for, and those wait no longer for it', async () => {
    const dead = Array.from({ length: 100 }, (_, i) => `dead-${i}.test`);
    const zone: Zone = { 'good.test': { a: ['10.0.0.1'] } };
    for (const name of dead) zone[name] = 'silent';
    const dns = await serve(zone);
    holdTime();
    const names = namesOf(dns, { timeoutMs: 2_000 });
    let ended = 0;
    const faults = dead.map((name) => faultOf(() => names.find(name)).finally(() => ended++));
    expect(await addresses(names.find('good.test'))).toEqual(['10.0.0.1']);
    expect(ended).toBe(0);
    vi.advanceTimersByTime(2_000);
    for (const fault of await Promise.all(faults)) expect(fault).toMatchObject({ code: 'EAI_AGAIN' });
  });

  it('waits for its turn behind more look-ups than may run at once', async () => {
    const zone: Zone = {};
    for (let i = 0; i < 300; i++) zone[`n${i}.test`] = { a: [`10.1.${i >> 8}.${i & 255}`], delayMs: 20 };
    const dns = await serve(zone);
    const names = namesOf(dns);
    const found = await Promise.all(Object.keys(zone).map((name) => addresses(names.find(name))));
    expect(new Set(found.flat()).size).toBe(300);
  });

  it('may be a short one of the search list, also where one of its domains fails', async () => {
    const dns = await serve({
      'vllm.ns.svc.cluster.local': 'servfail',
      'vllm.svc.cluster.local': { a: ['10.0.0.5'] },
      'api.example.com': { a: ['10.0.0.6'] },
    });
    const conf = 'search ns.svc.cluster.local svc.cluster.local\noptions ndots:5 timeout:1 attempts:1';
    const names = namesOf(dns, { conf });
    expect(await addresses(names.find('vllm'))).toEqual(['10.0.0.5']);
    expect(await addresses(names.find('api.example.com'))).toEqual(['10.0.0.6']);
    dns.asked.length = 0;
    expect(await addresses(names.find('api.example.com.'))).toEqual(['10.0.0.6']);
    expect(dns.asked.sort()).toEqual(['A api.example.com', 'AAAA api.example.com']);
  });

  it('goes to the next server when the first is silent', async () => {
    const [silent, good] = [
      await serve({ 'a.test': 'silent' }),
      await serve({ 'a.test': { a: ['10.0.0.1'] } }),
    ];
    const names = namesOf(null, {
      servers: [silent.address, good.address],
      conf: 'options timeout:1 attempts:5',
    });
    expect(await addresses(names.find('a.test'))).toEqual(['10.0.0.1']);
  });

  it('follows other servers at once', async () => {
    const [one, two] = [
      await serve({ 'a.test': { a: ['10.0.0.1'] } }),
      await serve({ 'a.test': { a: ['10.0.0.2'] } }),
    ];
    const names = namesOf(one);
    expect(await addresses(names.find('a.test'))).toEqual(['10.0.0.1']);
    names.configure({ servers: [one.address], timeoutMs: 1_000 });
    expect(names.find('a.test')).not.toBeInstanceOf(Promise);
    names.configure({ servers: [two.address], timeoutMs: 1_000 });
    expect(await addresses(names.find('a.test'))).toEqual(['10.0.0.2']);
  });

  it('follows a resolv.conf that changes', async () => {
    const dns = await serve({
      'gpu.one.test': { a: ['10.0.0.1'], ttl: 1 },
      'gpu.two.test': { a: ['10.0.0.2'] },
    });
    const names = namesOf(dns, { conf: 'search one.test' });
    expect(await addresses(names.find('gpu'))).toEqual(['10.0.0.1']);
    file('resolv.conf', 'search two.test  # moved');
    now += 2_000;
    expect(await addresses(names.find('gpu'))).toEqual(['10.0.0.2']);
  });
});

describe("as node's lookup", () => {
  it('gives one address or all, of the family that is wanted, or the fault', async () => {
    const dns = await serve({ 'a.test': { a: ['10.0.0.1'], aaaa: ['fd00::1'] } });
    const lookup = nodeLookup(namesOf(dns));
    const call = (host: string, options: { all?: boolean; family?: number }): Promise<unknown[]> =>
      new Promise((resolve) => lookup(host, options, (...heard) => resolve(heard)));
    expect(await call('a.test', {})).toEqual([null, 'fd00::1', 6]);
    expect(await call('a.test', { family: 4 })).toEqual([null, '10.0.0.1', 4]);
    expect((await call('a.test', { all: true }))[1]).toHaveLength(2);
    expect((await call('none.test', {}))[0]).toMatchObject({ code: 'ENOTFOUND' });
  });
});
