import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { ToGatehouse } from '../../src/contracts/gatehouse-ipc.ts';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { createFrameWriter } from '../../src/governance/issued-frame.ts';
import { makeAdmin } from '../fakes.fixture.ts';
import { createGatehouse, type GatehouseDeps } from './gatehouse.ts';
import type { GatehouseEvents } from './gatehouse-process.ts';

/** One that was forked. */
interface Forked extends GatehouseEvents {
  readonly sent: ToGatehouse[];
  killed: boolean;
}

function open(
  admin: AdminConfig = makeAdmin({ databaseUrl: 'postgres://h/d' }),
  limited: Promise<void> = Promise.resolve(),
) {
  const forked: Forked[] = [];
  const told: ToWorker[] = [];
  const looked: boolean[] = [];
  const limits: unknown[] = [];
  const rings: string[] = [];
  const quiet = (): void => undefined;
  const deps: GatehouseDeps = {
    fork(events) {
      const one: Forked = { ...events, sent: [], killed: false };
      forked.push(one);
      return {
        pid: forked.length,
        send: (message) => void one.sent.push(message),
        kill() {
          one.killed = true;
          one.onExit('SIGKILL');
        },
      };
    },
    log: { info: quiet, warn: quiet, error: quiet, debug: quiet, fatal: quiet } as never, // nobody reads it
    now: () => Date.now(),
    lives: () => [{ state: 'serving', send: (message: ToWorker) => void told.push(message) } as never], // no more is asked of it
    version: 'test',
    url: () => 'http://127.0.0.1:1',
    state: () => ({
      file: { keys: [], providers: [], models: [], limits: [], prices: [], priceChanges: false },
      health: {},
      configVersion: 1,
    }),
    desk: async (ask) => {
      if (ask.do === 'effective') throw new Error('not now');
      return { asked: ask.do };
    },
    onChange: quiet,
    onOpened: quiet,
    onLimits: (next, ofKeys) => {
      limits.push(next);
      looked.push(ofKeys);
      return limited;
    },
    onCommitted: () => void rings.push('rung'),
    onHanded: quiet,
    onCorrected: quiet,
    onManaged: async () => undefined,
  };
  const gatehouse = createGatehouse(deps, admin);
  gatehouse.start();
  return { gatehouse, forked, told, limits, looked, rings, last: () => forked.at(-1)! };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the gatehouse, as the primary keeps it', () => {
  it('is set up when it says hello, and workers hear where it answers', async () => {
    const { gatehouse, last, told } = open();
    last().onMessage({ t: 'hello', pid: 1 });
    expect(last().sent.map(({ t }) => t)).toEqual(['setup', 'state']);
    expect(gatehouse.health()).toEqual({ gatehouse: 'starting' });
    last().onMessage({ t: 'opened', socket: '/run/api.sock', shared: true });
    expect(told).toContainEqual(
      expect.objectContaining({ t: 'gatehouse', socket: '/run/api.sock', on: true }),
    );
    last().onMessage({ t: 'whole', whole: true });
    await gatehouse.inForce();
    expect(gatehouse.health()).toEqual({ gatehouse: 'open', store: 'up' });
  });

  it('that dies is started again after a while, and meanwhile nobody says that a key is unknown', async () => {
    const { gatehouse, forked, last, told } = open();
    last().onMessage({ t: 'hello', pid: 1 });
    last().onMessage({ t: 'opened', socket: '/run/api.sock', shared: true });
    last().onMessage({ t: 'whole', whole: true });
    await gatehouse.inForce();
    told.length = 0;
    const dead = last();
    dead.onExit('SIGKILL');
    expect(told).toContainEqual(expect.objectContaining({ t: 'gatehouse', socket: null }));
    expect(told).toContainEqual({ t: 'whole', whole: false });
    expect(gatehouse.health()).toEqual({ gatehouse: 'down', store: 'down' });
    expect(forked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(forked).toHaveLength(2);
    // A word of the dead one that was still on its way.
    dead.onMessage({ t: 'opened', socket: '/run/old.sock', shared: true });
    expect(gatehouse.health().gatehouse).toBe('down');
  });

  it('that has no place for a store goes, is not started again, and keeps nobody waiting', async () => {
    const { gatehouse, forked, last, told } = open();
    last().onMessage({ t: 'hello', pid: 1 });
    last().onMessage({ t: 'bare', reason: 'read-only' });
    last().onExit('exit code 0');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(forked).toHaveLength(1);
    expect(gatehouse.health()).toEqual({ gatehouse: 'none' });
    expect(told).toContainEqual({ t: 'whole', whole: true });
    expect(told.findLast(({ t }) => t === 'gatehouse')).toMatchObject({ on: false, spool: null });
  });

  it('gets an answer to whatever it asks, failures in words', async () => {
    const { last } = open();
    last().onMessage({ t: 'ask', id: 7, ask: { do: 'look' } });
    last().onMessage({ t: 'ask', id: 8, ask: { do: 'effective' } });
    await vi.advanceTimersByTimeAsync(0);
    expect(last().sent).toEqual([
      { t: 'answer', id: 7, answer: { ok: true, value: { asked: 'look' } } },
      { t: 'answer', id: 8, answer: { ok: false, message: 'not now' } },
    ]);
  });

  it('has workers asked behind what it said before, however long that takes', async () => {
    const reloaded = Promise.withResolvers<void>();
    const { last, told } = open(undefined, reloaded.promise);
    const writer = createFrameWriter();
    writer.add('a', [[Buffer.alloc(32, 1).toString('base64url'), '{"name":"a"}']]);
    last().onMessage({
      t: 'limits',
      limits: [{ name: 'k', per: 'key', match: {}, requests: '1/s' }],
      ofKeys: false,
    });
    last().onMessage({
      t: 'issued',
      frame: writer.take(),
      drop: [],
      reset: true,
      last: true,
      secret: 'AA==',
    });
    last().onMessage({ t: 'ask', id: 1, ask: { do: 'worker', what: { do: 'key', credential: 'hg-a' } } });
    last().onMessage({ t: 'ask', id: 2, ask: { do: 'look' } });
    await vi.advanceTimersByTimeAsync(1_000);
    const answered = (): number[] => last().sent.flatMap((one) => (one.t === 'answer' ? [one.id] : []));
    expect(answered()).toEqual([2]);
    reloaded.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(told.some(({ t }) => t === 'issued')).toBe(true);
    expect(answered()).toEqual([2, 1]);
  });

  it('is another process once it is to be run in another way, and none once it is off', async () => {
    const { gatehouse, forked, last } = open();
    last().onMessage({ t: 'hello', pid: 1 });
    gatehouse.follow(makeAdmin({ databaseUrl: 'postgres://h/d' }));
    expect(last().sent.some(({ t }) => t === 'end')).toBe(false);
    gatehouse.follow(makeAdmin({ databaseUrl: 'postgres://h/d', litellm: true }));
    expect(last().sent.at(-1)).toEqual({ t: 'end' });
    last().onExit('exit code 0');
    await vi.advanceTimersByTimeAsync(0);
    expect(forked).toHaveLength(2);
    gatehouse.follow(makeAdmin({ enabled: false }));
    // It does not go by itself.
    await vi.advanceTimersByTimeAsync(10_000);
    expect(last().killed).toBe(true);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(forked).toHaveLength(2);
    expect(gatehouse.health()).toEqual({ gatehouse: 'off' });
  });

  it('that shares its store has the others told of what it wrote, and hears of theirs', () => {
    const { gatehouse, last, rings } = open();
    last().onMessage({ t: 'opened', socket: '/run/api.sock', shared: true });
    last().onMessage({ t: 'committed' });
    expect(rings).toEqual(['rung']);
    gatehouse.rung();
    expect(last().sent.at(-1)).toEqual({ t: 'rung' });
    const alone = open(makeAdmin());
    alone.last().onMessage({ t: 'committed' });
    expect(alone.rings).toEqual([]);
  });

  it('takes limits before the keys that come behind them, and the same ones once', async () => {
    const { gatehouse, last, limits, told } = open();
    const some = [{ name: 'k', per: 'key', match: { key: 'a' }, requests: '1/s' }];
    last().onMessage({ t: 'limits', limits: some, ofKeys: false });
    last().onMessage({ t: 'limits', limits: structuredClone(some), ofKeys: false });
    const writer = createFrameWriter();
    writer.add('a', [[Buffer.alloc(32, 1).toString('base64url'), '{"name":"a"}']]);
    last().onMessage({
      t: 'issued',
      frame: writer.take(),
      drop: [],
      reset: true,
      last: true,
      secret: 'AA==',
    });
    expect(told.some(({ t }) => t === 'issued')).toBe(false);
    await gatehouse.inForce();
    expect(limits).toEqual([some]);
    expect(told.some(({ t }) => t === 'issued')).toBe(true);
  });

  it('looks for limits of keys from the first that has some on, whatever another gatehouse says first', async () => {
    const { gatehouse, last, looked } = open();
    last().onMessage({ t: 'limits', limits: [], ofKeys: false });
    last().onMessage({ t: 'limits', limits: [], ofKeys: true });
    last().onMessage({ t: 'limits', limits: [], ofKeys: false });
    await gatehouse.inForce();
    expect(looked).toEqual([true]);
  });
});
