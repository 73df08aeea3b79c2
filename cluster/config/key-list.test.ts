import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientKey } from '../../src/contracts/directory.ts';
import { KeyDirectory } from '../../src/pipeline/who/directory.ts';
import { type KeyList, keyDelta } from './key-list.ts';

const key = (name: string, value = `key-of-${name}`): ClientKey => ({ name, value });
const list = (revision: number, ...keys: ClientKey[]): KeyList => ({ revision, keys });

describe('what leads from one list of keys to another', () => {
  it('is all of it for who knows nothing', () => {
    const to = list(4, key('a'), key('b'));
    expect(keyDelta(null, to)).toEqual({ base: 0, revision: 4, put: to.keys, drop: [] });
  });

  it('is one row for one key, among a hundred thousand', () => {
    const keys = Array.from({ length: 100_000 }, (_, at) => key(`k${at}`));
    const from = list(1, ...keys);
    expect(keyDelta(from, { revision: 2, keys: [...keys, key('new')] })).toEqual({
      base: 1,
      revision: 2,
      put: [key('new')],
      drop: [],
    });
  });

  it('drops the value that was rotated, and puts a value that has another name', () => {
    const from = list(1, key('rotated', 'value-1'), key('renamed'), key('same'));
    const to = list(2, key('same'), key('rotated', 'value-2'), key('other', 'key-of-renamed'));
    expect(keyDelta(from, to)).toEqual({
      base: 1,
      revision: 2,
      put: [key('rotated', 'value-2'), key('other', 'key-of-renamed')],
      drop: ['value-1'],
    });
  });

  it('puts a key that became the secret of a pair, or of another one', () => {
    const [plain, first, second] = [
      key('a'),
      { ...key('a'), accessKeyId: 'ID1' },
      { ...key('a'), accessKeyId: 'ID2' },
    ];
    for (const [from, to] of [
      [plain, first],
      [first, second],
      [second, plain],
    ] as const)
      expect(keyDelta(list(1, from), list(2, to))).toMatchObject({ put: [to], drop: [] });
    expect(keyDelta(list(1, first), list(2, { ...first }))).toMatchObject({ put: [], drop: [] });
  });

  it('takes a directory from any list to any other', () => {
    const lists = fc.array(
      fc.uniqueArray(
        fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.constantFrom('1', '2', '3', '4') }),
        {
          selector: ({ value }) => value,
        },
      ),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(lists, (steps) => {
        const directory = new KeyDirectory();
        let from: KeyList | null = null;
        for (const [at, keys] of steps.entries()) {
          const to = list(at + 1, ...keys);
          directory.learn(keyDelta(from, to));
          from = to;
          expect(directory.size).toBe(keys.length);
          for (const { name, value } of keys) expect(directory.find(value)?.name).toBe(name);
        }
      }),
    );
  });
});
