import { expect, test } from 'vitest';
import type { Stage } from '../contracts/call.ts';
import type { LimitTable } from '../contracts/limits.ts';
import type { StageName } from '../contracts/operation.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { operations } from '../registry/operations.ts';
import { compileFlows, type StageEntries } from './flows.ts';

const named = new Map<Stage, StageName>();
const entry = (name: StageName, needed?: (snapshot: Pick<Snapshot, 'limits'>) => boolean) => {
  const stage: Stage = () => 'continue';
  named.set(stage, name);
  return needed === undefined ? { stage } : { stage, needed };
};
const stages: StageEntries = {
  identify: entry('identify'),
  plan: entry('plan'),
  admit: entry('admit', ({ limits }) => limits !== null),
  count: entry('count'),
  dispatch: entry('dispatch'),
};
const names = (limits: LimitTable | null) => {
  const flows = compileFlows(operations, stages, { config: {} as Snapshot['config'], limits });
  return (name: keyof typeof flows) => flows[name].map((stage) => named.get(stage));
};

test('a flow holds its stages in the order of its operation', () => {
  const of = names({} as LimitTable);
  expect(of('chat')).toEqual(['identify', 'plan', 'admit', 'dispatch']);
  expect(of('token-count')).toEqual(['identify', 'plan', 'admit', 'count', 'dispatch']);
});

test('a stage that the configuration does not need is absent', () => {
  const of = names(null);
  expect(of('chat')).toEqual(['identify', 'plan', 'dispatch']);
  expect(of('token-count')).toEqual(['identify', 'plan', 'count', 'dispatch']);
});
