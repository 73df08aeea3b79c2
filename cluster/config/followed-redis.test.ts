import { expect, test, vi } from 'vitest';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import { Followed } from './followed-redis.ts';

const redis = (url: string): RedisConfig => ({ url }) as RedisConfig; // no more is looked at

function setUp() {
  const asked: { url: string; open: () => void; fail: (err: Error) => void; close: () => void }[] = [];
  const opened = vi.fn();
  const failed = vi.fn();
  const followed = new Followed<{ url: string; close(): void }>({
    open: ({ url }) =>
      new Promise((resolve, reject) => {
        const close = vi.fn();
        asked.push({ url, open: () => resolve({ url, close }), fail: reject, close });
      }),
    opened,
    failed,
  });
  return { followed, asked, opened, failed };
}

test('it is there once it is open, and is not opened again for the same configuration', async () => {
  const { followed, asked, opened } = setUp();
  expect([followed.wanted, followed.here, followed.opening]).toEqual([false, null, null]);
  followed.follow(redis('a'));
  followed.follow(redis('a'));
  expect(asked.length).toBe(1);
  expect([followed.wanted, followed.here]).toEqual([true, null]);
  asked[0]!.open();
  expect(await followed.opening).toMatchObject({ url: 'a' });
  expect(followed.here).toMatchObject({ url: 'a' });
  expect(opened).toHaveBeenCalledTimes(1);
});

test('one that the configuration leaves is closed, be it open by then or later', async () => {
  const { followed, asked, opened } = setUp();
  followed.follow(redis('a'));
  asked[0]!.open();
  await followed.opening;
  followed.follow(redis('b'));
  expect(followed.here).toBeNull();
  await vi.waitFor(() => expect(asked[0]!.close).toHaveBeenCalledTimes(1));
  followed.follow(redis('c'));
  asked[1]!.open();
  await vi.waitFor(() => expect(asked[1]!.close).toHaveBeenCalledTimes(1));
  expect(followed.here).toBeNull();
  asked[2]!.open();
  await followed.opening;
  expect(followed.here).toMatchObject({ url: 'c' });
  expect(opened).toHaveBeenCalledTimes(2);
  followed.follow(null);
  expect([followed.wanted, followed.here, followed.opening]).toEqual([false, null, null]);
  await vi.waitFor(() => expect(asked[2]!.close).toHaveBeenCalledTimes(1));
});

test('one that cannot be opened is told of, and the next one is tried', async () => {
  const { followed, asked, failed } = setUp();
  followed.follow(redis('a'));
  asked[0]!.fail(new Error('no client'));
  await vi.waitFor(() => expect(failed).toHaveBeenCalledTimes(1));
  expect([followed.wanted, followed.here]).toEqual([true, null]);
  followed.follow(redis('b'));
  asked[1]!.open();
  await followed.opening;
  expect(followed.here).toMatchObject({ url: 'b' });
});

test('what is closed shares nothing more', async () => {
  const { followed, asked } = setUp();
  followed.follow(redis('a'));
  asked[0]!.open();
  await followed.opening;
  followed.close();
  expect(followed.here).toBeNull();
  await vi.waitFor(() => expect(asked[0]!.close).toHaveBeenCalledTimes(1));
});
