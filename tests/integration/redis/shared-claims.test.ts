// Two processes' claims in one Redis: one makes an answer, the other waits and gets it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSharedClaims, type SharedClaims } from '../../../src/redis/claims/shared-claims.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const none = (): void => undefined;
let redis: RedisServer;
let a: SharedClaims;
let b: SharedClaims;

function connect(origin: string, port = redis.port): SharedClaims {
  return createSharedClaims(
    { url: `redis://127.0.0.1:${port}`, mode: 'lease', onFailure: 'open', timeoutMs: 2_000 },
    {
      clock: { now: () => performance.now(), wall: () => Date.now() },
      log: { debug: none, info: none, warn: none, error: none },
      origin,
    },
  );
}

beforeAll(async () => {
  redis = await startRedis();
  [a, b] = [connect('a'), connect('b')];
});

afterAll(async () => {
  a?.close();
  b?.close();
  await redis?.close();
});

it('who asks before the first connection stands waits for it, and goes on alone where there is none', async () => {
  const [c, d] = [connect('c'), connect('d')];
  try {
    expect(await c.claim('at once', 'p')).toEqual({ kind: 'mine' });
    c.settle('at once', Buffer.from('answer'), 60_000);
    expect(await d.claim('at once', 'p')).toEqual({ kind: 'made', answer: Buffer.from('answer') });
  } finally {
    c.close();
    d.close();
  }
  const nobody = connect('e', await freePort());
  expect(await nobody.claim('at once', 'p')).toEqual({ kind: 'unknown' });
  nobody.close();
});

it('one makes it, the other gets it byte for byte, and a later one too', async () => {
  const bytes = Buffer.from([0, 255, 10, 32, 200, 13]);
  expect(await a.claim('one', 'p')).toEqual({ kind: 'mine' });
  const waiting = b.claim('one', 'p');
  a.settle('one', bytes, 60_000);
  expect(await waiting).toEqual({ kind: 'made', answer: bytes });
  expect(await b.claim('one', 'p')).toEqual({ kind: 'made', answer: bytes });
});

it('another request of that name is told so, while it is made and behind', async () => {
  await a.claim('two', 'p');
  expect(await b.claim('two', 'q')).toEqual({ kind: 'other' });
  a.settle('two', Buffer.from('x'), 60_000);
  await waitUntil(async () => (await b.claim('two', 'p')).kind === 'made', 'the answer');
  expect(await b.claim('two', 'q')).toEqual({ kind: 'other' });
});

it('what failed is made by who waits, and nobody settles what another holds', async () => {
  await a.claim('three', 'p');
  b.settle('three', Buffer.from('not mine'), 60_000);
  const waiting = b.claim('three', 'p');
  a.settle('three', null, 0);
  expect(await waiting).toEqual({ kind: 'mine' });
});

it('who makes it and dies holds it for seconds alone', async () => {
  await a.claim('four', 'p');
  const left = Number(redis.cli('pttl', redis.cli('keys', '*four').trim()));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(10_000);
});
