// Time is an argument: nothing here waits. Workers are circuits that hear what the others tell.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BREAKER } from '../config/schema/defaults.ts';
import type { CircuitChange } from '../contracts/circuit.ts';
import type { BreakerConfig } from '../contracts/attempt-config.ts';
import { Circuit } from './circuit.ts';

function setUp(workers = 1, change: Partial<BreakerConfig> = {}) {
  const clock = { time: 1_000, now: () => clock.time, wall: () => 1_700_000_000_000 + clock.time };
  const told: CircuitChange[] = [];
  const crew: Circuit[] = [];
  for (let at = 0; at < workers; at++) {
    const circuit: Circuit = new Circuit(
      { ...DEFAULT_BREAKER, ...change },
      {
        clock,
        random: () => 0.5,
        changed(one) {
          told.push(one);
          for (const other of crew) if (other !== circuit) other.learn(one);
        },
      },
    );
    crew.push(circuit);
  }
  const fail = (circuit: Circuit, times: number): void => {
    for (let at = 0; at < times; at++) circuit.failed();
  };
  return { clock, told, crew, one: crew[0]!, fail };
}

describe('it opens', () => {
  test('at the fifth failure in a row, for a second', () => {
    const { one, fail, clock, told } = setUp();
    fail(one, 4);
    expect(one.state).toBe('closed');
    fail(one, 1);
    expect(one.state).toBe('open');
    expect(one.leftMs(clock.time)).toBe(1_000);
    expect(told).toMatchObject([{ state: 'open', forMs: 2_000 }]);
  });

  test('when more calls fail than are answered, though never five in a row', () => {
    const { one } = setUp();
    for (let at = 0; at < 20 && one.state === 'closed'; at++) {
      one.failed();
      one.failed();
      // Sent before it opened.
      one.served(0);
    }
    expect(one.state).toBe('open');
  });

  test('not for one call in three, however many there are', () => {
    const { one } = setUp();
    for (let at = 0; at < 3_000; at++) {
      if (at % 3 === 0) one.failed();
      else one.served(1_000);
    }
    expect(one.state).toBe('closed');
  });

  test('not for a failure every two minutes', () => {
    const { one, clock } = setUp();
    for (let at = 0; at < 50; at++) {
      one.failed();
      clock.time += 120_000;
    }
    expect(one.state).toBe('closed');
  });
});

describe('half-open', () => {
  test('lets one call find out, and every other waits', () => {
    const { one, fail, clock } = setUp();
    fail(one, 5);
    clock.time += 1_000;
    expect(one.leftMs(clock.time)).toBe(0);
    one.arrived(clock.time);
    expect(one.state).toBe('half-open');
    expect(one.leftMs(clock.time)).toBe(30_000);
    one.served(clock.time);
    expect(one.state).toBe('closed');
  });

  test('opens for twice as long with each probe that fails, twenty seconds at most', () => {
    const { one, fail, clock } = setUp();
    fail(one, 5);
    const pauses: number[] = [];
    for (let at = 0; at < 7; at++) {
      pauses.push(one.leftMs(clock.time));
      clock.time += one.leftMs(clock.time);
      one.arrived(clock.time);
      one.failed();
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  test('hands the probe on when its client left', () => {
    const { one, fail, clock } = setUp();
    fail(one, 5);
    clock.time += 1_000;
    one.arrived(clock.time);
    one.released(clock.time);
    expect(one.leftMs(clock.time)).toBe(0);
    one.arrived(clock.time);
    expect(one.leftMs(clock.time)).toBeGreaterThan(0);
  });

  test('an answer to a call of before it opened closes nothing', () => {
    const { one, fail, clock } = setUp();
    const sentAt = clock.time;
    clock.time += 500;
    fail(one, 5);
    one.served(sentAt);
    expect(one.state).toBe('open');
  });
});

describe('slow start', () => {
  test('a tenth of calls at first, all of them after ten seconds', () => {
    const { one, fail, clock } = setUp();
    fail(one, 5);
    one.served(clock.time);
    const share = (fromMs: number, toMs: number): number => {
      let let_ = 0;
      for (let at = fromMs; at < toMs; at++) if (one.leftMs(clock.time + at) === 0) let_++;
      return let_ / (toMs - fromMs);
    };
    expect(share(0, 1_000)).toBeCloseTo(0.1, 1);
    expect(share(4_500, 5_500)).toBeCloseTo(0.5, 1);
    expect(share(9_000, 10_000)).toBeCloseTo(0.95, 1);
    expect(share(10_000, 12_000)).toBe(1);
  });

  test('is not there where it is off', () => {
    const { one, fail, clock } = setUp(1, { slowStartMs: 0 });
    fail(one, 5);
    one.served(clock.time);
    for (let at = 0; at < 100; at++) expect(one.leftMs(clock.time + at)).toBe(0);
  });
});

describe('workers', () => {
  test('all pass by what one found out, one of them asks, and all come back with it', () => {
    const { crew, fail, clock } = setUp(4);
    fail(crew[0]!, 5);
    expect(crew.map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open']);
    clock.time += 1_000;
    expect(crew.map((one) => one.leftMs(clock.time) === 0)).toEqual([true, false, false, false]);
    crew[0]!.arrived(clock.time);
    clock.time += 5_000;
    expect(crew.every((one) => one.leftMs(clock.time) > 0)).toBe(true);
    crew[0]!.served(clock.time);
    expect(crew.every(({ state }) => state === 'closed')).toBe(true);
  });

  test('another asks where the one that opened it has no calls', () => {
    const { crew, fail, clock } = setUp(2);
    fail(crew[0]!, 5);
    clock.time += 2_000;
    expect(crew[1]!.leftMs(clock.time)).toBe(0);
    crew[1]!.arrived(clock.time);
    crew[1]!.failed();
    expect(crew.every((one) => one.leftMs(clock.time) > 0)).toBe(true);
  });

  test('what comes late, twice or in another order changes nothing', () => {
    const at = 1_700_000_000_500;
    const opened: CircuitChange = { state: 'open', at, forMs: 2_000 };
    const closed: CircuitChange = { state: 'closed', at, forMs: 120_000 };
    const later: CircuitChange = { state: 'open', at: at + 10, forMs: 4_000 };
    for (const words of [
      [opened, closed, opened],
      [closed, opened],
      [opened, opened, closed, closed],
    ]) {
      const { one } = setUp();
      for (const word of words) one.learn(word);
      expect(one.state).toBe('closed');
    }
    for (const words of [
      [later, closed],
      [opened, closed, later],
      [later, opened, closed],
    ]) {
      const { one } = setUp();
      for (const word of words) one.learn(word);
      expect(one.state).toBe('open');
    }
  });
});

test('whatever happens: one probe at a time, pauses within their bounds, and it comes back when it is answered', () => {
  const event = fc.oneof(
    fc.constant('fail' as const),
    fc.constant('serve' as const),
    fc.constant('leave' as const),
    fc.integer({ min: 1, max: 40_000 }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const { one, clock, told } = setUp();
      let probes = 0;
      for (const now of events) {
        if (typeof now === 'number') clock.time += now;
        else {
          const before = told.length;
          const due = one.state !== 'closed' && one.leftMs(clock.time) === 0;
          one.arrived(clock.time);
          const began = told.length > before;
          expect(began).toBe(due);
          if (began) probes++;
          if (one.state === 'half-open') expect(one.leftMs(clock.time)).toBeLessThanOrEqual(30_000);
          if (now === 'fail') one.failed();
          else if (now === 'serve') one.served(clock.time);
          else one.released(clock.time);
          if (now === 'serve') expect(one.state).toBe('closed');
        }
        expect(one.leftMs(clock.time)).toBeLessThanOrEqual(30_000);
      }
      expect(told.filter(({ state }) => state === 'half-open').length).toBe(probes);
    }),
  );
});
