// A Sentinel failover and a three-node Cluster, once each, with real processes.
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { createRestBook } from '../../../cluster/known/rest-book.ts';
import { createSharedRests, type SharedRests } from '../../../src/redis/rests/shared-rests.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';
import { ask, bucket, clock, closeGates, rate, readyGate, slots, takeOne, token } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { type SentinelGroup, startSentinelGroup } from './sentinel-group.ts';

const servers: RedisServer[] = [];
const groups: SentinelGroup[] = [];
const shared: SharedRests[] = [];

afterEach(async () => {
  for (const node of shared.splice(0)) node.close();
  await closeGates();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(groups.splice(0).map((group) => group.close()));
});

async function redis(...args: string[]): Promise<RedisServer> {
  const server = await startRedis({ args });
  servers.push(server);
  return server;
}

interface RestNode {
  find(model: string): void;
  knows(model: string): boolean;
}

/** The primary's side of one gateway. */
function restNode(url: string): RestNode {
  const book = createRestBook(() => clock.now());
  const quiet = (): void => undefined;
  const node = createSharedRests(
    { url, mode: 'lease', onFailure: 'open' },
    {
      clock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      learned: (rest) => void book.add(rest),
      known: () => book.current(),
    },
  );
  shared.push(node);
  return {
    find(model) {
      const rest = {
        kind: 'target',
        lane: 'openai',
        model,
        print: 'abcdef',
        forMs: 120_000,
        stated: true,
      } as const;
      if (book.add(rest)) node.tell(rest);
    },
    knows: (model) => book.current().some((rest) => rest.model === model),
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function sentinelGroup(): Promise<SentinelGroup> {
  const group = await startSentinelGroup();
  groups.push(group);
  return group;
}

describe('Sentinel', () => {
  it('goes on by policy while the master is dead and shares limits again through the new one', async () => {
    const { master, replica, url, watch } = await sentinelGroup();
    const { authority } = await readyGate({ url, timeoutMs: 10_000 });
    // Two an hour come back: however long it takes, none of them is there before the end.
    const of = bucket(rate('failover', 52, 3_600_000, 50));
    for (let at = 0; at < 50; at++) expect((await takeOne(authority, of)).granted).toBe(1);
    await waitUntil(
      () => replica.cli('exists', '{headgate}:r:failover') === '1',
      'the debt to be replicated',
    );
    await master.kill();
    await waitUntil(() => !authority.healthy, 'the policy to decide');
    expect(await takeOne(authority, of)).toMatchObject({ degraded: true, granted: 0 });
    watch();
    await waitUntil(() => authority.healthy, 'the new master', 20_000, 50);
    expect(replica.cli('role').startsWith('master')).toBe(true);
    const after = await takeOne(authority, of);
    expect(after.degraded).toBeUndefined();
    expect(after.granted).toBe(0);
    expect(authority.stats().emptied).toBe(0);
  });

  it('rests are shared again through the new master, those of before and those found meanwhile', async () => {
    const { master, replica, url, watch } = await sentinelGroup();
    const [one, other] = [restNode(url), restNode(url)];
    one.find('before');
    await waitUntil(() => other.knows('before'), 'the rest', 5_000);
    await master.kill();
    // Told while nobody is there to hear it.
    one.find('meanwhile');
    watch();
    await waitUntil(() => other.knows('meanwhile'), 'the new master', 30_000, 50);
    expect(replica.cli('role').startsWith('master')).toBe(true);
    other.find('after');
    await waitUntil(() => one.knows('after'), 'the rest after the failover', 5_000);
    // Whoever starts now finds all of them.
    const late = restNode(url);
    for (const model of ['before', 'meanwhile', 'after'])
      await waitUntil(() => late.knows(model), `${model} at a node that starts later`, 10_000);
  });
});

describe('Cluster', () => {
  it('one call meets all its limits in one script call, and a lost node is decided by policy', async () => {
    const nodes = await Promise.all(
      // Longer than a node stands still by itself: the others would have no majority without it.
      [1, 2, 3].map(() => redis('--cluster-enabled', 'yes', '--cluster-node-timeout', '4000')),
    );
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    spawnSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
    await waitUntil(
      () => nodes.every((node) => node.cli('cluster', 'info').includes('cluster_state:ok')),
      'the Cluster',
      15_000,
      100,
    );
    // From one node that does not hold the limits as well as from a list.
    const one = await readyGate({ url: `redis-cluster://${addresses[0]}`, timeoutMs: 10_000 });
    const other = await readyGate({
      url: addresses.map((address) => `redis://${address}`).join(','),
      timeoutMs: 10_000,
    });
    const hasty = await readyGate({ url: `redis-cluster://${addresses[0]}`, timeoutMs: 500 });
    const asks = [
      ask(bucket(rate('key', 32, 3_600_000, 30), 'key|a')),
      ask(bucket(rate('model', 42, 3_600_000, 40), 'model|a|m')),
      ask(bucket(rate('provider', 52, 3_600_000, 50), 'provider|p')),
      ask(bucket(slots('gateway', 100))),
    ];
    const grants = await Promise.all(
      Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? one : other).authority.ask(asks, token())),
    );
    expect(grants.filter(([first]) => first!.granted > 0).length).toBe(30);
    expect(grants.flat().some(({ degraded }) => degraded === true)).toBe(false);
    const holder = nodes.find((node) => node.cli('exists', '{headgate}:r:key|a') === '1')!;
    expect(nodes.filter((node) => Number(node.cli('dbsize')) > 0)).toEqual([holder]);

    holder.signal('SIGSTOP');
    const took: number[] = [];
    for (let at = 0; at < 60; at++) {
      const begun = performance.now();
      await takeOne(hasty.authority, bucket(rate('ample', 1_000_000, 60_000)));
      took.push(performance.now() - begun);
      await sleep(10);
    }
    // A few wait for it, half a second each; each of the others is decided at once.
    expect(took.filter((ms) => ms >= 400).length).toBeLessThanOrEqual(20);
    expect(median(took.slice(12))).toBeLessThan(200);
    expect(hasty.authority.healthy).toBe(false);
    holder.signal('SIGCONT');
    await waitUntil(
      () => [one, other, hasty].every(({ authority }) => authority.healthy),
      'the Cluster to be whole again',
      10_000,
    );
    expect((await one.authority.ask(asks, token()))[0]).toMatchObject({ granted: 0 });
  });
});
