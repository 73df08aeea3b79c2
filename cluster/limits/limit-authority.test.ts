import { describe, expect, it } from 'vitest';
import type { BucketWire, LimitBatch } from '../../src/contracts/ipc.ts';
import { fakeClock } from '../fakes.fixture.ts';
import { createPrimaryLimits } from './limit-authority.ts';

const slots: BucketWire = ['s', 'concurrent', 3, 0, 0, 1];
const batch = (part: Partial<LimitBatch>): LimitBatch => ({ back: [], spent: [], asks: [], ...part });
let serial = 0;
const ask = (need: number) => ({
  id: serial,
  token: `t${serial++}`,
  parts: [[slots, need, need]] as [BucketWire, number, number][],
});

describe('limits in the primary', () => {
  it('takes back what a batch returns before it grants what it asks', () => {
    const limits = createPrimaryLimits(fakeClock());
    expect(limits.receive(1, batch({ asks: [ask(3)] }))[0]!.grants[0]![0]).toBe(3);
    expect(limits.receive(2, batch({ asks: [ask(1)] }))[0]!.grants[0]![0]).toBe(0);
    expect(limits.receive(1, batch({ back: [[slots, 1]], asks: [ask(1)] }))[0]!.grants[0]![0]).toBe(1);
  });

  it('M03: has all slots of a worker that died at once, and no more than it held', () => {
    const limits = createPrimaryLimits(fakeClock());
    limits.receive(1, batch({ asks: [ask(2)] }));
    limits.receive(2, batch({ asks: [ask(1)] }));
    limits.leave(1);
    limits.leave(1);
    expect(limits.receive(3, batch({ asks: [ask(3)] }))[0]!.grants[0]![0]).toBe(0);
    expect(limits.receive(3, batch({ asks: [ask(2)] }))[0]!.grants[0]![0]).toBe(2);
  });

  it('M03: books what a worker that died had spent and not told, and gives back the rest of what it held', () => {
    const limits = createPrimaryLimits(fakeClock());
    const budget: BucketWire = ['b', 'cost', 1_000, 0, 0, 1, 0];
    const parts: LimitBatch['asks'] = [{ id: 1, token: 'call', parts: [[budget, 50, 300]] }];
    limits.receive(1, batch({ asks: parts, number: 1 }));
    limits.receive(1, batch({ spent: [['b', 40]], number: 2 }));
    const left = [
      { batch: 2, bucketId: 'b', amount: 40 },
      { batch: 3, bucketId: 'b', amount: 60 },
      { batch: 3, bucketId: 'unknown', amount: 5 },
      // Beyond what it was granted.
      { batch: 2, bucketId: 'b', amount: -9 },
      { batch: 3, bucketId: 'b', amount: -7 },
      { batch: 3, bucketId: 'unknown', amount: -1 },
    ];
    expect(limits.leave(1, left)).toBe(4);
    const [, , remaining, , , spent] = limits.receive(
      2,
      batch({ asks: [{ id: 1, token: 'other', parts: [[budget, 1, 1]] }] }),
    )[0]!.grants[0]!;
    expect({ remaining, spent }).toEqual({ remaining: 892, spent: 107 });
  });

  it('tells what was used of a budget apart from what workers hold of it', () => {
    const limits = createPrimaryLimits(fakeClock());
    const budget: BucketWire = ['b', 'cost', 1_000, 0, 0, 1, 0];
    const [granted, , remaining, , , spent] = limits.receive(
      1,
      batch({ asks: [{ id: 1, token: 'call', parts: [[budget, 50, 150]] }] }),
    )[0]!.grants[0]!;
    expect({ granted, remaining, spent }).toEqual({ granted: 150, remaining: 850, spent: 0 });
    // The call cost 30 and is over; 120 lie in the worker's lease. Another worker looks.
    limits.receive(1, batch({ spent: [['b', 30]] }));
    const look = batch({ asks: [{ id: 2, token: 'look', parts: [[budget, 0, 0]] }] });
    const seen = limits.receive(2, look)[0]!.grants[0]!;
    expect({ remaining: seen[2], spent: seen[5] }).toEqual({ remaining: 850, spent: 30 });
    // Of limits nobody asks that.
    expect(limits.receive(1, batch({ asks: [ask(1)] }))[0]!.grants[0]).toHaveLength(5);
  });

  it('does not believe a worker that gives back what it does not hold', () => {
    const limits = createPrimaryLimits(fakeClock());
    limits.receive(1, batch({ asks: [ask(3)] }));
    limits.receive(2, batch({ back: [[slots, 3]] }));
    expect(limits.receive(2, batch({ asks: [ask(1)] }))[0]!.grants[0]![0]).toBe(0);
  });
});
