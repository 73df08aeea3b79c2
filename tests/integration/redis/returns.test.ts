// What a process that died had reserved comes back to Redis, whatever Redis does meanwhile, and once.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedisReturns, type RedisReturns } from '../../../src/redis/limits/returns.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';
import { ask, bucket, clock, closeGates, rate, readyGate, token } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
let returns: RedisReturns | null = null;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** A minute a unit: nothing drains meanwhile. */
const of = bucket(rate('slow', 1_440, 86_400_000, 1_000));

beforeEach(async () => {
  server = await startRedis();
});

afterEach(async () => {
  await returns?.close(0);
  await closeGates();
  await server.close();
});

function returning(port: number): RedisReturns {
  const config = { url: `redis://127.0.0.1:${port}`, mode: 'strict', onFailure: 'open' } as const;
  returns = createRedisReturns(config, { clock, log: quiet, random: Math.random });
  return returns;
}

/** Takes so many units; @returns a look at how many are left. */
async function taken(units: number): Promise<() => Promise<number>> {
  const { authority } = await readyGate({ url: `redis://127.0.0.1:${server.port}`, timeoutMs: 20_000 });
  const left = async (need = 0): Promise<number> => {
    const [grant] = await authority.ask([ask(of, need)], token());
    expect(grant!.degraded).toBeUndefined();
    return grant!.remaining;
  };
  await left(units);
  return () => left();
}

/** A way to Redis on which the answer to the first script call is lost, and the connection with it. */
async function startLoser(target: number): Promise<{ port: number; lost(): number; close(): Promise<void> }> {
  let lost = 0;
  const proxy = createServer((client) => {
    const redis = connect(target, '127.0.0.1');
    let calls = false;
    client.on('data', (chunk) => {
      calls = /^eval\r$/im.test(chunk.toString('latin1'));
      redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      if (calls && lost === 0) {
        lost++;
        client.resetAndDestroy();
      } else client.write(chunk);
    });
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    lost: () => lost,
    close: async () => {
      await returns?.close(0);
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

describe('what a dead process left', () => {
  it('is given back, no more than was taken, and the connection ends', async () => {
    const left = await taken(600);
    expect(await left()).toBe(400);
    const to = returning(server.port);
    to.giveBack([[of, 250]]);
    await waitUntil(async () => (await left()) === 650, 'the units');
    await waitUntil(() => to.waiting === 0, 'nothing to be left to say');
    const others = (): number =>
      server
        .cli('client', 'list')
        .split('\n')
        .filter((line) => line.includes('name=headgate')).length;
    await waitUntil(() => others() === 1, 'the connection to end');
    to.giveBack([[of, 5_000]]);
    await waitUntil(async () => (await left()) === 1_000, 'the rest');
    expect(server.cli('exists', '{headgate}:r:slow')).toBe('0');
  });

  it('of many buckets is given back in few calls, each bucket once', async () => {
    const { authority } = await readyGate({ url: `redis://127.0.0.1:${server.port}`, timeoutMs: 20_000 });
    const many = Array.from({ length: 100 }, (_, at) => bucket(of.rule, `many|${at}`));
    for (const one of many) await authority.ask([ask(one, 300)], token());
    returning(server.port).giveBack(many.map((one, at) => [one, at + 1]));
    await returns!.close(30_000);
    const grants = await Promise.all(many.map((one) => authority.ask([ask(one, 0)], token())));
    expect(grants.map(([grant]) => grant!.remaining)).toEqual(many.map((_, at) => 701 + at));
    expect(server.cli('info', 'commandstats')).toMatch(/cmdstat_evalsha:calls=\d+/);
  });

  it('is given back once although Redis did it and its answer was lost', async () => {
    const left = await taken(600);
    const loser = await startLoser(server.port);
    const to = returning(loser.port);
    to.giveBack([[of, 100]]);
    await waitUntil(() => to.waiting === 0, 'an answer', 10_000);
    expect(loser.lost()).toBe(1);
    expect(await left()).toBe(500);
    await loser.close();
  });

  it('is given back when Redis is back', async () => {
    const left = await taken(600);
    server.signal('SIGSTOP');
    const to = returning(server.port);
    to.giveBack([[of, 100]]);
    await sleep(1_200);
    expect(to.waiting).toBe(1);
    server.signal('SIGCONT');
    await waitUntil(() => to.waiting === 0, 'Redis to be told', 10_000);
    await waitUntil(async () => (await left().catch(() => -1)) === 500, 'the units', 5_000);
  });

  it('waits for nothing at the end of the process', async () => {
    const to = returning(1);
    to.giveBack([[of, 100]]);
    const begun = performance.now();
    await to.close(300);
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(to.waiting).toBe(0);
  });
});
