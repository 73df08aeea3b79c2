import { getHeapSpaceStatistics } from 'node:v8';
import { beforeEach, describe, expect, it } from 'vitest';
import { collectAll } from '../src/observability/collect-all.ts';
import { createIdleMemory } from './idle-memory.ts';

const MB = 1024 * 1024;

describe('createIdleMemory', () => {
  let cpu = 0;
  let now = 0;
  let open = 0;
  let resident = 0;
  let kept = 0;
  let collected = 0;
  let tick: () => void;

  beforeEach(() => {
    now = open = collected = kept = 0;
    // Of what the process was before.
    cpu = 3_000_000;
    resident = 80 * MB;
    tick = createIdleMemory({
      residentBytes: () => resident,
      keptBytes: () => kept,
      cpuMicros: () => cpu,
      now: () => now,
      openCalls: () => open,
      collect: () => {
        collected += 1;
        cpu += 200_000;
        resident = 50 * MB;
      },
    });
  });

  /** Seconds at a share of a core. */
  function pass(seconds: number, load: number): void {
    for (let second = 0; second < seconds; second++) {
      cpu += load * 1_000_000;
      now += 1_000;
      tick();
    }
  }

  it('collects once after the start and once after each flood, not while idleness lasts', () => {
    pass(60, 0.001);
    expect(collected).toBe(1);
    resident = 300 * MB;
    pass(10, 0.9);
    expect(collected).toBe(1);
    pass(60, 0.001);
    expect(collected).toBe(2);
  });

  it('collects after a flood that gave most of its memory back by itself', () => {
    pass(60, 0.001);
    resident = 300 * MB;
    pass(2, 0.9);
    resident = 70 * MB;
    pass(60, 0.001);
    expect(collected).toBe(2);
  });

  it('leaves a load of small requests what it has grown to, with the code it made', () => {
    pass(60, 0.001);
    for (let round = 0; round < 10; round++) {
      resident = 80 * MB;
      pass(10, 0.9);
      pass(60, 0.001);
    }
    expect(collected).toBe(1);
  });

  it('leaves alone what answers that are kept have grown to, with the code of who asked them', () => {
    pass(60, 0.001);
    for (let round = 0; round < 10; round++) {
      resident += 20 * MB;
      kept += 20 * MB;
      pass(10, 0.9);
      pass(60, 0.001);
    }
    expect(collected).toBe(1);
    // A flood beside them is seen as ever.
    resident += 50 * MB;
    pass(10, 0.9);
    pass(60, 0.001);
    expect(collected).toBe(2);
  });

  it('keeps the code of a load that came right after the start', () => {
    pass(1, 0.3);
    pass(10, 0.9);
    resident = 100 * MB;
    pass(60, 0.001);
    expect(collected).toBe(0);
  });

  it('never collects under a steady load, however small, nor between requests that come now and then', () => {
    pass(60, 0.03);
    for (let round = 0; round < 20; round++) {
      pass(2, 0.001);
      pass(1, 0.2);
    }
    expect(collected).toBe(0);
  });

  it('waits while a call is open: a stream would feel the pause', () => {
    open = 1;
    pass(60, 0.001);
    expect(collected).toBe(0);
    open = 0;
    pass(10, 0.001);
    expect(collected).toBe(1);
  });
});

it('a collection gives back the young generation that a load has grown', async () => {
  const size = (): number =>
    getHeapSpaceStatistics().find((one) => one.space_name === 'new_space')!.space_size;
  let kept: unknown[] = [];
  for (let at = 0; at < 3_000_000; at++) {
    kept.push({ at, more: [at] });
    if (kept.length > 50_000) kept = [];
  }
  kept = [];
  const grown = size();
  // V8 keeps the space while it remembers a high rate of allocation; a worker has been quiet for seconds by then.
  for (let round = 0; round < 30 && size() > grown / 2; round++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    collectAll();
  }
  expect(size()).toBeLessThan(grown / 2);
});
