import { describe, expect, it } from 'vitest';
import { type RunFacts, verdictOf } from './verdict.ts';

const well: RunFacts = {
  requests: 1000,
  failed: 0,
  firstFault: null,
  perSecond: 1000,
  generatorBusy: 0.3,
  mockBusy: 0.3,
  paced: true,
  lateMicros: 1000,
  sharedCore: false,
  failuresWanted: false,
  ceilingPerSecond: 50_000,
};

describe('verdict on a run', () => {
  it('lets a run count in which all is well', () => {
    expect(verdictOf(well)).toEqual({ void: null, flag: null });
  });

  it('voids latencies of a generator above 80 % of its core, and only flags a busy closed loop', () => {
    expect(verdictOf({ ...well, generatorBusy: 0.81 }).void).toContain('81 %');
    const closed = verdictOf({ ...well, paced: false, generatorBusy: 0.97 });
    expect([closed.void, closed.flag]).toEqual([null, 'the generator was the limit (97 % of its core)']);
  });

  it('flags what is within 10 % of the mock alone', () => {
    expect(verdictOf({ ...well, perSecond: 44_000 }).flag).toBeNull();
    expect(verdictOf({ ...well, perSecond: 46_000 }).flag).toContain("mock's ceiling (50000/s)");
    expect(verdictOf({ ...well, perSecond: 46_000, ceilingPerSecond: null }).flag).toBeNull();
    expect(verdictOf({ ...well, mockBusy: 0.97 }).flag).toContain('the mock was the limit');
    expect(verdictOf({ ...well, sharedCore: true, mockBusy: 0.7 }).flag).toContain("load's core was full");
  });

  it('voids a run without answers or with more than 1 % failed, unless failures are what is looked at', () => {
    const failing = { ...well, failed: 20, firstFault: 'status 500' };
    expect(verdictOf(failing).void).toBe('20 of 1020 failed: status 500');
    expect(verdictOf({ ...failing, failed: 5 }).void).toBeNull();
    expect(verdictOf({ ...failing, failuresWanted: true }).void).toBeNull();
    expect(verdictOf({ ...well, requests: 0 }).void).toBe('no answer came');
  });
});
