import { expect, test } from 'vitest';
import { redisPrint } from '../../src/config/redis-print.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { BucketWire } from '../../src/contracts/ipc.ts';
import { createEstates } from './estates.ts';
import { fakeClock, fakeLog } from '../fakes.fixture.ts';

const redis: RedisConfig = { url: 'redis://127.0.0.1:1', mode: 'lease', onFailure: 'open' };
const here = redisPrint(redis);
const wire = (id: string): BucketWire => [id, 'tokens', 100, 600, 50, 1];

function setUp(followed: RedisConfig | null = redis) {
  const back: [url: string, id: string, units: number][] = [];
  const closed: string[] = [];
  const estates = createEstates({
    clock: fakeClock(),
    log: fakeLog(),
    connect: async ({ url }) => ({
      waiting: 0,
      giveBack: (rows) =>
        back.push(...rows.map(([{ id }, units]): [string, string, number] => [url, id, units])),
      close: async () => void closed.push(url),
    }),
  });
  estates.follow(followed);
  const settled = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
  return { estates, back, closed, settled };
}

test('what a worker had not withdrawn when it died is given back, once', async () => {
  const { estates, back, settled } = setUp();
  estates.heard(1, here, [
    [wire('a'), 100],
    [wire('b'), 50],
  ]);
  estates.heard(2, here, [[wire('a'), 7]]);
  estates.heard(1, here, [
    [wire('a'), 80],
    [wire('b'), 0],
  ]);
  estates.leave(1);
  estates.leave(1);
  await settled();
  expect(back).toEqual([[redis.url, 'a', 80]]);
  estates.leave(2);
  await settled();
  expect(back.slice(1)).toEqual([[redis.url, 'a', 7]]);
});

test('a worker that withdrew everything costs no connection', async () => {
  const { estates, back, closed, settled } = setUp();
  estates.heard(1, here, [[wire('a'), 100]]);
  estates.heard(1, here, [[wire('a'), 0]]);
  estates.leave(1);
  estates.leave(3);
  await estates.close(10);
  await settled();
  expect(back).toEqual([]);
  expect(closed).toEqual([]);
});

test('what is of a Redis that was replaced is not given back to the new one', async () => {
  const { estates, back, settled } = setUp();
  const other = { ...redis, url: 'redis://127.0.0.1:2' };
  estates.heard(1, here, [[wire('a'), 100]]);
  estates.heard(2, here, [[wire('a'), 100]]);
  estates.follow(other);
  estates.leave(1);
  // Its old calls still speak of the old one.
  estates.heard(2, redisPrint(other), [[wire('b'), 5]]);
  estates.heard(2, here, [[wire('a'), 60]]);
  estates.leave(2);
  await settled();
  expect(back).toEqual([[other.url, 'b', 5]]);
});

test('without Redis nothing is kept', async () => {
  const { estates, back, settled } = setUp(null);
  estates.heard(1, here, [[wire('a'), 100]]);
  estates.leave(1);
  await settled();
  expect(back).toEqual([]);
});
