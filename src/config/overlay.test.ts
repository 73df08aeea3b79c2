// What the API manages, laid over a file: by whole resource, the file first, and nothing of this machine's for what came by the API.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagedConfig, NOTHING_MANAGED } from '../contracts/managed-config.ts';
import { loadConfig } from './load.ts';
import { layOver, MANAGED_SECTIONS } from './overlay.ts';
import { ConfigError } from './problem.ts';

const managed = (over: Partial<ManagedConfig>): ManagedConfig => ({ ...NOTHING_MANAGED, ...over });
const local = { dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', models: ['m'] };

describe('over what a file states', () => {
  it('new resources stand beside those of the file, which stay as they are', () => {
    const file = { providers: { a: local }, models: { x: { targets: ['a/m'] } }, log: { level: 'warn' } };
    const laid = layOver(file, managed({ providers: { b: local }, models: { y: { targets: ['b/m'] } } }));
    expect(laid.value).toEqual({
      providers: { a: local, b: local },
      models: { x: { targets: ['a/m'] }, y: { targets: ['b/m'] } },
      log: { level: 'warn' },
    });
    expect(file).toEqual({
      providers: { a: local },
      models: { x: { targets: ['a/m'] } },
      log: { level: 'warn' },
    });
    expect([...laid.providers]).toEqual(['b']);
    expect(laid.isManaged(['providers', 'b', 'baseUrl'])).toBe(true);
    expect(laid.isManaged(['providers', 'a'])).toBe(false);
    expect(laid.notes).toEqual([]);
  });

  it('of a name that both have the file’s counts, and it is said', () => {
    const laid = layOver(
      { providers: { a: local }, retries: { max: 1 } },
      managed({
        providers: { a: { ...local, models: ['other'] } },
        sections: { retries: { max: 5 }, lane: { queue: 1 } },
      }),
    );
    expect(laid.value).toEqual({ providers: { a: local }, retries: { max: 1 }, lane: { queue: 1 } });
    expect(laid.notes).toHaveLength(2);
    expect(laid.notes.join()).toMatch(/providers\.a stands in the file.*retries stands in the file/);
    expect(laid.isManaged(['retries'])).toBe(false);
    expect(laid.isManaged(['lane', 'queue'])).toBe(true);
  });

  it.each([undefined, null, {}])('a file of %j has what the API has', (file) => {
    expect(layOver(file, managed({ providers: { b: local } })).value).toEqual({ providers: { b: local } });
    expect(layOver(file, NOTHING_MANAGED).value).toEqual({});
  });

  it('a section of the file that is none stays, to be refused for what it is', () => {
    expect(layOver({ providers: ['a'] }, managed({ providers: { b: local } })).value).toEqual({
      providers: ['a'],
    });
    expect(layOver({ models: 'x' }, managed({ models: { y: {} } })).value).toEqual({ models: 'x' });
    expect(layOver({ models: null }, managed({ models: { y: {} } })).value).toEqual({ models: { y: {} } });
  });

  it('a name out of Object’s own prototype is a name like any other', () => {
    const laid = layOver({ providers: {} }, managed({ providers: { constructor: local } }));
    expect(Object.keys(laid.value['providers'] as object)).toEqual(['constructor']);
    expect(laid.notes).toEqual([]);
  });

  it('keys are told by their provider, of the file or not', () => {
    const keys = [
      { provider: 'a', alias: '1', value: 'k1' },
      { provider: 'b', alias: '2', value: 'k2' },
      { provider: 'a', alias: '3', value: 'k3' },
    ];
    const laid = layOver({}, managed({ keys }));
    expect(laid.keysOf('a').map(({ alias }) => alias)).toEqual(['1', '3']);
    expect(laid.keysOf('none')).toEqual([]);
  });

  it('nothing that says who may do what, where it listens or where it stores is among what can be managed', () => {
    for (const section of [
      'auth',
      'server',
      'admin',
      'redis',
      'log',
      'teams',
      'plugins',
      'telemetry',
      'listeners',
    ])
      expect(MANAGED_SECTIONS).not.toContain(section);
  });
});

describe('as it is loaded', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-overlay-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const load = (overlay: ManagedConfig, env: Record<string, string> = {}, yaml?: string) => {
    if (yaml !== undefined) writeFileSync(path.join(folder, 'headgate.yaml'), yaml);
    return loadConfig({ env, cwd: folder, cores: 2, overlay });
  };
  const named = (loaded: ReturnType<typeof load>, name: string) =>
    loaded.config.providers.find((one) => one.name === name);

  it('a provider of the API takes neither key nor address out of the environment, one of the file does', () => {
    const env = { OPENAI_API_KEY: 'sk-of-the-operator-0000', OPENAI_BASE_URL: 'http://127.0.0.1:7/v1' };
    const file = load(NOTHING_MANAGED, env, 'providers:\n  openai: {}\n');
    expect(JSON.stringify(named(file, 'openai'))).toContain('sk-of-the-operator-0000');
    rmSync(path.join(folder, 'headgate.yaml'));
    const api = load(
      managed({
        providers: { mine: { ...local, baseUrl: 'https://evil.example.com/v1' } },
        keys: [{ provider: 'mine', alias: 'one', value: 'sk-of-its-own-000000' }],
      }),
      { ...env, MINE_API_KEY: 'sk-not-for-it-00000000' },
    );
    const text = JSON.stringify(named(api, 'mine'));
    expect(text).toContain('sk-of-its-own-000000');
    expect(text).not.toContain('sk-of-the-operator');
    expect(text).not.toContain('sk-not-for-it');
    expect(api.managed.has('providers/mine')).toBe(true);
    expect(api.managed.has('providers/openai')).toBe(false);
  });

  it('a reference in what the API says is no reference', () => {
    const loaded = load(
      managed({
        providers: { mine: local },
        keys: [{ provider: 'mine', alias: 'one', value: 'env.SECRET_OF_THE_MACHINE' }],
      }),
      { SECRET_OF_THE_MACHINE: 'not to be had' },
    );
    expect(JSON.stringify(loaded.config)).not.toContain('not to be had');
  });

  it('prices stand beside those of the file, name by name, and the file’s count', () => {
    const file = { prices: { 'a/*': { input_cost_per_token: 1 } } };
    const said = { 'a/*': { input_cost_per_token: 9 }, 'a/m': { input_cost_per_token: 2 } };
    const laid = layOver(file, managed({ sections: { prices: said } }));
    expect(laid.value['prices']).toEqual({ 'a/*': file.prices['a/*'], 'a/m': said['a/m'] });
    expect(laid.notes).toEqual(['prices.a/* stands in the file: what the API says of it does not count']);
    expect([laid.isManaged(['prices', 'a/m']), laid.isManaged(['prices', 'a/*'])]).toEqual([true, false]);
  });

  it('what is wrong with it is said to be the API’s, with its place', () => {
    const wrong = managed({ providers: { mine: { ...local, baseUrl: 'no address' } } });
    expect(() => load(wrong)).toThrow(ConfigError);
    try {
      load(wrong);
    } catch (error) {
      const { details, problems } = error as ConfigError; // as it was thrown above
      expect(details[0]).toMatchObject({ path: expect.stringContaining('providers.mine'), source: 'api' });
      expect(problems[0]).toContain('admin API');
    }
  });

  it('a paused provider has a lane without a place, the others keep theirs', () => {
    const loaded = load(managed({ providers: { mine: local, other: local }, paused: ['mine', 'gone'] }));
    expect(named(loaded, 'mine')?.lane).toMatchObject({ concurrency: 0, queue: 0, onFull: 'shed' });
    expect(named(loaded, 'other')?.lane.concurrency).toBeGreaterThan(0);
  });
});
