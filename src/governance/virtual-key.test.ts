import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CredentialHashes,
  credentialHash,
  credentialKind,
  holds,
  issueCredential,
  rotated,
  rotationDue,
  shownOf,
} from './virtual-key.ts';

const pepper = randomBytes(32);

describe('a credential of ours', () => {
  it('has a prefix for what it is for, is unlike every other, and can stand in a header', () => {
    const issued = Array.from({ length: 200 }, () => issueCredential('key', randomBytes));
    expect(new Set(issued).size).toBe(200);
    for (const key of issued) expect(key).toMatch(/^hg-[0-9A-Za-z]{39}$/);
    expect(credentialKind(issueCredential('token', randomBytes))).toBe('token');
    expect(credentialKind(issueCredential('setup', randomBytes))).toBe('setup');
    expect(credentialKind(issued[0]!)).toBe('key');
  });

  it('keeps all of its 192 bits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), (bytes) => {
        const key = issueCredential('key', () => Buffer.from(bytes));
        const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
        let value = 0n;
        for (const letter of key.slice(3, 36)) value = value * 62n + BigInt(digits.indexOf(letter));
        expect(value.toString(16).padStart(48, '0')).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  it('is told from one with a slip in it, without any look-up', () => {
    const key = issueCredential('key', randomBytes);
    for (let at = 0; at < key.length; at++) {
      const letter = key[at] === 'a' ? 'b' : 'a';
      expect(credentialKind(key.slice(0, at) + letter + key.slice(at + 1))).toBeNull();
    }
    expect(credentialKind('')).toBeNull();
    expect(credentialKind(`${key}0`)).toBeNull();
  });

  it('is shown by its beginning and its end', () => {
    const key = issueCredential('key', randomBytes);
    expect(shownOf(key)).toEqual({ prefix: key.slice(0, 7), lastFour: key.slice(-4) });
  });

  it('is kept as a hash that needs the key of the master', () => {
    const key = issueCredential('key', randomBytes);
    expect(credentialHash(pepper, key)).toMatch(/^[\w-]{43}$/);
    expect(credentialHash(pepper, key)).not.toBe(credentialHash(randomBytes(32), key));
  });
});

describe('a key that is replaced', () => {
  it('holds with both credentials until the grace is over, and with the new one from then on', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(2e6), (now, grace, asked) => {
        const before: CredentialHashes = { current: 'old', previous: null };
        const after = rotated(before, 'new', now, grace);
        const at = now + asked;
        expect(holds(after, 'new', at)).toBe(true);
        expect(holds(after, 'old', at)).toBe(asked < grace);
        expect(holds(after, '', at)).toBe(false);
        // Replaced once more within its grace: two hold, never three.
        const again = rotated(after, 'newest', at, grace);
        expect(holds(again, 'old', at)).toBe(false);
        expect(holds(again, 'new', at)).toBe(grace > 0);
      }),
    );
  });

  it('is due by the time of its last rotation', () => {
    expect([rotationDue(100, 50, 149), rotationDue(100, 50, 150), rotationDue(100, 0, 1e9)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});
