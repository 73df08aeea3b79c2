import { describe, expect, it } from 'vitest';
import { buildAccess } from './access.ts';
import { showPath } from './path.ts';
import type { FileConfig } from './schema/schema.ts';

function access(file: FileConfig) {
  const faults: string[] = [];
  const notes: string[] = [];
  const built = buildAccess(file, {
    env: {},
    folder: '/nowhere',
    records: [],
    sound: () => true,
    report: (path, message) => void faults.push(`${showPath(path)}: ${message}`),
    reportEnv: () => {},
    note: (text) => void notes.push(text),
    secret: () => {},
  });
  return { ...built, faults, notes: notes.join('\n') };
}

const KEYS = ['a-client-key-of-24-letters'];

describe('who may call', () => {
  it.each<[string, FileConfig, { host: string; anonymous: boolean; corsOrigins: string[] }, RegExp]>([
    [
      'no keys: this machine only',
      {},
      { host: '127.0.0.1', anonymous: true, corsOrigins: ['loopback'] },
      /loopback only \(/,
    ],
    [
      'no keys, and none allowed: they come from the store',
      { auth: { anonymous: false } },
      { host: '0.0.0.0', anonymous: false, corsOrigins: ['*'] },
      /^$/,
    ],
    [
      'no keys, none allowed, and no store: this machine only',
      { auth: { anonymous: false }, admin: { enabled: false } },
      { host: '127.0.0.1', anonymous: true, corsOrigins: ['loopback'] },
      /loopback only/,
    ],
    [
      'no keys, another host asked for: still this machine only',
      { server: { host: '0.0.0.0' } },
      { host: '127.0.0.1', anonymous: true, corsOrigins: ['loopback'] },
      /loopback only, not on the host that was set/,
    ],
    [
      'no keys, a loopback host: kept',
      { server: { host: '::1' } },
      { host: '::1', anonymous: true, corsOrigins: ['loopback'] },
      /loopback only \(/,
    ],
    [
      'a name that only begins like loopback is not loopback',
      { server: { host: '127.evil.example' } },
      { host: '127.0.0.1', anonymous: true, corsOrigins: ['loopback'] },
      /not on the host/,
    ],
    [
      'keys: everywhere',
      { auth: { keys: KEYS } },
      { host: '0.0.0.0', anonymous: false, corsOrigins: ['*'] },
      /^$/,
    ],
    [
      'keys and a host: there',
      { auth: { keys: KEYS }, server: { host: '10.0.0.1' } },
      { host: '10.0.0.1', anonymous: false, corsOrigins: ['*'] },
      /^$/,
    ],
    [
      'anonymous said in so many words: everywhere, with a note',
      { auth: { anonymous: true } },
      { host: '0.0.0.0', anonymous: true, corsOrigins: ['loopback'] },
      /without a key are served/,
    ],
    [
      'anonymous beside keys',
      { auth: { anonymous: true, keys: KEYS } },
      { host: '0.0.0.0', anonymous: true, corsOrigins: ['loopback'] },
      /without a key are served/,
    ],
    [
      'origins as stated',
      { server: { corsOrigins: ['https://a.example'] } },
      { host: '127.0.0.1', anonymous: true, corsOrigins: ['https://a.example'] },
      /loopback/,
    ],
    [
      'an empty list of keys is no keys',
      { auth: { keys: [] } },
      { host: '127.0.0.1', anonymous: true, corsOrigins: ['loopback'] },
      /loopback/,
    ],
  ])('%s', (_, file, expected, note) => {
    const built = access(file);
    expect(built).toMatchObject({ ...expected, faults: [] });
    expect(built.notes).toMatch(note);
  });

  it('is named by the key, or by its place', () => {
    expect(
      access({ auth: { keys: ['first-key-of-the-list', { name: 'app', value: 'second-key-of-list' }] } })
        .keys,
    ).toEqual([
      { name: 'key-1', value: 'first-key-of-the-list' },
      { name: 'app', value: 'second-key-of-list' },
    ]);
  });

  it.each<[string, NonNullable<NonNullable<FileConfig['auth']>['keys']>, string]>([
    ['short', ['abc'], 'auth.keys[0]: the key is shorter than 4 characters'],
    ['with a space', [{ value: 'a key' }], 'auth.keys[0].value: the key contains white space'],
    ['with a line break', ['ab\ncd'], 'auth.keys[0]: the key contains a line break'],
    ['that stand twice', ['same-key', 'same-key'], 'auth.keys[1]: this key stands twice'],
    [
      'of the same name',
      ['key-a-a', { name: 'key-1', value: 'key-b-b' }],
      'auth.keys[1]: two keys are called `key-1`',
    ],
  ])('refuses keys %s', (_, keys, expected) => {
    expect(access({ auth: { keys } }).faults).toEqual([expected]);
  });

  it('notes a key that can be guessed, by its name', () => {
    expect(access({ auth: { keys: ['short-key'] } }).notes).toBe(
      'API key key-1 has fewer than 16 characters and can be guessed',
    );
  });
});
