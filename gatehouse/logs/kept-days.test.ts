import { expect, test } from 'vitest';
import { STEP_MS, type StatPoint } from '../../src/contracts/log-store.ts';
import { KeptDays } from './kept-days.ts';
import type { Series } from './series.ts';

const DAY = STEP_MS.day;
const GROUPS = ['a', 'b', 'c'];

/** A log of so many days, in which each group says its name, its day and how often that day was written to. */
function setUp({ days = 30, maxBytes = 1 << 20 } = {}) {
  const written = new Map<number, number>();
  const asked: { values: readonly string[]; from: number; to: number }[] = [];
  let now = 0;
  let between: (() => void) | null = null;
  const kept = new KeptDays(() => now, maxBytes);
  for (let day = 0; day < days; day++) written.set(day, 0);
  const within = (since: number, until: number): [number, number][] =>
    [...written]
      .filter(([day]) => day * DAY >= since && day * DAY < until)
      .sort(([one], [other]) => one - other);
  const point = (day: number, values: string[], cell: string): StatPoint => ({
    start: day * DAY,
    values,
    cell,
  });
  const reads = {
    own: (values: readonly string[], since: number, until: number) => {
      asked.push({ values, from: since / DAY, to: until / DAY });
      const points = within(since, until).flatMap(([day, times]) =>
        values
          .filter((value) => value !== 'b' || day % 2 === 0)
          .map((value) => point(day, [value], `${value}${day}.${times}`)),
      );
      between?.();
      between = null;
      return Promise.resolve(points);
    },
    whole: (since: number, until: number) =>
      Promise.resolve(within(since, until).map(([day, times]) => point(day, [], `all${day}.${times}`))),
  };
  const ask = (until = days, shown = GROUPS, filters: { field: 'team'; values: string[] }[] = []) =>
    kept.read({ group: 'model', filters, shown, since: 0, until: until * DAY }, reads);
  const write = (day: number): void => void written.set(day, (written.get(day) ?? -1) + 1);
  /** As if nothing were kept. */
  const expectRight = ({ own, whole }: { own: Series[]; whole: Series }, shown = GROUPS): void => {
    const all = within(0, Number.POSITIVE_INFINITY);
    expect([...whole].sort(([one], [other]) => one - other)).toEqual(
      all.map(([day, times]) => [day * DAY, [`all${day}.${times}`]]),
    );
    for (const [at, value] of shown.entries())
      for (const [day, times] of all)
        expect(own[at]!.get(day * DAY) ?? []).toEqual(
          value === 'b' && day % 2 === 1 ? [] : [`${value}${day}.${times}`],
        );
  };
  return {
    ...{ kept, asked, ask, write, expectRight },
    pass: (ms: number) => {
      now += ms;
    },
    /** Once, while the groups are read. */
    meanwhile: (work: () => void) => {
      between = work;
    },
  };
}

test('what did not change is not read again, days without a call of a group included', async () => {
  const { asked, ask, expectRight } = setUp();
  expectRight(await ask());
  expect(asked).toEqual([{ values: GROUPS, from: 0, to: 30 }]);
  asked.length = 0;
  expectRight(await ask());
  expect(asked).toEqual([]);
});

test('of a day that changed, or came, that day alone is read', async () => {
  const { asked, ask, write, expectRight } = setUp();
  await ask();
  asked.length = 0;
  write(29);
  write(30);
  write(7);
  expectRight(await ask(31));
  expect(asked.map(({ from, to }) => [from, to])).toEqual([
    [7, 8],
    [29, 31],
  ]);
  asked.length = 0;
  expectRight(await ask(31));
  expect(asked).toEqual([]);
});

test('many days that changed are read as one', async () => {
  const { asked, ask, write, expectRight } = setUp();
  await ask();
  asked.length = 0;
  for (const day of [2, 5, 9, 14, 20, 23]) write(day);
  expectRight(await ask());
  expect(asked.map(({ from, to }) => [from, to])).toEqual([[2, 24]]);
});

test('a group that becomes one of the greatest is read by itself', async () => {
  const { asked, ask, expectRight } = setUp();
  await ask(30, ['a', 'b']);
  asked.length = 0;
  expectRight(await ask());
  expect(asked).toEqual([{ values: ['c'], from: 0, to: 30 }]);
});

test('what changes while it is read is right, and read again', async () => {
  const { asked, ask, write, expectRight, meanwhile } = setUp();
  meanwhile(() => write(29));
  const { own, whole } = await ask();
  // All calls are read last: they are never less than their parts.
  expect(whole.get(29 * DAY)).toEqual(['all29.1']);
  expect(own[0]!.get(29 * DAY)).toEqual(['a29.0']);
  asked.length = 0;
  expectRight(await ask());
  expect(asked).toEqual([{ values: GROUPS, from: 29, to: 30 }]);
});

test('each filter has days of its own', async () => {
  const { asked, ask, expectRight } = setUp();
  await ask();
  asked.length = 0;
  for (let round = 0; round < 2; round++) {
    expectRight(await ask(30, GROUPS, [{ field: 'team', values: ['t'] }]));
    expectRight(await ask());
  }
  expect(asked).toEqual([{ values: GROUPS, from: 0, to: 30 }]);
});

test('nothing is believed for longer than an hour', async () => {
  const { asked, ask, pass, expectRight } = setUp();
  await ask();
  pass(3_600_000);
  asked.length = 0;
  expectRight(await ask());
  expect(asked).toEqual([{ values: GROUPS, from: 0, to: 30 }]);
});

test('keeps no more than it may, and says what it holds', async () => {
  const small = setUp({ maxBytes: 8_000 });
  for (let round = 0; round < 3; round++) {
    small.expectRight(await small.ask());
    expect(small.kept.bytes).toBeLessThanOrEqual(8_000);
    expect(small.kept.bytes).toBeGreaterThan(0);
  }
  // Of few days the filter is most of it.
  const long = setUp({ days: 1, maxBytes: 8_000 });
  await long.ask(1, GROUPS, [{ field: 'team', values: ['t'.repeat(10_000)] }]);
  expect(long.kept.bytes).toBe(0);
  const none = setUp({ maxBytes: 0 });
  none.expectRight(await none.ask());
  expect(none.kept.bytes).toBe(0);
  // A day that is read again takes the place of what it was.
  const { kept, ask, write } = setUp();
  await ask();
  const { bytes } = kept;
  for (let round = 0; round < 5; round++) {
    write(3);
    await ask();
  }
  expect(kept.bytes).toBe(bytes);
});
