// The directory and the configuration change apart: what one of them brings makes nothing of the other anew.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../config/load.ts';
import type { LimitAuthority } from '../contracts/limits.ts';
import { createNames } from '../dns/names.ts';
import { KeyDirectory } from '../pipeline/who/directory.ts';
import type { StageEntries } from '../pipeline/flows.ts';
import { type Compile, createCompile } from './compile.ts';
import { createEffects, type Effects } from './effects.ts';
import { createMetering, type Metering } from './metering.ts';
import { createGatewayParts, type PortsAndParts } from './parts.ts';
import { createTraces } from './traces.ts';

const none = (): void => undefined;
const authority: LimitAuthority = { healthy: true, ask: async () => [], giveBack: none };
const going = { stage: () => 'continue' as const };
const stages: StageEntries = {
  identify: going,
  'first-chat': going,
  prompts: going,
  form: going,
  own: going,
  provider: going,
  session: going,
  plan: going,
  files: going,
  permit: going,
  plugins: going,
  'plugin-route': going,
  parts: going,
  idempotency: going,
  coalesce: going,
  recall: going,
  compact: going,
  guardrails: going,
  lookup: going,
  admit: going,
  background: going,
  shadow: going,
  count: going,
  dispatch: going,
  tunnel: going,
};

let directory: KeyDirectory;
let effects: Effects;
let metering: Metering;
let compile: Compile;

beforeEach(() => {
  directory = new KeyDirectory();
  const ports: PortsAndParts = {
    clock: { now: () => performance.now(), wall: () => Date.now() },
    offload: null,
    log: { debug: none, info: none, warn: none, error: none },
    directory,
    names: createNames(),
    worker: '0',
    droppedLogLines: () => 0,
    shares: { gone: false, want: none },
    limitAuthority: () => authority,
    siblings: { ask: async (_wish, _owner, ids) => ids.map(() => null) },
    sharedTurns: () => null,
    rested: none,
    parts: createGatewayParts(),
    scrape: async () => '',
    health: () => ({}),
    admin: () => 'off',
  };
  metering = createMetering(ports);
  effects = createEffects(ports, metering);
  compile = createCompile(
    ports,
    effects,
    metering,
    createTraces(ports, metering.recorder, () => null),
    stages,
    {
      sinks: [],
      filters: [],
    },
  );
});

afterEach(async () => {
  metering.stop();
  effects.limiter.close();
  effects.clocks.close();
  await effects.lanes.close();
});

function configOf(env: Record<string, string> = {}) {
  return loadConfig({
    env: { HEADGATE_API_KEYS: 'app=key-of-the-app', ...env },
    cwd: '/nonexistent',
    cores: 1,
  });
}

it('a new configuration asks the same directory: who called before is the same object', () => {
  const { config, keys } = configOf();
  directory.learn({ base: 0, revision: 1, put: keys, drop: [] });
  const one = compile(config, 1, {}).snapshot;
  const caller = one.identify('key-of-the-app');
  expect(caller).toMatchObject({ name: 'app' });
  const two = compile(configOf({ HEADGATE_ACCESS_LOG: 'off' }).config, 2, {}).snapshot;
  expect(two.identify('key-of-the-app')).toBe(caller);
  expect(directory.revision).toBe(1);
});

it('a key that comes or goes counts at once, under the snapshot that there is', () => {
  const { config, keys } = configOf();
  directory.learn({ base: 0, revision: 1, put: keys, drop: [] });
  const { snapshot } = compile(config, 1, {});
  directory.learn({
    base: 1,
    revision: 2,
    put: [{ name: 'new', value: 'key-of-the-new' }],
    drop: ['key-of-the-app'],
  });
  expect(snapshot.identify('key-of-the-new')).toMatchObject({ name: 'new' });
  expect(snapshot.identify('key-of-the-app')).toBeNull();
});

it('the key of the metrics belongs to the configuration, and opens nothing else', () => {
  const { config, keys } = configOf({ HEADGATE_METRICS_KEY: 'key-of-the-metrics' });
  directory.learn({ base: 0, revision: 1, put: keys, drop: [] });
  const { snapshot } = compile(config, 1, {});
  expect(snapshot.identifyScraper!('key-of-the-metrics')).toMatchObject({ name: 'metrics' });
  expect(snapshot.identifyScraper!('key-of-the-app')).toBeNull();
  expect(snapshot.identify('key-of-the-metrics')).toBeNull();
  expect(compile(configOf().config, 2, {}).snapshot.identifyScraper).toBeNull();
});
