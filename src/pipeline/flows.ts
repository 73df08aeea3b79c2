// From what operations say to what a call runs through, once per snapshot: a stage that is off is absent, not skipped.

import type { CreateDeltaFilter, Flow, SinkDecorator, Stage } from '../contracts/call.ts';
import type { Operation, OperationName, StageName } from '../contracts/operation.ts';
import type { Snapshot } from '../contracts/snapshot.ts';

export interface StageEntry {
  stage: Stage;
  /** Whether this configuration needs it; without, it always stands. */
  needed?(snapshot: Pick<Snapshot, 'config' | 'limits'>): boolean;
  /** False: not of calls that the gateway makes for another one (inner-call.ts). */
  inner?: false;
}

/** What each operation runs through. */
export type Flows = Readonly<Record<OperationName, Flow>>;

export type StageEntries = Readonly<Record<StageName, StageEntry>>;

/** Something besides stages that flows may have. */
export interface FlowEntry<T> {
  create: T;
  needed(snapshot: Pick<Snapshot, 'config' | 'limits'>, operation: Operation): boolean;
  /** False: as of a stage. */
  inner?: false;
}

/** What stands around answers, by src/gateway/seams.ts. */
export interface Seams {
  sinks: readonly FlowEntry<SinkDecorator>[];
  /** Only answers that are told in deltas have them. */
  filters: readonly FlowEntry<CreateDeltaFilter>[];
}

/** @param inner those of calls that the gateway makes for another one. */
export function compileFlows(
  operations: Readonly<Record<OperationName, Operation>>,
  stages: StageEntries,
  seams: Seams,
  snapshot: Pick<Snapshot, 'config' | 'limits'>,
  inner = false,
): Flows {
  const wanted = (entry: { inner?: false }): boolean => !inner || entry.inner !== false;
  const flows = {} as Record<OperationName, Flow>;
  for (const operation of Object.values(operations)) {
    const on = <T>(entries: readonly FlowEntry<T>[]): T[] =>
      entries
        .filter((entry) => wanted(entry) && entry.needed(snapshot, operation))
        .map(({ create }) => create);
    flows[operation.name] = {
      stages: operation.flow
        .map((stage) => stages[stage])
        .filter((entry) => wanted(entry) && (entry.needed === undefined || entry.needed(snapshot)))
        .map(({ stage }) => stage),
      sinks: on(seams.sinks),
      filters: operation.answer === 'deltas' ? on(seams.filters) : [],
      all: flows,
    };
  }
  return flows;
}
