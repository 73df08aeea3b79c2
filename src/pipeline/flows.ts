// From what operations say to what a call runs through, once per snapshot: a stage that is off is absent, not skipped.

import type { Flow, Stage } from '../contracts/call.ts';
import type { Operation, OperationName, StageName } from '../contracts/operation.ts';
import type { Snapshot } from '../contracts/snapshot.ts';

export interface StageEntry {
  stage: Stage;
  /** Whether this configuration needs it; without, it always stands. */
  needed?(snapshot: Pick<Snapshot, 'config' | 'limits'>): boolean;
}

/** What each operation runs through. */
export type Flows = Readonly<Record<OperationName, Flow>>;

export type StageEntries = Readonly<Record<StageName, StageEntry>>;

export function compileFlows(
  operations: Readonly<Record<OperationName, Operation>>,
  stages: StageEntries,
  snapshot: Pick<Snapshot, 'config' | 'limits'>,
): Flows {
  const flows = {} as Record<OperationName, Flow>;
  for (const { name, flow } of Object.values(operations)) {
    flows[name] = flow
      .map((stage) => stages[stage])
      .filter(({ needed }) => needed === undefined || needed(snapshot))
      .map(({ stage }) => stage);
  }
  return flows;
}
