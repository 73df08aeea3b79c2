import { describe, expect, it } from 'vitest';
import { type GroupState, groupHealth } from './health.ts';
import { Life } from '../crew/life.ts';
import { Slot } from '../crew/slot.ts';

function makeState(change: Partial<GroupState> = {}): GroupState {
  const lives: Life[] = [];
  const begin = (index: number): Life => {
    const life = new Life(index + 1, index, 0);
    life.version = 1;
    lives.push(life);
    return life;
  };
  const slots = [0, 1].map((index) => new Slot(index, { now: () => 0, begin, onDeath: () => undefined }));
  for (const slot of slots) slot.fill();
  for (const life of lives) {
    life.said();
    life.serves(1);
  }
  return {
    slots,
    lives,
    restarts: 0,
    admin: { gatehouse: 'open', store: 'up' },
    circuits: [],
    rests: [],
    rolling: false,
    draining: false,
    configVersion: 1,
    lastReload: null,
    ...change,
  };
}

describe('health of the group', () => {
  it('is ok when all workers serve the configuration in force', () => {
    expect(groupHealth(makeState())).toMatchObject({
      status: 'ok',
      workers: { wanted: 2, serving: 2 },
      config: { version: 1, workersBehind: 0 },
    });
  });

  it('is degraded while a worker is missing', () => {
    const state = makeState();
    state.lives[1]!.exited('SIGKILL');
    expect(groupHealth(state)).toMatchObject({ status: 'degraded', workers: { wanted: 2, serving: 1 } });
  });

  it('is degraded after a failed reload, and tells how many problems there were but not their text', () => {
    const lastReload = {
      ok: false,
      at: 'now',
      problems: ['line 1: /secret/path'],
      needsRestart: [],
      needsRoll: [],
    };
    const health = groupHealth(makeState({ lastReload }));
    expect(health).toMatchObject({ status: 'degraded', config: { lastReload: { ok: false, problems: 1 } } });
    expect(JSON.stringify(health)).not.toContain('secret');
  });

  it('says draining above all', () => {
    expect(groupHealth(makeState({ draining: true }))['status']).toBe('draining');
  });

  it('counts workers that do not run the configuration in force yet', () => {
    expect(groupHealth(makeState({ configVersion: 2 }))).toMatchObject({ config: { workersBehind: 2 } });
  });

  it('counts circuits and resting keys, and names them apart from the counts', () => {
    const circuits = (['open', 'half-open', 'open'] as const).map((state, at) => ({
      provider: 'p',
      model: `m${at}`,
      state,
      since: 1,
    }));
    const base = { lane: 'p', model: 'm7', print: 'secret-print', forMs: 5, stated: false };
    const { circuitStates, ...rest } = groupHealth(
      makeState({
        circuits,
        rests: [
          { ...base, kind: 'key', key: 'first', limited: true },
          { ...base, kind: 'target' },
        ],
      }),
    );
    expect(rest).toMatchObject({ status: 'ok', circuits: { open: 2, halfOpen: 1, keys: 1 } });
    expect(JSON.stringify(rest)).not.toMatch(/m\d|first/);
    expect(circuitStates).toEqual([
      { provider: 'p', model: 'm0', state: 'open', since: 1 },
      { provider: 'p', model: 'm1', state: 'half-open', since: 1 },
      { provider: 'p', model: 'm2', state: 'open', since: 1 },
      { provider: 'p', key: 'first', model: 'm7', state: 'open', limited: true },
    ]);
  });

  it('names a bounded number of them', () => {
    const circuits = Array.from({ length: 300 }, (_, at) => ({
      provider: 'p',
      model: `m${at}`,
      state: 'open' as const,
      since: 1,
    }));
    const { circuits: counts, circuitStates } = groupHealth(makeState({ circuits }));
    expect(counts).toMatchObject({ open: 300 });
    expect(circuitStates).toHaveLength(100);
  });
});
