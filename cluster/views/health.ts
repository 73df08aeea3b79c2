// What /health shows of the process group, pushed to the workers whenever it changes. States and counts only: the page
// is open to everybody, so paths, addresses and the text of configuration problems stay in the log; what has names
// (`circuitStates`) a worker shows only to who may read the metrics, which have them too.

import type { CircuitView } from '../../src/contracts/circuit.ts';
import type { Rest } from '../../src/contracts/rests.ts';
import type { ReloadReport } from '../config/configuration.ts';
import type { Life } from '../crew/life.ts';
import { CRASH_LOOP, type Slot } from '../crew/slot.ts';

/** Shown by /health. `store`: whether the database answers. */
export interface GatehouseHealth {
  readonly gatehouse: 'off' | 'starting' | 'open' | 'down' | 'none';
  readonly store?: 'up' | 'down';
}

export interface GroupState {
  slots: readonly Slot[];
  lives: readonly Life[];
  restarts: number;
  rolling: boolean;
  draining: boolean;
  configVersion: number;
  lastReload: ReloadReport | null;
  admin: GatehouseHealth;
  /** Those that are not closed. */
  circuits: readonly CircuitView[];
  /** All that rests; of it the keys are shown. */
  rests: readonly Rest[];
}

/** Rows of `circuitStates` at most: a page for people, told to each worker when it changes. */
const MAX_STATES = 100;

/** `degraded`: calls are served, but something needs a person or a moment. */
export type GroupStatus = 'ok' | 'degraded' | 'draining';

export function groupStatus({ slots, draining, lastReload, admin }: GroupState): GroupStatus {
  if (draining) return 'draining';
  const short = slots.some((slot) => slot.current?.state !== 'serving' || slot.deaths >= CRASH_LOOP);
  return short || lastReload?.ok === false || admin.store === 'down' ? 'degraded' : 'ok';
}

export function groupHealth(state: GroupState): Record<string, unknown> {
  const serving = state.slots.filter((slot) => slot.current?.state === 'serving').length;
  const crashLooping = state.slots.filter((slot) => slot.deaths >= CRASH_LOOP).length;
  const behind = state.lives.filter(
    (life) => life.state === 'serving' && life.version !== state.configVersion,
  ).length;
  const reload = state.lastReload;
  return {
    status: groupStatus(state),
    workers: {
      wanted: state.slots.length,
      serving,
      crashLooping,
      restarts: state.restarts,
      rolling: state.rolling,
    },
    admin: state.admin,
    circuits: circuitCounts(state),
    circuitStates: circuitStates(state),
    config: {
      version: state.configVersion,
      workersBehind: behind,
      lastReload:
        reload === null
          ? null
          : {
              ok: reload.ok,
              at: reload.at,
              problems: reload.problems.length,
              needsRestart: reload.needsRestart,
              needsRoll: reload.needsRoll,
            },
    },
  };
}

function circuitCounts({ circuits, rests }: GroupState): { open: number; halfOpen: number; keys: number } {
  const halfOpen = circuits.filter(({ state }) => state === 'half-open').length;
  const keys = rests.filter(({ kind }) => kind === 'key').length;
  return { open: circuits.length - halfOpen, halfOpen, keys };
}

/** Models and keys that are passed by. A key's rest ends by itself: what comes then finds out. */
function circuitStates({ circuits, rests }: GroupState): Record<string, unknown>[] {
  const models = circuits.map(({ provider, model, state, since }) => ({ provider, model, state, since }));
  const keys = rests
    .filter((rest) => rest.kind === 'key')
    .map(({ lane, key, model, limited }) => ({ provider: lane, key, model, state: 'open', limited }));
  return [...models, ...keys].slice(0, MAX_STATES);
}
