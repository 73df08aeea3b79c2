import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  masterKeysOfFile,
  parseMasterKeys,
  replaceMasterKeyFile,
  rotateMasterKeyFile,
} from './master-key.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-master-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a master key', () => {
  it('is 32 bytes in base64, base64url or hexadecimal digits, several behind each other', () => {
    const [a, b, c] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    const text = `${a!.toString('base64')}, ${b!.toString('base64url')}\n${c!.toString('hex')}\n`;
    expect(parseMasterKeys(text, 'HEADGATE_MASTER_KEY')).toEqual([a, b, c]);
  });

  it.each([
    ['', 'there is no key'],
    ['change-me', 'key 1 is not 32 bytes'],
    [randomBytes(16).toString('hex'), 'key 1 is not 32 bytes'],
    ['0'.repeat(64), 'key 1 is no random key'],
    [`${randomBytes(32).toString('hex')} ${'A'.repeat(43)}`, 'key 2 is no random key'],
  ])('is not %j, which is said without it', (text, message) => {
    expect(() => parseMasterKeys(text, 'HEADGATE_MASTER_KEY')).toThrow(`HEADGATE_MASTER_KEY: ${message}`);
  });
});

describe('the file of master keys', () => {
  it('is made at the first start for its owner alone, and found by the next', () => {
    const path = join(folder, 'data', 'master.key');
    const made = masterKeysOfFile(path, randomBytes);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(masterKeysOfFile(path, randomBytes)).toEqual(made);
  });

  it('is not made anew where one is broken: everything sealed with it would be lost', () => {
    const path = join(folder, 'master.key');
    writeFileSync(path, 'garbage');
    expect(() => masterKeysOfFile(path, randomBytes)).toThrow('key 1 is not 32 bytes');
    expect(readFileSync(path, 'utf8')).toBe('garbage');
    expect(() => masterKeysOfFile(join(path, 'below'), randomBytes)).toThrow(/ENOTDIR|EEXIST/);
  });

  it('gets a new key in front of the others, and loses old ones when it is told to', () => {
    const path = join(folder, 'master.key');
    const [first] = masterKeysOfFile(path, randomBytes);
    const keys = rotateMasterKeyFile(path, randomBytes);
    expect(keys).toHaveLength(2);
    expect(keys[1]).toEqual(first);
    expect(masterKeysOfFile(path, randomBytes)).toEqual(keys);
    chmodSync(path, 0o644);
    replaceMasterKeyFile(path, keys.slice(0, 1));
    expect(masterKeysOfFile(path, randomBytes)).toEqual([keys[0]]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
