import { describe, expect, it } from 'vitest';
import { type CoreTimes, createPace } from './pace.ts';

/** Rest behind 10 ms of work. */
function restBehind(times: readonly (CoreTimes | null)[], filled = 0): number {
  const clock = [0, 10];
  const left = [...times];
  const pace = createPace(
    () => clock.shift()!,
    () => left.shift()!,
  );
  pace.begin();
  return pace.end(filled);
}
const none = { runNs: 0, waitedNs: 0 };

describe('the pace of who reads the spool', () => {
  it('is quick where nobody else wants the core', () => {
    expect(restBehind([none, { runNs: 10e6, waitedNs: 1e6 }])).toBe(2.5);
  });

  it('leaves the core to others where it had to wait for it, or where that is not known', () => {
    expect(restBehind([none, { runNs: 5e6, waitedNs: 5e6 }])).toBe(190);
    expect(restBehind([null, null])).toBe(190);
  });

  it('pushes before a spool is full', () => {
    expect(restBehind([none, { runNs: 5e6, waitedNs: 5e6 }], 0.6)).toBe(20);
  });
});
