import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directoryOf, KeyDirectory } from './directory.ts';

const keys = [
  { name: 'team-a', value: 'key-of-team-a' },
  { name: 'team-b', value: 'key-of-team-b' },
];

describe('a directory', () => {
  it('knows who presents a key, by the same frozen object each time', () => {
    const directory = directoryOf(keys);
    const found = directory.find('key-of-team-a');
    expect(found).toMatchObject({ id: 'team-a', name: 'team-a', team: null, permits: null, guarded: false });
    expect(Object.isFrozen(found)).toBe(true);
    expect(directory.find('key-of-team-a')).toBe(found);
  });

  it.each([
    ['nothing', ''],
    ['an unknown one', 'key-of-nobody'],
    ['the beginning of a key', 'key-of-team-'],
    ['a key and more', 'key-of-team-aa'],
    ['a key in other letters', 'KEY-OF-TEAM-A'],
    ['a key with a space', 'key-of-team-a '],
    ['the name of a key', 'team-a'],
    ['a property of every object', '__proto__'],
  ])('does not know %s, before and after its neighbours were seen', (_, credential) => {
    const directory = directoryOf(keys);
    expect(directory.find(credential)).toBeNull();
    for (const { value } of keys) directory.find(value);
    expect(directory.find(credential)).toBeNull();
    expect(directory.find(credential)).toBeNull();
    expect(new KeyDirectory().find(credential)).toBeNull();
  });

  it('takes any text for a key', () => {
    const value = 'schlüssel-🔑-\u0000';
    expect(directoryOf([{ name: 'odd', value }]).find(value)?.name).toBe('odd');
  });

  it('makes nothing anew of a key that stays', () => {
    const directory = directoryOf(keys);
    const before = directory.find('key-of-team-a');
    const other = { name: 'team-c', value: 'key-of-team-c' };
    directory.learn({ base: 1, revision: 2, put: [other], drop: ['key-of-team-b'] });
    expect(directory.find('key-of-team-a')).toBe(before);
    expect(directory.find('key-of-team-b')).toBeNull();
    expect(directory.find('key-of-team-c')).toMatchObject({ name: 'team-c' });
    expect(directory).toMatchObject({ revision: 2, size: 2 });
  });

  it('forgets a key that was presented before, and gives one its new name', () => {
    const directory = directoryOf(keys);
    for (const { value } of keys) directory.find(value);
    directory.learn({
      base: 1,
      revision: 2,
      put: [{ name: 'renamed', value: 'key-of-team-b' }],
      drop: ['key-of-team-a'],
    });
    expect(directory.find('key-of-team-a')).toBeNull();
    expect(directory.find('key-of-team-b')).toMatchObject({ name: 'renamed' });
  });

  it('knows the secret of a key pair, whose id may move to another key', () => {
    const directory = directoryOf([
      { name: 'one', value: 'secret-one', accessKeyId: 'ID1' },
      { name: 'two', value: 'secret-two', accessKeyId: 'ID2' },
      { name: 'shown', value: 'key-shown' },
    ]);
    expect(directory.secretOf('ID1')).toBe('secret-one');
    expect([directory.secretOf(''), directory.secretOf('ID3')]).toEqual([null, null]);
    directory.learn({
      base: 1,
      revision: 2,
      put: [
        { name: 'one', value: 'secret-one', accessKeyId: 'ID2' },
        { name: 'two', value: 'secret-two', accessKeyId: 'ID1' },
      ],
      drop: [],
    });
    expect([directory.secretOf('ID1'), directory.secretOf('ID2')]).toEqual(['secret-two', 'secret-one']);
    directory.learn({
      base: 2,
      revision: 3,
      put: [
        { name: 'one', value: 'secret-new', accessKeyId: 'ID2' },
        { name: 'two', value: 'secret-two' },
      ],
      drop: ['secret-one'],
    });
    expect([directory.secretOf('ID1'), directory.secretOf('ID2')]).toEqual([null, 'secret-new']);
    expect(directory.find('secret-two')).toMatchObject({ name: 'two' });
    directory.learn({ base: 0, revision: 4, put: [], drop: [] });
    expect(directory.secretOf('ID2')).toBeNull();
  });

  it('takes no change of a list it does not have, and a whole list at any time', () => {
    const directory = new KeyDirectory();
    expect(() => directory.learn({ base: 1, revision: 2, put: keys, drop: [] })).toThrow('revision 1');
    directory.learn({ base: 0, revision: 5, put: keys, drop: [] });
    expect(() => directory.learn({ base: 4, revision: 6, put: [], drop: ['key-of-team-a'] })).toThrow();
    expect(directory.find('key-of-team-a')).not.toBeNull();
    directory.learn({ base: 0, revision: 7, put: [keys[1]!], drop: [] });
    expect(directory.find('key-of-team-a')).toBeNull();
    expect(directory).toMatchObject({ revision: 7, size: 1 });
  });

  it('answers like a plain map after any sequence of puts and drops', () => {
    const value = fc.oneof(fc.constantFrom('k1', 'k2', 'k3', 'k4'), fc.string());
    const step = fc.record({
      put: fc.array(fc.record({ name: fc.string(), value }), { maxLength: 3 }),
      drop: fc.array(value, { maxLength: 3 }),
      asked: fc.array(value, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const directory = directoryOf([]);
        const plain = new Map<string, string>();
        for (const [at, { put, drop, asked }] of steps.entries()) {
          directory.learn({ base: at + 1, revision: at + 2, put, drop });
          for (const gone of drop) plain.delete(gone);
          for (const key of put) plain.set(key.value, key.name);
          expect(directory.size).toBe(plain.size);
          for (const credential of [...asked, ...plain.keys(), ...drop])
            expect(directory.find(credential)?.name).toBe(plain.get(credential));
        }
      }),
    );
  });
});
