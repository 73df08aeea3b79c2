// The shape of what `/api/cluster` shows, for the OpenAPI document; src/contracts/cluster-view.ts is the same as a type.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import { choice, flag, list, object, text } from './fields.ts';

const number = (description: string): SchemaNode => ({ type: 'number', description });
const count = (description: string): SchemaNode => ({ type: 'integer', description });

const delays = object(
  { p50: number('ms, upper bound.'), p95: number('ms, upper bound.') },
  [],
  'How late timers of the event loop fire; null = not told yet.',
);

const worker = object({
  index: count('Place of the worker, from 0.'),
  pid: count('Of its process.'),
  state: choice(['loading', 'configuring', 'serving', 'draining', 'gone'], 'Where in its life it is.'),
  uptimeMs: count('Since it was forked.'),
  restarts: count('Of this place, since the gateway started.'),
  configVersion: count('In force there; 0 = none yet.'),
  memoryBytes: count('Resident; null = not told yet.'),
  connections: count('Of clients, open; null = not told yet.'),
  loopDelayMs: delays,
});

const node = object({
  name: text('Of the machine.'),
  version: text('Of the gateway.'),
  pid: count('Of the primary.'),
  status: choice(['ok', 'degraded', 'draining'], 'As /health says.'),
  uptimeMs: count('Since it started.'),
  configVersion: count('In force.'),
  memoryBytes: count('Resident, of the primary.'),
  restarts: count('Workers started in place of one that died.'),
  workers: list(worker, 'Its workers.'),
});

const resting = object({
  model: text('Name at the provider.'),
  forMs: count('What is left.'),
  limited: flag('It ran into a limit; else it may not be used.'),
});

export const laneSchema = object({
  provider: text('Name of the provider.'),
  paused: flag('Nobody is sent there.'),
  inFlight: count('Calls that hold a slot.'),
  slots: count('Of the whole gateway.'),
  queued: count('Calls that wait.'),
  queueSlots: count('How many may wait.'),
  streams: count('Streamed answers being written.'),
  windowMs: count('What the rates, times and `shed` are of: up to a minute.'),
  ratePerSecond: number('Attempts that ended.'),
  errorRate: number(
    '0 to 1: attempts that failed by the provider’s or the gateway’s fault; null = none ended.',
  ),
  p50Ms: number('Of attempts, request sent to last byte; null = none ended.'),
  p95Ms: number('Likewise; null = none ended.'),
  p99Ms: number('Likewise; null = none ended.'),
  shed: count('Calls its queue refused.'),
  keys: list(
    object({
      alias: text('Of the key.'),
      up: number('Share of the workers on which it is usable.'),
      resting: list(resting, 'Models it rests for.'),
    }),
    'Its keys.',
  ),
  cooling: list(
    object({
      model: text('Name at the provider.'),
      forMs: count('What is left.'),
      stated: flag('The provider said for how long.'),
    }),
    'Models that cool down.',
  ),
  circuits: list(
    object({
      model: text('Name at the provider.'),
      state: choice(['open', 'half-open'], 'Of the breaker.'),
      since: count('ms since 1970.'),
    }),
    'Breakers that are not closed.',
  ),
});

const plugin = object({
  name: text('In the configuration.'),
  mode: choice(['process', 'thread', 'http', 'grpc'], 'Where it runs.'),
  state: choice(
    ['starting', 'on', 'resting', 'off'],
    'Where it is worst. `resting`: its server failed and is tried again; `off`: it failed too often, until the configuration is loaded again.',
  ),
  hooks: list(text('`onRequest`, …'), 'Those it has.'),
  reason: choice(
    ['', 'start', 'errors'],
    'Why it is not on. `start`: it could not be loaded, or reached; `errors`: it failed too often within a minute.',
  ),
  fault: text('What went wrong then; empty = nothing.'),
  since: count('When it came into its state, ms since 1970; 0 = no worker said yet.'),
  workers: object({ on: count('It is on.'), of: count('They serve.') }, [], 'How many.'),
  windowMs: count('What the counts and times are of: up to a minute.'),
  calls: count('Hooks it was asked for.'),
  errors: count('Of those: they failed.'),
  timeouts: count('Of those: they took too long.'),
  passedBy: count('Hooks it was not asked for, since it was not on or too much waited for it.'),
  p50Ms: number('What a hook took; null = none ended.'),
  p95Ms: number('Likewise.'),
});

export const clusterSchema = object(
  {
    version: text('Of the gateway.'),
    url: text('Where people on its machine reach it.'),
    at: count('ms since 1970.'),
    status: choice(['ok', 'degraded', 'draining'], 'As /health says.'),
    nodes: list(node, 'Gateways.'),
    lanes: list(laneSchema, 'Of each provider, all workers together.'),
    redis: object({
      state: choice(['off', 'up', 'partly', 'down', 'unknown'], 'Whether the workers reach it.'),
    }),
    plugins: list(plugin, 'Of each plugin, all workers together.'),
    store: object({
      kind: choice(['sqlite', 'postgres'], 'Where it lies.'),
      state: choice(['up', 'down'], 'Whether it answers.'),
    }),
    workers: object({}, [], 'Counts, as in /health.'),
    config: object({}, [], 'Version and last reload, as in /health.'),
  },
  ['at', 'nodes', 'lanes', 'redis', 'plugins', 'store'],
);
