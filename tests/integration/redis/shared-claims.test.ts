// Two processes' claims in one Redis: one makes an answer, the other waits and gets it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Made } from '../../../src/contracts/claims.ts';
import { createSharedClaims, type SharedClaims } from '../../../src/redis/claims/shared-claims.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const none = (): void => undefined;
const now = (): number => performance.now();
const made = (answer: Buffer, ttlMs = 0, madeAt = now()): Made => ({ answer, ttlMs, madeAt });
let redis: RedisServer;
let a: SharedClaims;
let b: SharedClaims;

function connect(origin: string, port = redis.port, timeoutMs = 2_000): SharedClaims {
  return createSharedClaims(
    { url: `redis://127.0.0.1:${port}`, mode: 'lease', onFailure: 'open', timeoutMs },
    {
      clock: { now, wall: () => Date.now() },
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
    expect(await c.claim('at once', 'p', null)).toEqual({ kind: 'mine' });
    c.settle('at once', made(Buffer.from('answer'), 60_000));
    expect(await d.claim('at once', 'p', null)).toEqual({ kind: 'made', answer: Buffer.from('answer') });
  } finally {
    c.close();
    d.close();
  }
  const nobody = connect('e', await freePort());
  expect(await nobody.claim('at once', 'p', null)).toEqual({ kind: 'unknown' });
  nobody.close();
});

it('one makes it, the other gets it byte for byte, and a later one too', async () => {
  const bytes = Buffer.from([0, 255, 10, 32, 200, 13]);
  expect(await a.claim('one', 'p', null)).toEqual({ kind: 'mine' });
  const waiting = b.claim('one', 'p', null);
  a.settle('one', made(bytes, 60_000));
  expect(await waiting).toEqual({ kind: 'made', answer: bytes });
  expect(await b.claim('one', 'p', null)).toEqual({ kind: 'made', answer: bytes });
});

it('another request of that name is told so, while it is made and behind', async () => {
  await a.claim('two', 'p', null);
  expect(await b.claim('two', 'q', null)).toEqual({ kind: 'other' });
  a.settle('two', made(Buffer.from('x'), 60_000));
  await waitUntil(async () => (await b.claim('two', 'p', null)).kind === 'made', 'the answer');
  expect(await b.claim('two', 'q', null)).toEqual({ kind: 'other' });
});

it('what failed is made by who waits, and nobody settles what another holds', async () => {
  await a.claim('three', 'p', null);
  b.settle('three', made(Buffer.from('not mine'), 60_000));
  const waiting = b.claim('three', 'p', null);
  a.settle('three', null);
  expect(await waiting).toEqual({ kind: 'mine' });
});

it('who makes it and dies holds it for seconds alone', async () => {
  await a.claim('four', 'p', null);
  const left = Number(redis.cli('pttl', redis.cli('keys', '*four').trim()));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(10_000);
});

describe('an answer for those alone that wait for it', () => {
  /** What expires is not. */
  const deleted = (): number =>
    Number(/cmdstat_del:calls=(\d+)/.exec(redis.cli('info', 'commandstats'))?.[1] ?? 0);

  it('is theirs, also when they look later, and nobody’s who comes behind it', async () => {
    // It lingers for two seconds: once more where the machine stood still for as long.
    const name = await waitUntil(async () => {
      const began = now() - 1_000;
      const fresh = `waited-${began}`;
      expect(await a.claim(fresh, 'p', began)).toEqual({ kind: 'mine' });
      const waiting = b.claim(fresh, 'p', began);
      a.settle(fresh, made(Buffer.from('x')));
      // Asked by somebody who began before it was made: a look that took long.
      for (const look of [() => waiting, () => b.claim(fresh, 'p', began)]) {
        const told = await look();
        if (told.kind !== 'made') {
          b.settle(fresh, null);
          return null;
        }
        expect(told).toEqual({ kind: 'made', answer: Buffer.from('x'), madeAt: expect.any(Number) });
        const seen = now();
        await waitUntil(() => now() - seen > 20, 'it to be some ms old');
      }
      return fresh;
    }, 'an answer for two who waited');
    expect(await b.claim(name, 'p', now())).toEqual({ kind: 'mine' });
    b.settle(name, null);
  });

  it('is not given to who has it and asks again before Redis has heard that it is over', async () => {
    expect(await a.claim('again', 'p', now())).toEqual({ kind: 'mine' });
    const madeAt = now();
    await waitUntil(() => now() > madeAt, 'it to be said');
    const again = b.claim('again', 'p', now());
    a.settle('again', made(Buffer.from('x'), 0, madeAt));
    expect(await again).toEqual({ kind: 'mine' });
    b.settle('again', null);
  });

  it('is not waited for by who comes behind a purge, and is of no use to it when it is made', async () => {
    const before = now() - 1_000;
    expect(await a.claim('old', 'p', before)).toEqual({ kind: 'mine' });
    const older = b.claim('old', 'p', before);
    await b.purged();
    const c = connect('c');
    try {
      // The first one still makes its own: this one makes it anew, and both that wait get that.
      expect(await c.claim('old', 'p', now())).toEqual({ kind: 'mine' });
      a.settle('old', made(Buffer.from('before')));
      c.settle('old', made(Buffer.from('behind')));
      expect(await older).toMatchObject({ answer: Buffer.from('behind') });
    } finally {
      c.close();
    }
  });

  it('that lingers when a purge comes is given to none that begins behind it', async () => {
    const before = now() - 1_000;
    await a.claim('lingers', 'p', before);
    a.settle('lingers', made(Buffer.from('x')));
    await waitUntil(async () => (await b.claim('lingers', 'p', before)).kind === 'made', 'the answer');
    await a.purged();
    expect(await b.claim('lingers', 'p', now())).toEqual({ kind: 'mine' });
  });

  it('that is promised to be given again is given behind a purge too', async () => {
    await a.claim('promised', 'p', null);
    a.settle('promised', made(Buffer.from('x'), 60_000));
    await a.purged();
    expect(await b.claim('promised', 'p', null)).toEqual({ kind: 'made', answer: Buffer.from('x') });
  });

  it('that was over while Redis was away is waited for by nobody once it is back', async () => {
    const proxy = await startTcpProxy(redis.port);
    const c = connect('cut off', proxy.port);
    try {
      expect(await c.claim('away', 'p', now())).toEqual({ kind: 'mine' });
      proxy.refuse = true;
      proxy.cut();
      await waitUntil(
        async () => (await c.claim('other', 'p', now())).kind === 'unknown',
        'it to be cut off',
      );
      c.settle('away', made(Buffer.from('nobody hears it')));
      const before = deleted();
      proxy.refuse = false;
      await waitUntil(() => deleted() > before, 'it to be given back');
      expect(await b.claim('away', 'p', now())).toEqual({ kind: 'mine' });
      b.settle('away', null);
    } finally {
      c.close();
      await proxy.close();
    }
  });

  it('is not waited for where Redis stands still, and what is granted then is given back', async () => {
    const c = connect('hurried', redis.port, 20);
    try {
      // As long as it takes: this one waits for nothing.
      await waitUntil(async () => (await c.claim('before', 'p', now())).kind === 'mine', 'the connection');
      const before = deleted();
      redis.signal('SIGSTOP');
      expect(await c.claim('late', 'p', now())).toEqual({ kind: 'unknown' });
      redis.signal('SIGCONT');
      await waitUntil(() => redis.cli('--scan', '--pattern', '*:cl:*').includes('before'), 'Redis to go on');
      await waitUntil(() => !redis.cli('--scan', '--pattern', '*:cl:*').includes('late'), 'it to be free');
      expect(deleted()).toBeGreaterThan(before);
    } finally {
      redis.signal('SIGCONT');
      c.close();
    }
  });
});
