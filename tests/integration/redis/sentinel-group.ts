// A real Sentinel group: a master, a replica that follows it, and three Sentinels that know of both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

export interface SentinelGroup {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** As a configuration has it. */
  readonly url: string;
  /** From now on who is silent is taken for dead. Before, nobody is who only stood still for a while. */
  watch(): void;
  close(): Promise<void>;
}

export async function startSentinelGroup(): Promise<SentinelGroup> {
  const servers: RedisServer[] = [];
  const folders: string[] = [];
  const redis = async (...args: string[]): Promise<RedisServer> => {
    const server = await startRedis({ args });
    servers.push(server);
    return server;
  };
  const sentinel = async (masterPort: number): Promise<RedisServer> => {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'headgate-sentinel-'));
    folders.push(folder);
    const file = join(folder, 'sentinel.conf');
    writeFileSync(
      file,
      `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor gate 127.0.0.1 ${masterPort} 2
sentinel down-after-milliseconds gate 600000
sentinel failover-timeout gate 3000
`,
    );
    const server = await startRedis({ port, args: [file, '--sentinel'] });
    servers.push(server);
    return server;
  };
  const master = await redis();
  const replica = await redis(
    '--replicaof',
    '127.0.0.1',
    String(master.port),
    '--repl-diskless-sync-delay',
    '0',
  );
  await waitUntil(
    () => replica.cli('info', 'replication').includes('master_link_status:up'),
    'replication',
    20_000,
    100,
  );
  const sentinels = await Promise.all([1, 2, 3].map(() => sentinel(master.port)));
  await waitUntil(
    () => sentinels.every((one) => /slaves=1,sentinels=3/.test(one.cli('info', 'sentinel'))),
    'Sentinels to know each other',
    15_000,
    100,
  );
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    master,
    replica,
    url: `redis-sentinel://${hosts}/gate`,
    watch() {
      for (const one of sentinels) one.cli('sentinel', 'set', 'gate', 'down-after-milliseconds', '1500');
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
