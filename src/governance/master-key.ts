// Where the master keys come from: the environment, or a file that the first start makes. The first of several seals, the
// others open what was sealed before.
import { Buffer } from 'node:buffer';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { MASTER_KEY_BYTES } from './purpose-key.ts';

/** Why there is no master key, in words that hold nothing of one. */
export class MasterKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MasterKeyError';
  }
}

/**
 * Keys out of a text: 32 bytes each, in base64, base64url or hexadecimal digits, separated by commas or white space.
 * @param where of the text, for messages. @throws MasterKeyError
 */
export function parseMasterKeys(text: string, where: string): Buffer[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.length === 0) throw new MasterKeyError(`${where}: there is no key`);
  return entries.map((entry, index) => {
    const key = /^[0-9a-f]{64}$/i.test(entry)
      ? Buffer.from(entry, 'hex')
      : /^[A-Za-z0-9+/_-]{43}=?$/.test(entry)
        ? Buffer.from(entry, 'base64')
        : null;
    const fault = key === null ? 'is not 32 bytes in base64 or hexadecimal digits' : weakness(key);
    if (key === null || fault !== null) throw new MasterKeyError(`${where}: key ${index + 1} ${fault}`);
    return key;
  });
}

/** What no source of secrets gives: it is a sample somebody left in place. */
function weakness(key: Buffer): string | null {
  if (key.length !== MASTER_KEY_BYTES) return `has ${key.length} bytes and not ${MASTER_KEY_BYTES}`;
  return new Set(key).size < 8 ? 'is no random key' : null;
}

/**
 * The keys of a file; where there is none it is made, readable by its owner alone.
 * @param random gives so many bytes of a source fit for secrets. @throws MasterKeyError
 */
export function masterKeysOfFile(path: string, random: (bytes: number) => Buffer): Buffer[] {
  try {
    return parseMasterKeys(readFileSync(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof MasterKeyError) throw error;
    if (!isMissing(error)) throw new MasterKeyError(`${path}: ${codeOf(error)}`);
  }
  const key = random(MASTER_KEY_BYTES);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // `wx`: of two gateways that start at once the second finds the file of the first.
    write(path, 'wx', [key]);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return parseMasterKeys(readFileSync(path, 'utf8'), path);
    throw new MasterKeyError(`${path}: ${codeOf(error)}`);
  }
  return [key];
}

/** Puts a new key before those of the file: a crash leaves the old file or the new one. @returns all of them. */
export function rotateMasterKeyFile(path: string, random: (bytes: number) => Buffer): Buffer[] {
  const keys = [random(MASTER_KEY_BYTES), ...parseMasterKeys(readFileSync(path, 'utf8'), path)];
  replaceMasterKeyFile(path, keys);
  return keys;
}

/** Once nothing is sealed with them any more, old keys may go. */
export function replaceMasterKeyFile(path: string, keys: readonly Buffer[]): void {
  const next = `${path}.new`;
  write(next, 'w', keys);
  renameSync(next, path);
}

function write(path: string, flag: 'w' | 'wx', keys: readonly Buffer[]): void {
  const file = openSync(path, flag, 0o600);
  try {
    // Of a file that was there the mode stays what it was.
    chmodSync(path, 0o600);
    writeSync(file, keys.map((key) => `${key.toString('base64url')}\n`).join(''));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'cannot be used';
}
