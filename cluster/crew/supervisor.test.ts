import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { restartDelayMs, STABLE_MS } from './backoff.ts';
import { type FakeWorker, fakeClock, fakeFork, fakeLog } from '../fakes.fixture.ts';
import type { DrainOrder, Life } from './life.ts';
import { createRoller } from './rollout.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

const ROLL: DrainOrder = { reason: 'roll', preStopMs: 0, drainTimeoutMs: 1_000 };
const SHUTDOWN: DrainOrder = { reason: 'shutdown', preStopMs: 100, drainTimeoutMs: 1_000 };

interface Crew {
  supervisor: Supervisor;
  workers: FakeWorker[];
  events: string[];
  clock: ReturnType<typeof fakeClock>;
  log: ReturnType<typeof fakeLog>;
  last(index: number): FakeWorker;
}

function makeCrew(): Crew {
  const clock = fakeClock();
  const log = fakeLog();
  const { fork, workers } = fakeFork();
  const events: string[] = [];
  const supervisor = createSupervisor({
    fork,
    clock,
    log,
    onMessage(life: Life, message) {
      if (message.t === 'hello') life.said();
      else if (message.t === 'listening') supervisor.serving(life);
      else events.push(message.t);
    },
    onDrain: (life) => events.push(`drain ${life.index}`),
    onExit: (life, replaced) => events.push(`${replaced ? 'dead' : 'ended'} ${life.index}`),
    onReady: () => events.push('ready'),
    onCrashLoop: (life) => events.push(`crash loop ${life.index}`),
  });
  const last = (index: number): FakeWorker => workers.findLast((worker) => worker.index === index)!;
  return { supervisor, workers, events, clock, log, last };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Both clocks. */
function pass(crew: Crew, ms: number): void {
  crew.clock.time += ms;
  vi.advanceTimersByTime(ms);
}

describe('crew', () => {
  it('is ready when every slot serves, not before, and only once', () => {
    const crew = makeCrew();
    crew.supervisor.resize(2, ROLL);
    crew.workers[0]!.serve();
    expect(crew.events).toEqual([]);
    crew.workers[1]!.serve();
    expect(crew.events).toEqual(['ready']);
    crew.workers[1]!.exit(1);
    pass(crew, 250);
    crew.last(1).serve();
    expect(crew.events).toEqual(['ready', 'dead 1']);
  });

  it('P08: replaces a dead worker after a quarter second, then waits twice as long each time', () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    crew.workers[0]!.serve();
    for (const delay of [250, 500, 1_000, 2_000]) {
      const before = crew.workers.length;
      crew.last(0).serve();
      crew.last(0).exit(null, 'SIGSEGV');
      pass(crew, delay - 1);
      expect(crew.workers.length).toBe(before);
      pass(crew, 1);
      expect(crew.workers.length).toBe(before + 1);
    }
  });

  it('forgets earlier deaths once a worker lived for a while', () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    crew.workers[0]!.serve();
    crew.last(0).exit(1);
    pass(crew, 250);
    crew.last(0).serve();
    crew.last(0).exit(1);
    pass(crew, 500);
    crew.last(0).serve();
    expect(crew.supervisor.slots()[0]!.deaths).toBe(2);
    pass(crew, STABLE_MS);
    expect(crew.supervisor.slots()[0]!.deaths).toBe(0);
    const before = crew.workers.length;
    crew.last(0).exit(1);
    pass(crew, 250);
    expect(crew.workers.length).toBe(before + 1);
  });

  it('P08: forks at most ten times a minute for a slot, however its worker dies', () => {
    for (const livesMs of [0, 1_000, STABLE_MS - 1, STABLE_MS]) {
      const crew = makeCrew();
      crew.supervisor.resize(1, ROLL);
      crew.last(0).serve();
      const forkedAt: number[] = [0];
      while (crew.clock.time < 300_000) {
        pass(crew, livesMs);
        const before = crew.workers.length;
        crew.last(0).exit(1);
        while (crew.workers.length === before) pass(crew, 50);
        forkedAt.push(crew.clock.time);
        crew.last(0).serve();
      }
      const most = Math.max(
        ...forkedAt.map((from) => forkedAt.filter((at) => at > from && at <= from + 60_000).length),
      );
      expect(most, `lives ${livesMs} ms`).toBeLessThanOrEqual(10);
      expect(restartDelayMs(100)).toBe(30_000);
    }
  });

  it('calls it a crash loop when a worker dies three times before the gateway ever served', () => {
    const crew = makeCrew();
    crew.supervisor.resize(2, ROLL);
    crew.workers[0]!.serve();
    crew.last(1).exit(1);
    pass(crew, 250);
    crew.last(1).exit(1);
    pass(crew, 500);
    expect(crew.events).not.toContain('crash loop 1');
    crew.last(1).exit(1);
    expect(crew.events).toContain('crash loop 1');
  });

  it('keeps trying when the same happens later', () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    crew.last(0).serve();
    for (const delay of [250, 500, 1_000, 2_000]) {
      crew.last(0).exit(1);
      pass(crew, delay);
    }
    expect(crew.workers.length).toBe(5);
    expect(crew.events).not.toContain('crash loop 0');
  });

  it('grows by forking and shrinks by draining the last slots, which are not filled again', () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    crew.supervisor.resize(3, ROLL);
    expect(crew.workers.map((worker) => worker.index)).toEqual([0, 1, 2]);
    for (const worker of crew.workers) worker.serve();
    crew.supervisor.resize(1, ROLL);
    expect(crew.workers.map((worker) => worker.got.some((message) => message.t === 'drain'))).toEqual([
      false,
      true,
      true,
    ]);
    crew.workers[2]!.exit(0);
    pass(crew, 60_000);
    expect(crew.workers.length).toBe(3);
    expect(crew.events).toEqual(['ready', 'drain 1', 'drain 2', 'ended 2']);
  });

  it('ends when all are drained; a worker that has not loaded yet is killed', async () => {
    const crew = makeCrew();
    crew.supervisor.resize(2, ROLL);
    crew.workers[0]!.serve();
    const over = vi.fn();
    void crew.supervisor.drainAll(SHUTDOWN).then(over);
    expect(crew.workers[0]!.got).toContainEqual({ t: 'drain', ...SHUTDOWN });
    expect(crew.workers[1]!.killed).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(over).not.toHaveBeenCalled();
    crew.workers[0]!.exit(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalled();
    expect(crew.workers.length).toBe(2);
  });

  it('hears nothing any more of a worker that is gone', () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    crew.workers[0]!.serve();
    crew.workers[0]!.say({ t: 'beat' });
    crew.workers[0]!.exit(null, 'SIGKILL');
    crew.workers[0]!.say({ t: 'beat' });
    expect(crew.events.slice(-2)).toEqual(['beat', 'dead 0']);
  });

  it('counts a worker that was killed before its hello was read as one that never loaded', () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    const [life] = crew.supervisor.lives();
    // A real process is gone some time after the signal, and what it said before is read meanwhile.
    life!.process = { ...life!.process!, kill: () => undefined };
    void crew.supervisor.drainAll(SHUTDOWN);
    crew.workers[0]!.say({ t: 'hello', index: 0, pid: 1000 });
    crew.workers[0]!.exit(null, 'SIGKILL');
    expect(life).toMatchObject({ loaded: false, end: 'SIGKILL' });
  });
});

describe('rolling restart', () => {
  async function settle(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
  }

  function served(count: number): Crew {
    const crew = makeCrew();
    crew.supervisor.resize(count, ROLL);
    for (const worker of crew.workers) worker.serve();
    return crew;
  }

  const drained = (worker: FakeWorker): boolean => worker.got.some((message) => message.t === 'drain');

  it('starts the successor first, drains the old one when it serves, and takes the next slot when the old is gone', async () => {
    const crew = served(2);
    const [first, second] = crew.workers;
    const roll = createRoller(crew.supervisor, crew.log).roll(() => ROLL);
    await settle();
    expect(crew.workers.length).toBe(3);
    expect(drained(first!)).toBe(false);
    crew.workers[2]!.serve();
    await settle();
    expect(drained(first!)).toBe(true);
    expect(crew.workers.length).toBe(3);
    first!.exit(0);
    await settle();
    expect(crew.workers.length).toBe(4);
    expect(drained(second!)).toBe(false);
    crew.workers[3]!.serve();
    await settle();
    second!.exit(0);
    expect(await roll).toBe('done');
    expect(crew.supervisor.lives().map((life) => life.state)).toEqual(['serving', 'serving']);
  });

  it('starts successors from the newest program, and whoever takes the place of a dead worker from the one that served last', async () => {
    const crew = makeCrew();
    crew.supervisor.resize(1, ROLL);
    crew.last(0).serve();
    crew.last(0).exit(1);
    pass(crew, 250);
    crew.last(0).serve();
    const roller = createRoller(crew.supervisor, crew.log);
    // One that does not get ready is no example for others.
    const stopped = roller.roll(() => ROLL);
    crew.last(0).exit(1);
    expect(await stopped).toBe('stopped');
    crew.workers[1]!.exit(1);
    pass(crew, 10_000);
    crew.last(0).serve();
    void roller.roll(() => ROLL);
    crew.last(0).serve();
    await Promise.resolve();
    crew.last(0).exit(1);
    pass(crew, 10_000);
    expect(crew.workers.map(({ wanted }) => wanted)).toEqual([
      undefined,
      'own',
      null,
      'own',
      null,
      'newest.5',
    ]);
  });

  it('stops when a successor does not get ready, and leaves the old one alone', async () => {
    const crew = served(2);
    const roll = createRoller(crew.supervisor, crew.log).roll(() => ROLL);
    await settle();
    crew.workers[2]!.exit(1);
    expect(await roll).toBe('stopped');
    expect(crew.workers.slice(0, 2).some(drained)).toBe(false);
    pass(crew, 60_000);
    expect(crew.workers.length).toBe(3);
  });

  it('fills the slot once when the old one dies while its successor starts', async () => {
    const crew = served(1);
    const roll = createRoller(crew.supervisor, crew.log).roll(() => ROLL);
    await settle();
    crew.workers[0]!.exit(1);
    crew.workers[1]!.serve();
    expect(await roll).toBe('done');
    pass(crew, 60_000);
    expect(crew.supervisor.lives().length).toBe(1);
  });

  it('refuses a second roll while one runs', async () => {
    const crew = served(1);
    const roller = createRoller(crew.supervisor, crew.log);
    const first = roller.roll(() => ROLL);
    expect(await roller.roll(() => ROLL)).toBe('busy');
    crew.workers[1]!.serve();
    await settle();
    crew.workers[0]!.exit(0);
    expect(await first).toBe('done');
  });
});
