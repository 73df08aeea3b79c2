import { expect, test } from 'vitest';
import type { Stage } from '../contracts/call.ts';
import type { LimitTable } from '../contracts/limits.ts';
import type { StageName } from '../contracts/operation.ts';
import type { Sink } from '../contracts/sink.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { operations } from '../registry/operations.ts';
import { compileFlows, type Seams, type StageEntries } from './flows.ts';

const named = new Map<Stage, StageName>();
const entry = (name: StageName, needed?: (snapshot: Pick<Snapshot, 'limits'>) => boolean) => {
  const stage: Stage = () => 'continue';
  named.set(stage, name);
  return needed === undefined ? { stage } : { stage, needed };
};
const NO_SEAMS: Seams = { sinks: [], filters: [] };
const stages: StageEntries = {
  identify: entry('identify'),
  'first-chat': entry('first-chat'),
  form: entry('form'),
  own: entry('own'),
  provider: entry('provider'),
  session: entry('session'),
  plan: entry('plan'),
  files: entry('files'),
  permit: entry('permit'),
  plugins: entry('plugins'),
  'plugin-route': entry('plugin-route'),
  parts: entry('parts'),
  prompts: entry('prompts'),
  idempotency: entry('idempotency'),
  coalesce: entry('coalesce'),
  recall: entry('recall'),
  compact: entry('compact'),
  guardrails: entry('guardrails'),
  lookup: entry('lookup'),
  background: entry('background'),
  shadow: entry('shadow'),
  admit: entry('admit', ({ limits }) => limits !== null),
  count: entry('count'),
  dispatch: entry('dispatch'),
  tunnel: entry('tunnel'),
};
const names = (limits: LimitTable | null) => {
  const flows = compileFlows(operations, stages, NO_SEAMS, { config: {} as Snapshot['config'], limits });
  return (name: keyof typeof flows) => flows[name].stages.map((stage) => named.get(stage));
};

test('a flow holds its stages in the order of its operation', () => {
  const of = names({} as LimitTable);
  expect(of('chat')).toEqual([
    'identify',
    'first-chat',
    'plugins',
    'files',
    'plan',
    'permit',
    'plugin-route',
    'idempotency',
    'coalesce',
    'recall',
    'compact',
    'guardrails',
    'lookup',
    'admit',
    'background',
    'shadow',
    'dispatch',
  ]);
  expect(of('token-count')).toEqual([
    'identify',
    'plugins',
    'files',
    'plan',
    'permit',
    'plugin-route',
    'recall',
    'guardrails',
    'admit',
    'count',
    'dispatch',
  ]);
});

test('plugins see every operation that a caller must be permitted, before its targets are known and behind what it may use', () => {
  for (const { name, flow } of Object.values(operations)) {
    if (!flow.includes('permit')) continue;
    const at = flow.indexOf('plugins');
    expect(at, name).toBeGreaterThanOrEqual(0);
    for (const stage of ['plan', 'provider', 'permit'] as const)
      if (flow.includes(stage)) expect(at, `${name}: ${stage}`).toBeLessThan(flow.indexOf(stage));
    expect(flow[flow.indexOf('permit') + 1], name).toBe('plugin-route');
  }
});

test('a stage that the configuration does not need is absent', () => {
  const of = names(null);
  expect(of('chat')).not.toContain('admit');
  expect(of('token-count')).toEqual([
    'identify',
    'plugins',
    'files',
    'plan',
    'permit',
    'plugin-route',
    'recall',
    'guardrails',
    'count',
    'dispatch',
  ]);
});

test('calls that are made for another one run through what is not for clients alone', () => {
  const inner = { ...stages, permit: { ...stages.permit, inner: false as const } };
  const sink = (to: Sink) => to;
  const seams: Seams = { sinks: [{ create: sink, needed: () => true, inner: false }], filters: [] };
  const { embeddings } = compileFlows(
    operations,
    inner,
    seams,
    { config: {} as Snapshot['config'], limits: null },
    true,
  );
  expect(embeddings.stages.map((stage) => named.get(stage))).not.toContain('permit');
  expect(embeddings.stages.map((stage) => named.get(stage))).toContain('dispatch');
  expect(embeddings.sinks).toEqual([]);
});

test('what stands around answers is there where a configuration and an operation need it', () => {
  const sink = (inner: Sink) => inner;
  const filter = () => ({ take() {}, end() {} });
  const seams: Seams = {
    sinks: [
      { create: sink, needed: (_, { name }) => name === 'chat' },
      { create: sink, needed: () => false },
    ],
    filters: [{ create: filter, needed: ({ limits }) => limits === null }],
  };
  const compiled = (limits: LimitTable | null) =>
    compileFlows(operations, stages, seams, { config: {} as Snapshot['config'], limits });
  const on = compiled(null);
  expect(on.chat.sinks).toEqual([sink]);
  expect(on.chat.filters).toEqual([filter]);
  // Its answer is passed on as it came: there are no deltas to filter.
  expect(on['token-count']).toMatchObject({ sinks: [], filters: [] });
  expect(compiled({} as LimitTable).chat.filters).toEqual([]);
});
