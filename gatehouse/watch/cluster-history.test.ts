import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../src/contracts/cluster-view.ts';
import { createClusterHistory } from './cluster-history.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 5, 1, 12);

function node(values: { delay?: number | null; memory?: number; restarts?: number }, workers = 1): NodeView {
  const { delay = 1, memory = 1_000, restarts = 0 } = values;
  return {
    name: 'a',
    version: '1',
    pid: 1,
    status: 'ok',
    uptimeMs: 1,
    configVersion: 1,
    memoryBytes: 500,
    restarts,
    workers: Array.from({ length: workers }, (_, index) => ({
      index,
      pid: 10 + index,
      state: 'serving',
      uptimeMs: 1,
      restarts,
      configVersion: 1,
      memoryBytes: memory,
      connections: 3,
      loopDelayMs: delay === null ? null : { p50: 0, p95: delay, p99: delay },
    })),
  };
}

describe('the history of the gateway’s processes', () => {
  it('has a value for each minute, none where nobody knew, and says since when', () => {
    const history = createClusterHistory();
    expect(history.view()).toMatchObject({ since: null, starts: [], processes: [] });
    history.take({ at: START + 5, nodes: [node({ delay: 4 })] });
    // Twice within a minute, a minute without, one that is not told yet, and a clock that goes back.
    history.take({ at: START + MINUTE + 1, nodes: [node({ delay: 9 })] });
    history.take({ at: START + MINUTE + 2, nodes: [node({ delay: 6 })] });
    history.take({ at: START + 3 * MINUTE, nodes: [node({ delay: null, restarts: 2 })] });
    history.take({ at: START, nodes: [node({ delay: 99 })] });
    const { since, stepMs, starts, processes } = history.view();
    expect([since, stepMs]).toEqual([START, MINUTE]);
    expect(starts).toEqual([0, 1, 2, 3].map((at) => START + at * MINUTE));
    const [primary, worker] = processes;
    expect(primary).toMatchObject({ node: 'a', worker: null });
    expect(primary!.values.memoryBytes).toEqual([500, 500, null, 500]);
    expect(primary!.values.loopDelayMs).toEqual([null, null, null, null]);
    expect(worker).toMatchObject({ worker: 0 });
    expect(worker!.values.loopDelayMs).toEqual([4, 6, null, null]);
    expect(worker!.values.restarts).toEqual([0, 0, null, 2]);
  });

  it('keeps a day in wider steps, in which no peak is lost, and forgets what is older', () => {
    const history = createClusterHistory();
    for (let at = 0; at < 2_000; at++)
      history.take({
        at: START + at * MINUTE,
        nodes: [node({ delay: at === 1_001 ? 70 : 2, restarts: at })],
      });
    const { since, stepMs, starts, processes } = history.view();
    expect(since).toBe(START + 560 * MINUTE);
    expect(stepMs).toBe(5 * MINUTE);
    expect(starts).toHaveLength(288);
    // Wherever within a step a day begins: as many as the route promises.
    for (let at = 2_000; at < 2_006; at++) {
      history.take({ at: START + at * MINUTE, nodes: [node({ restarts: 1_999 })] });
      expect(history.view().starts).toHaveLength(288);
    }
    const { loopDelayMs, restarts } = processes[1]!.values;
    expect(loopDelayMs.filter((value) => value === 70)).toHaveLength(1);
    expect(starts[loopDelayMs.indexOf(70)]).toBe(START + 1_000 * MINUTE);
    expect(restarts.at(-1)).toBe(1_999);
    // A day later nothing of it is left but what comes then.
    history.take({ at: START + 9_000 * MINUTE, nodes: [node({ delay: 3 })] });
    const later = history.view().processes[1]!.values.loopDelayMs;
    expect(later.filter((value) => value !== null)).toEqual([3]);
  });

  it('remembers so many processes and no more, those of now first', () => {
    const history = createClusterHistory();
    history.take({ at: START, nodes: [{ ...node({}, 1), name: 'gone' }] });
    history.take({ at: START + MINUTE, nodes: [node({}, 300)] });
    const { processes } = history.view();
    expect(processes).toHaveLength(128);
    expect(processes.some((one) => one.node === 'gone')).toBe(false);
  });
});
