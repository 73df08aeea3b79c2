import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameWriter, DEAD, markOf, rowEnd, setMark } from './issued-frame.ts';
import { IssuedTable } from './issued-table.ts';

const digest = (name: string): Buffer => createHash('sha256').update(name).digest();
const rowOf = (id: string, name: string, holder: string): Buffer => {
  const writer = createFrameWriter();
  writer.add(id, [[digest(name).toString('base64url'), holder]]);
  return writer.take();
};

it('holds what a Map would hold, by hash and by id, whatever was put and dropped', () => {
  const step = fc.record({
    drop: fc.boolean(),
    id: fc.integer({ min: 0, max: 8 }),
    name: fc.integer({ min: 0, max: 30 }),
    holder: fc.string({ maxLength: 40, unit: 'grapheme' }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new IssuedTable({ byId: true });
      const model = new Map<string, { id: string; holder: string }>();
      for (const { drop, id, name, holder } of steps) {
        if (drop) {
          table.drop(digest(`${name}`));
          model.delete(`${name}`);
          continue;
        }
        const before = model.get(`${name}`);
        const news = table.put(rowOf(`id${id}`, `${name}`, holder), 0, 1);
        expect(news).toBe(before?.id !== `id${id}` || before.holder !== holder);
        model.set(`${name}`, { id: `id${id}`, holder });
      }
      expect(table.size).toBe(model.size);
      for (let name = 0; name <= 30; name++)
        expect(table.holder(digest(`${name}`))).toBe(model.get(`${name}`)?.holder ?? null);
      for (let id = 0; id <= 8; id++)
        expect(
          table
            .hashesOf(Buffer.from(`id${id}`))
            .map((hash) => hash.toString('hex'))
            .sort(),
        ).toEqual(
          [...model]
            .filter(([, row]) => row.id === `id${id}`)
            .map(([name]) => digest(name).toString('hex'))
            .sort(),
        );
    }),
  );
});

it('grows over many chunks and gives the room of what is gone back', () => {
  const table = new IssuedTable({ byId: false });
  const long = 'x'.repeat(1_000);
  for (let n = 0; n < 10_000; n++) table.put(rowOf('id', `${n}`, `${n}${long}`), 0, 1);
  const bytes = (): number => table.frames().reduce((sum, frame) => sum + frame.length, 0);
  expect(bytes()).toBeGreaterThan(10_000_000);
  for (let n = 0; n < 9_900; n++) table.drop(digest(`${n}`));
  expect(bytes()).toBeLessThan(3_000_000);
  expect(table.size).toBe(100);
  expect(table.holder(digest('9899'))).toBeNull();
  expect(table.holder(digest('9950'))).toBe(`9950${long}`);
});

it('takes a row that is larger than a chunk, beside others', () => {
  const table = new IssuedTable({ byId: true });
  const large = 'y'.repeat(3_000_000);
  table.put(rowOf('a', 'a', 'small'), 0, 1);
  table.put(rowOf('b', 'b', large), 0, 1);
  table.put(rowOf('c', 'c', 'after'), 0, 1);
  expect(table.holder(digest('b'))).toBe(large);
  expect(table.holder(digest('c'))).toBe('after');
  table.drop(digest('b'));
  expect(table.frames().every((frame) => frame.length < 3_000_000)).toBe(true);
  expect([table.holder(digest('a')), table.holder(digest('b')), table.holder(digest('c'))]).toEqual([
    'small',
    null,
    'after',
  ]);
});

it('tells rows of an older mark, and marks anew one that says nothing new', () => {
  const table = new IssuedTable({ byId: true });
  table.put(rowOf('a', 'a', '1'), 0, 1);
  table.put(rowOf('b', 'b', '1'), 0, 1);
  expect(table.put(rowOf('a', 'a', '1'), 0, 2)).toBe(false);
  expect(table.unmarked(2)).toEqual([digest('b')]);
  // What lies dead between the others stands in the frames, and says so.
  table.drop(digest('a'));
  const [frame] = table.frames();
  expect([markOf(frame!, 0), markOf(frame!, rowEnd(frame!, 0))]).toEqual([DEAD, 1]);
});

it('keeps a large frame of rows that nobody knows as it is, and whatever comes behind it is as ever', () => {
  const table = new IssuedTable({ byId: true });
  const frameOf = (from: number, to: number): Buffer => {
    const writer = createFrameWriter();
    for (let n = from; n < to; n++)
      writer.add(`id${n}`, [[digest(`${n}`).toString('base64url'), `holder ${n}`]]);
    return writer.take();
  };
  const [first, second] = [frameOf(0, 3_000), frameOf(3_000, 9_000)];
  table.put(rowOf('small', 'small', 'small'), 0, 1);
  expect([table.keep(first, 2), table.keep(second, 2)]).toEqual([true, true]);
  expect(table.frames()).toHaveLength(3);
  expect(table.size).toBe(9_001);
  for (const n of [0, 1_234, 2_999, 3_000, 8_999]) {
    expect(table.holder(digest(`${n}`))).toBe(`holder ${n}`);
    expect(table.hashesOf(Buffer.from(`id${n}`))).toEqual([digest(`${n}`)]);
  }
  expect(table.unmarked(2)).toEqual([digest('small')]);
  // Nothing is written behind a frame that is full.
  table.put(rowOf('late', 'late', 'late'), 0, 2);
  expect(table.holder(digest('late'))).toBe('late');
  expect(table.holder(digest('8999'))).toBe('holder 8999');
  table.put(rowOf('id5', '5', 'another'), 0, 2);
  expect(table.holder(digest('5'))).toBe('another');
  // Known rows, dead ones, and frames that are small are put one by one.
  expect(table.keep(frameOf(0, 3_000), 2)).toBe(false);
  expect(table.keep(frameOf(20_000, 20_010), 2)).toBe(false);
  const dead = frameOf(30_000, 33_000);
  setMark(dead, 0, DEAD);
  expect(table.keep(dead, 2)).toBe(false);
});

it('a frame refuses what would not fit its places', () => {
  const writer = createFrameWriter();
  expect(() => writer.add('a', [['short', '{}']])).toThrow(RangeError);
  expect(() => writer.add('i'.repeat(256), [[digest('a').toString('base64url'), '{}']])).toThrow(RangeError);
  expect(writer.take().length).toBe(0);
});
