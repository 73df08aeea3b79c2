import { describe, expect, test } from 'vitest';
import { createClientKeys } from './client-keys.ts';

const keys = [
  { name: 'team-a', value: 'key-of-team-a' },
  { name: 'team-b', value: 'key-of-team-b' },
];

describe('a credential', () => {
  test('that is a key tells whose it is, each time alike', () => {
    const identify = createClientKeys(keys);
    const first = identify('key-of-team-a');
    expect(first?.name).toBe('team-a');
    expect(identify('key-of-team-b')?.name).toBe('team-b');
    // The one object: limits and labels may be kept by it.
    expect(identify('key-of-team-a')).toBe(first);
  });

  test.each([
    ['nothing', ''],
    ['an unknown one', 'key-of-nobody'],
    ['the beginning of a key', 'key-of-team-'],
    ['a key and more', 'key-of-team-aa'],
    ['a key in other letters', 'KEY-OF-TEAM-A'],
    ['a key with a space', 'key-of-team-a '],
    ['the name of a key', 'team-a'],
    ['a property of every object', '__proto__'],
  ])('that is %s is nobody’s, before and after its neighbours were seen', (_, credential) => {
    const identify = createClientKeys(keys);
    expect(identify(credential)).toBeNull();
    for (const { value } of keys) identify(value);
    expect(identify(credential)).toBeNull();
    expect(identify(credential)).toBeNull();
  });

  test('may be any text', () => {
    const value = 'schlüssel-🔑-\u0000';
    expect(createClientKeys([{ name: 'odd', value }])(value)?.name).toBe('odd');
  });

  test('is nobody’s where there are no keys', () => {
    expect(createClientKeys([])('')).toBeNull();
  });
});

test('who was found cannot be changed by who found it', () => {
  const identity = createClientKeys(keys)('key-of-team-a')!;
  expect(() => Object.assign(identity, { name: 'team-b' })).toThrow(TypeError);
});

test('a table knows its own keys alone', () => {
  const before = createClientKeys(keys);
  expect(before('key-of-team-a')).not.toBeNull();
  const reloaded = createClientKeys([keys[1]!]);
  expect(reloaded('key-of-team-a')).toBeNull();
});
