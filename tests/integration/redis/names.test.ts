// A Redis that is reached by name, alone and behind Sentinels, while look-ups of other names hang.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNames } from '../../../src/dns/names.ts';
import { nodeLookup } from '../../../src/dns/node-lookup.ts';
import { type DnsServer, startDnsServer, type Zone } from '../../kit/dns-server.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';
import { bucket, closeGates, gate, rate, takeOne } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const servers: RedisServer[] = [];
const dnsServers: DnsServer[] = [];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-names-'));
});

afterEach(async () => {
  await closeGates();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const dns of dnsServers.splice(0)) dns.close();
  rmSync(folder, { recursive: true, force: true });
});

async function redis(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  servers.push(server);
  return server;
}

/** Looks up by `zone`, and has a hundred look-ups hanging. */
async function hanging(zone: Zone) {
  const dead = Array.from({ length: 100 }, (_, at) => `dead-${at}.test`);
  const dns = await startDnsServer({
    ...zone,
    ...Object.fromEntries(dead.map((name) => [name, 'silent'] as const)),
  });
  dnsServers.push(dns);
  const names = createNames({ servers: [dns.address], timeoutMs: 20_000 });
  for (const name of dead) Promise.resolve(names.find(name)).catch(() => undefined);
  await waitUntil(() => dns.asked.length >= 100, 'the look-ups to hang');
  return nodeLookup(names);
}

describe('Redis by name, beside names that hang', () => {
  it('is found and asked', async () => {
    const { port } = await redis();
    const lookup = await hanging({ 'redis.test': { a: ['127.0.0.1'] } });
    const { authority } = gate({ url: `redis://redis.test:${port}` }, { lookup });
    expect(await authority.ready(30_000)).toBe(true);
    expect(await takeOne(authority, bucket(rate('by-name', 10, 60_000)))).toMatchObject({ granted: 1 });
  });

  it('is found through Sentinels by name, and when the master itself is one', async () => {
    const master = await redis();
    const port = await freePort();
    const file = join(folder, 'sentinel.conf');
    writeFileSync(
      file,
      `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel monitor gate localhost ${master.port} 1
`,
    );
    servers.push(await startRedis({ port, args: [file, '--sentinel'] }));
    const lookup = await hanging({ 'sentinel.test': { a: ['127.0.0.1'] } });
    const { authority } = gate({ url: `redis-sentinel://sentinel.test:${port}/gate` }, { lookup });
    expect(await authority.ready(30_000)).toBe(true);
  });

  it('that does not exist is down, and says so', async () => {
    const lookup = await hanging({});
    const { authority, lines } = gate({ url: 'redis://nowhere.test:6379' }, { lookup });
    expect(await authority.ready(1_000)).toBe(false);
    await waitUntil(
      () => lines.some(({ fields }) => String(fields['reason'] ?? fields['fault']).includes('nowhere.test')),
      'the reason',
      5_000,
    );
  });
});
