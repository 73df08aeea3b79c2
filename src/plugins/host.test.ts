import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_PLUGIN } from '../config/schema/defaults.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { PluginHook } from '../contracts/plugin.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import type { PluginRunner } from '../contracts/plugin-port.ts';
import { PluginHost } from './host.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Fake {
  host: PluginHost;
  /** What its hooks do. */
  does: { run: () => unknown };
  lines: string[];
  ran: string[];
  closed: () => number;
}

async function hostOf(config: Partial<PluginConfig>, made?: () => Promise<PluginRunner>): Promise<Fake> {
  const does = { run: (): unknown => 'decision' };
  const lines: string[] = [];
  const ran: string[] = [];
  let closed = 0;
  const runner: PluginRunner = {
    hooks: new Set<PluginHook>(['onRequest', 'onDelta', 'onSettle']),
    run: () => does.run(),
    delta: () => does.run() as string,
    close: () => void closed++,
  };
  const full = {
    ...DEFAULT_PLUGIN,
    name: 'p',
    mode: 'process',
    hooks: null,
    when: {},
    ...config,
  } as PluginConfig;
  const host = new PluginHost(full, {
    clock: { now: () => Date.now(), wall: () => Date.now() },
    create: made ?? (() => Promise.resolve(runner)),
    log: (level, plugin, message, fault) =>
      lines.push(`${level} ${plugin}: ${message}${fault === '' ? '' : ` (${fault})`}`),
    ran: (_plugin, hook, outcome) => ran.push(`${hook} ${outcome}`),
  });
  await host.ready;
  return { host, does, lines, ran, closed: () => closed };
}

const event = () => ({});
const boom = (): never => {
  throw new Error('boom');
};

describe('a plugin', () => {
  it('answers at once where it can, and is waited for where it takes its time', async () => {
    const { host, does, ran } = await hostOf({});
    expect(host.ask('onRequest', event)).toBe('decision');
    does.run = () => Promise.resolve('later');
    expect(await host.ask('onRequest', event)).toBe('later');
    expect(ran).toEqual(['onRequest ok', 'onRequest ok']);
  });

  it('that throws lets the call go on, or refuses it, as the configuration says', async () => {
    const open = await hostOf({});
    open.does.run = boom;
    expect(open.host.ask('onRequest', event)).toBeUndefined();
    expect(open.lines).toEqual(['warn p: its onRequest failed (boom)']);
    const closed = await hostOf({ onError: 'closed' });
    closed.does.run = boom;
    expect(() => closed.host.ask('onRequest', event)).toThrow(GatewayError);
    closed.does.run = () => Promise.reject(new Error('boom'));
    await expect(closed.host.ask('onRequest', event)).rejects.toMatchObject({
      code: 'GW_PLUGIN_FAILED',
      status: 503,
    });
  });

  it('that never answers is waited for no longer than its time', async () => {
    const { host, does, ran } = await hostOf({ timeoutMs: 50 });
    does.run = () => new Promise(() => {});
    const asked = host.ask('onRequest', event);
    await vi.advanceTimersByTimeAsync(51); // behind the reads of that turn
    expect(await asked).toBeUndefined();
    expect(ran).toEqual(['onRequest timeout']);
  });

  it('that fails too often within a minute is switched off for good, and says so', async () => {
    const { host, does, lines, ran, closed } = await hostOf({ maxErrors: 3 });
    does.run = boom;
    host.ask('onRequest', event);
    host.ask('onRequest', event);
    // They are forgotten when there were none behind them for a minute.
    await vi.advanceTimersByTimeAsync(61_000);
    host.ask('onRequest', event);
    does.run = () => 'fine';
    host.ask('onRequest', event);
    does.run = boom;
    host.ask('onRequest', event);
    expect(host.state).toBe('on');
    host.ask('onRequest', event);
    expect(host.state).toBe('off');
    expect(host.view()).toMatchObject({ state: 'off', reason: 'errors', fault: 'boom', since: Date.now() });
    expect(host.view().hooks).toContain('onDelta');
    expect(lines.at(-1)).toBe('error p: the plugin is switched off: 3 failures within a minute (boom)');
    expect(closed()).toBe(1);
    await vi.advanceTimersByTimeAsync(3_600_000);
    does.run = () => 'too late';
    expect(host.ask('onRequest', event)).toBeUndefined();
    expect(host.delta({} as never)).toBeUndefined();
    expect(ran.slice(-2)).toEqual(['onRequest passed_by', 'onDelta passed_by']);
  });

  it('that is off refuses the calls that may not go on without it', async () => {
    const { host, does } = await hostOf({ maxErrors: 1, onError: 'closed' });
    does.run = boom;
    expect(() => host.ask('onRequest', event)).toThrow('failed');
    expect(() => host.ask('onRequest', event)).toThrow('switched off');
    const broken = await hostOf({ onError: 'closed' }, () => Promise.reject(new Error('no such module')));
    expect(broken.host.view()).toMatchObject({ state: 'off', reason: 'start', fault: 'no such module' });
    expect(broken.host.has('onRequest')).toBe(true);
    expect(() => broken.host.ask('onRequest', event)).toThrow('switched off');
  });

  it('behind a server is left alone for a while, then asked by one call', async () => {
    const { host, does, ran } = await hostOf({ mode: 'http', maxErrors: 2 });
    does.run = () => Promise.reject(new Error('refused'));
    await host.ask('onRequest', event);
    await host.ask('onRequest', event);
    expect(host.state).toBe('resting');
    expect(host.ask('onRequest', event)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_000);
    const probe = host.ask('onRequest', event);
    expect(host.ask('onRequest', event)).toBeUndefined();
    await probe;
    expect(host.state).toBe('resting');
    // Twice the pause.
    await vi.advanceTimersByTimeAsync(1_900);
    expect(host.ask('onRequest', event)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(100);
    does.run = () => Promise.resolve('well');
    expect(host.view()).toMatchObject({ state: 'resting', reason: 'errors' });
    expect(await host.ask('onRequest', event)).toBe('well');
    expect(host.view()).toMatchObject({ state: 'on', reason: '', fault: '', since: Date.now() });
    expect(ran.filter((one) => one.endsWith('passed_by'))).toHaveLength(3);
  });

  it('whose server is not there yet is tried again by calls that come later', async () => {
    let there = false;
    const runner = {
      hooks: new Set<PluginHook>(['onRequest']),
      run: () => 'there',
      delta: () => undefined,
      close() {},
    };
    const { host } = await hostOf({ mode: 'grpc' }, () =>
      there ? Promise.resolve(runner) : Promise.reject(new Error('refused')),
    );
    expect(host.state).toBe('resting');
    expect(host.ask('onRequest', event)).toBeUndefined();
    there = true;
    expect(host.ready).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    await host.ready;
    expect(host.ask('onRequest', event)).toBe('there');
  });

  it('is told what nobody waits for, up to a bound', async () => {
    const { host, does, ran } = await hostOf({ timeoutMs: 60_000, maxErrors: 5_000 });
    does.run = () => new Promise(() => {});
    for (let i = 0; i < 1_100; i++) host.tell('onSettle', event);
    expect(ran.filter((one) => one === 'onSettle passed_by')).toHaveLength(100);
    await vi.advanceTimersByTimeAsync(60_001);
    host.tell('onSettle', event);
    expect(ran.filter((one) => one === 'onSettle passed_by')).toHaveLength(100);
  });

  it('ends with the last call that has it', async () => {
    const { host, closed } = await hostOf({});
    host.hold();
    host.retire();
    expect(closed()).toBe(0);
    expect(host.ask('onRequest', event)).toBe('decision');
    host.release();
    expect(closed()).toBe(1);
  });

  it('that says what is no text loses nothing of the answer', async () => {
    const { host, does, ran } = await hostOf({});
    does.run = () => 7;
    expect(host.delta({} as never)).toBeUndefined();
    expect(ran).toEqual(['onDelta error']);
  });
});
