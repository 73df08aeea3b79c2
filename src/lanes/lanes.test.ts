import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createLanes } from './lanes.ts';

afterEach(() => void vi.useRealTimers());

const clock = { now: () => performance.now(), wall: () => Date.now() };

const provider = (name: string, over: Partial<ProviderConfig> = {}): ProviderConfig =>
  makeProvider(name, {
    baseUrl: `http://${name}/v1`,
    keys: [
      { alias: 'one', value: 'sk-1', weight: 1, models: [] },
      { alias: 'two', value: 'sk-2', weight: 1, models: [] },
    ],
    lane: { concurrency: 2, queue: 2, queueTimeoutMs: 1000, onFull: 'shed' },
    ...over,
  });

function setup() {
  const made: { name: string; close: ReturnType<typeof vi.fn> }[] = [];
  const lanes = createLanes({
    clock,
    broker: { gone: false, want() {} },
    random: () => 0,
    createUpstream({ name, baseUrl }) {
      new URL(baseUrl);
      const close = vi.fn(async () => {});
      made.push({ name, close });
      return {
        close,
        stats: () => ({ connected: 0, running: 0, pending: 0 }),
        send: vi.fn(),
      } as unknown as Upstream;
    },
  });
  return { lanes, made };
}

const shares = (run: number, wait: number, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { run, wait }]));

describe('a set of lanes', () => {
  it('keeps the lane of a provider that stayed: queue, connections, resting keys, models that cool', () => {
    const { lanes, made } = setup();
    const before = lanes.apply([provider('a')], shares(1, 1, 'a')).get('a')!;
    before.enter({ onSlot() {}, onShed() {} });
    before.enter({ onSlot() {}, onShed() {} });
    before.keys.rest(before.keys.pick('m', [])!, 'm', 60_000);
    const cell = before.cell('m');
    cell.cool(60_000, true);
    const changed = provider('a', {
      headers: { 'x-new': '1' },
      keys: [...provider('a').keys, { alias: 'three', value: 'sk-3', weight: 1, models: [] }],
      lane: { concurrency: 2, queue: 5, queueTimeoutMs: 10, onFull: 'block' },
    });
    const after = lanes.apply([changed], shares(1, 5, 'a')).get('a')!;
    expect(after).toBe(before);
    expect(after.provider).toBe(changed);
    expect(after.stats()).toMatchObject({ inFlight: 1, queued: 1, runShare: 1, waitShare: 5 });
    expect(after.keys.pick('m', [])?.config.alias).toBe('two');
    expect(after.cell('m').leftMs()).toBeGreaterThan(0);
    expect(after.cooling()).toBe(1);
    // Plans of the old configuration are still on their way.
    after.cell('m').cool(90_000, true);
    expect(cell.leftMs()).toBeGreaterThan(60_000);
    expect(made).toHaveLength(1);
  });

  it.each<[string, Partial<ProviderConfig>]>([
    ['proxy', { proxy: 'http://proxy.test:3128' }],
    ['certificates', { tls: { ca: 'PEM' } }],
    ['age of connections', { connections: { maxAgeMs: 1_000 } }],
  ])(
    'makes new connections when the %s changes, in the same lane, and none when it does not',
    (_, change) => {
      const { lanes, made } = setup();
      const before = lanes.apply([provider('a')], shares(1, 1, 'a')).get('a')!;
      expect(lanes.apply([provider('a', change)], shares(1, 1, 'a')).get('a')).toBe(before);
      expect(made).toHaveLength(2);
      lanes.apply([provider('a', structuredClone(change))], shares(1, 1, 'a'));
      expect(made).toHaveLength(2);
    },
  );

  it('sets up wider connections when the concurrency grows, in the same lane', () => {
    const { lanes, made } = setup();
    const before = lanes.apply([provider('a')], shares(1, 1, 'a')).get('a')!;
    const old = before.upstream;
    const wider = provider('a', { lane: { ...provider('a').lane, concurrency: 9 } });
    expect(lanes.apply([wider], shares(9, 1, 'a')).get('a')).toBe(before);
    expect(before.upstream).not.toBe(old);
    expect(made[0]!.close).toHaveBeenCalledOnce();
  });

  it('makes a new lane for a provider that moved, and closes the old one behind its last call', async () => {
    const { lanes, made } = setup();
    const old = lanes.apply([provider('a')], shares(1, 1, 'a')).get('a')!;
    const seat = old.enter({ onSlot() {}, onShed() {} });
    const moved = lanes
      .apply([provider('a', { baseUrl: 'http://elsewhere/v1' })], shares(1, 1, 'a'))
      .get('a')!;
    expect(moved).not.toBe(old);
    expect(lanes.holder('a')).toBe(moved);
    await Promise.resolve();
    expect(made[0]!.close).not.toHaveBeenCalled();
    seat.leave();
    await vi.waitFor(() => expect(made[0]!.close).toHaveBeenCalledOnce());
    expect(made[1]!.close).not.toHaveBeenCalled();
  });

  it('closes the lane of a provider that is gone', async () => {
    const { lanes, made } = setup();
    lanes.apply([provider('a'), provider('b')], shares(1, 1, 'a', 'b'));
    const left = lanes.apply([provider('b')], shares(1, 1, 'b'));
    expect([...left.keys()]).toEqual(['b']);
    expect(lanes.holder('a')).toBeUndefined();
    await vi.waitFor(() => expect(made.find(({ name }) => name === 'a')!.close).toHaveBeenCalledOnce());
    expect(made.find(({ name }) => name === 'b')!.close).not.toHaveBeenCalled();
  });

  it('changes nothing when one provider cannot be set up', () => {
    const { lanes } = setup();
    const before = lanes.apply([provider('a')], shares(1, 1, 'a')).get('a')!;
    const next = [provider('a', { headers: { x: 'y' } }), provider('bad', { baseUrl: 'not a url' })];
    expect(() => lanes.apply(next, shares(5, 5, 'a', 'bad'))).toThrow();
    expect(lanes.holder('a')).toBe(before);
    expect(before.stats().runShare).toBe(1);
    expect(before.provider.headers).toEqual({});
  });

  it('gives a lane without a share nothing until the primary grants it', () => {
    const { lanes } = setup();
    const lane = lanes.apply([provider('a')], {}).get('a')!;
    let runs = 0;
    lane.enter({ onSlot: () => runs++, onShed() {} });
    expect(runs).toBe(0);
    lanes.holder('a')!.grant('run', 1);
    expect(runs).toBe(1);
  });

  it('closes all, but does not wait for ever for a call that never ends', async () => {
    vi.useFakeTimers();
    const { lanes, made } = setup();
    const applied = lanes.apply([provider('a'), provider('b')], shares(1, 1, 'a', 'b'));
    applied.get('a')!.enter({ onSlot() {}, onShed() {} });
    const closing = lanes.close();
    await vi.advanceTimersByTimeAsync(2000);
    await closing;
    expect(made.map(({ close }) => close.mock.calls.length)).toEqual([0, 1]);
  });

  it('runs the demo and HTTP providers as configured', async () => {
    const lanes = createLanes({ clock, broker: { gone: false, want() {} } });
    const set = lanes.apply(
      [provider('demo', { kind: 'demo', baseUrl: '', keys: [] }), provider('real')],
      shares(1, 1, 'demo', 'real'),
    );
    const status = await new Promise<number>((resolve, reject) => {
      set
        .get('demo')!
        .upstream.send(
          { method: 'GET', path: '/models', headers: {}, body: null },
          { onSent() {}, onHead: resolve, onData() {}, onEnd() {}, onError: reject },
        );
    });
    expect(status).toBe(200);
    expect(set.get('real')!.upstream.stats()).toEqual({ connected: 0, running: 0, pending: 0 });
    await lanes.close();
  });
});
