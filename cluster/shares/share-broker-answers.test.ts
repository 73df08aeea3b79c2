import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ToWorker } from '../../src/contracts/ipc.ts';
import { fakeClock } from '../fakes.fixture.ts';
import { createShareBroker, fairPart } from './share-broker.ts';

const MEMBERS = [0, 1, 2];
/** The longest that a worker waits for an answer, beside those that keep silent. */
const LONGEST_MS = 2_600;

type Reclaim = Extract<ToWorker, { t: 'reclaim' }> & { to: number };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Workers as they are (lanes/share.ts): one question at a time, and an answer is what they hold from then on. */
function makeCrew(total: number) {
  const clock = fakeClock();
  const held = MEMBERS.map((member) => fairPart(total, member, MEMBERS.length));
  const asked = MEMBERS.map(() => false);
  const reclaims: Reclaim[] = [];
  const broker = createShareBroker(
    {
      clock,
      send(to, message) {
        if (message.t === 'reclaim') reclaims.push({ ...message, to });
        else if (message.t === 'grant') {
          held[to]! += message.count;
          asked[to] = false;
        }
      },
    },
    new Map([['openai', { run: total, wait: 0 }]]),
  );
  for (const member of MEMBERS) broker.join(member, member, MEMBERS.length, () => undefined);
  return {
    held,
    asked,
    reclaims,
    broker,
    want(member: number, count: number): void {
      if (asked[member] === true || held[member]! >= total) return;
      asked[member] = true;
      broker.want(member, 'openai', 'run', count);
    },
    /** One that was asked for what it has idle answers, at last. */
    answer(at: number, idle: number): void {
      const [reclaim] = reclaims.splice(at % Math.max(1, reclaims.length), 1);
      if (reclaim === undefined) return;
      const count = Math.min(reclaim.count, idle, held[reclaim.to]!);
      held[reclaim.to]! -= count;
      broker.yielded(reclaim.to, reclaim.lane, reclaim.kind, count, reclaim.id);
    },
    pass(ms: number): void {
      for (let left = ms; left > 0; left -= 50) {
        clock.time += Math.min(left, 50);
        vi.advanceTimersByTime(Math.min(left, 50));
      }
    },
  };
}

const member = fc.nat(MEMBERS.length - 1);
const step = fc.oneof(
  fc.record({ do: fc.constant('want' as const), member, count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('answer' as const), at: fc.nat(5), idle: fc.nat(4) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 40, 60, 200, 2_600) }),
);

it('every question is answered, whoever keeps silent; no share is lost or given twice, however late an answer comes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(step, { maxLength: 40 }), (total, steps) => {
      const crew = makeCrew(total);
      const given = (): number => crew.held.reduce((sum, held) => sum + held, 0);
      for (const one of steps) {
        if (one.do === 'want') crew.want(one.member, one.count);
        else if (one.do === 'answer') crew.answer(one.at, one.idle);
        else crew.pass(one.ms);
        expect(given()).toBeLessThanOrEqual(total);
      }
      crew.pass(LONGEST_MS);
      expect(crew.asked).toEqual(MEMBERS.map(() => false));
      // All are idle now and say so: who wants all of it gets it.
      const settle = (): void => {
        while (crew.reclaims.length > 0) crew.answer(0, total);
      };
      settle();
      crew.pass(2_000);
      settle();
      while (crew.held[0]! < total) {
        const before = crew.held[0]!;
        crew.want(0, total);
        settle();
        crew.pass(LONGEST_MS);
        expect(crew.held[0]).toBeGreaterThan(before);
      }
      expect(given()).toBe(total);
      crew.broker.close();
    }),
    { numRuns: 200 },
  );
});
