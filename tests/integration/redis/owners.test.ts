// Whose objects at providers are, shared through a real Redis: the primaries' side, without gateways around it.
import { afterEach, expect, it, vi } from 'vitest';
import { createOwners, type Owners } from '../../../cluster/known/owners.ts';
import type { RedisConfig } from '../../../src/contracts/redis-config.ts';
import type { Log } from '../../../src/observability/log.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const clock = { now: () => performance.now(), wall: () => Date.now() };
const mine = { owner: 'me', provider: 'oa' };
const WAIT = { timeout: 20_000 };
const open: Owners[] = [];
let server: RedisServer | null = null;

afterEach(async () => {
  for (const owners of open.splice(0)) owners.follow(null);
  await server?.close();
  server = null;
});

function node(redis: RedisConfig): { owners: Owners; lines: string[] } {
  const lines: string[] = [];
  const say = (_fields: unknown, message: string): void => void lines.push(message);
  const log = { debug: say, info: say, warn: say, error: say, fatal: say } as unknown as Log; // all that is called
  const owners = createOwners({ clock, log });
  owners.follow(redis);
  open.push(owners);
  return { owners, lines };
}

it('what one node noted the others know, also those that start later; without Redis each knows its own', async () => {
  server = await startRedis();
  const redis: RedisConfig = {
    url: `redis://127.0.0.1:${server.port}`,
    mode: 'lease',
    onFailure: 'open',
    timeoutMs: 5_000,
  };
  const one = node(redis);
  const two = node(redis);
  await vi.waitFor(async () => {
    one.owners.note('file-1', mine);
    expect(await two.owners.find(['nobody', 'file-1'])).toEqual([null, mine]);
  }, WAIT);
  const later = node(redis);
  await vi.waitFor(async () => expect(await later.owners.find(['file-1'])).toEqual([mine]), WAIT);
  one.owners.note('cntr-1', mine);
  await vi.waitFor(async () => expect(await two.owners.find(['cntr-1'])).toEqual([mine]), WAIT);
  // An answer at another node speaks of it: whose it is was known before.
  later.owners.note('cntr-1', { ...mine, owner: 'you' }, true);
  expect(await later.owners.find(['cntr-1'])).toEqual([mine]);
  later.owners.note('cntr-2', { ...mine, owner: 'you' }, true);
  expect(await later.owners.find(['cntr-2'])).toEqual([{ ...mine, owner: 'you' }]);
  await server.kill();
  await vi.waitFor(
    () => expect(two.lines).toContain('redis: owners of objects are known to this node only'),
    WAIT,
  );
  one.owners.note('file-2', mine);
  expect(await one.owners.find(['file-2'])).toEqual([mine]);
  expect(await two.owners.find(['file-1', 'file-2'])).toEqual([mine, null]);
});
