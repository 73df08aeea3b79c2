import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnvelopes, EnvelopeError, type SecretPlace } from './envelope.ts';
import { masterKeyId, purposeKey } from './purpose-key.ts';

const [old, next] = [randomBytes(32), randomBytes(32)] as [Buffer, Buffer];
const envelopes = createEnvelopes([old], randomBytes);
const place: SecretPlace = { kind: 'provider-key', id: 'k1', field: 'value' };

function reasonOf(run: () => string): string {
  try {
    return `opened ${run()}`;
  } catch (error) {
    if (error instanceof EnvelopeError) return error.reason;
    throw error;
  }
}

describe('an envelope', () => {
  it('opens to what was put in, never looks the same twice, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (secret) => {
        const sealed = envelopes.seal(secret, place);
        // A lone surrogate is no text: UTF-8 has a replacement for it.
        expect(envelopes.open(sealed, place)).toBe(secret.toWellFormed());
        expect(envelopes.seal(secret, place)).not.toBe(sealed);
      }),
      { numRuns: 30 },
    );
    expect(envelopes.seal('sk-secret-0123456789', place)).not.toContain('sk-secret');
  });

  it('opens in its own place alone', () => {
    const sealed = envelopes.seal('secret', place);
    for (const other of [
      { ...place, id: 'k2' },
      { ...place, field: 'token' },
      { ...place, kind: 'session' },
      { kind: 'provider-key', id: 'k', field: '1value' },
    ]) {
      expect(reasonOf(() => envelopes.open(sealed, other))).toBe('forged');
      expect(reasonOf(() => createEnvelopes([next, old], randomBytes).rewrap(sealed, other))).toBe('forged');
    }
  });

  it('does not open once any letter of it is another one', () => {
    const sealed = envelopes.seal('secret', place);
    const reasons = new Set<string>();
    for (let at = 0; at < sealed.length; at++) {
      const letter = sealed[at] === 'A' ? 'B' : 'A';
      reasons.add(reasonOf(() => envelopes.open(sealed.slice(0, at) + letter + sealed.slice(at + 1), place)));
    }
    expect([...reasons].sort()).toEqual(['forged', 'form', 'unknown-key']);
    expect(reasonOf(() => envelopes.open('', place))).toBe('form');
    expect(reasonOf(() => envelopes.open(`${sealed}.`, place))).toBe('form');
    expect(reasonOf(() => envelopes.open(sealed.slice(0, -8), place))).toMatch(/^for(m|ged)$/);
  });

  it('is wrapped anew by a new master without its secret being touched, and then opens with that one alone', () => {
    const sealed = envelopes.seal('secret', place);
    const both = createEnvelopes([next, old], randomBytes);
    const moved = both.rewrap(sealed, place);
    expect(moved.split('.').at(-1)).toBe(sealed.split('.').at(-1));
    expect(both.rewrap(moved, place)).toBe(moved);
    expect([both.open(sealed, place), both.open(moved, place)]).toEqual(['secret', 'secret']);
    const alone = createEnvelopes([next], randomBytes);
    expect(alone.open(moved, place)).toBe('secret');
    expect(reasonOf(() => alone.open(sealed, place))).toBe('unknown-key');
  });
});

describe('keys of the master', () => {
  it('are others for each use and each master, and its id tells nothing of them', () => {
    const keys = (['at-rest', 'audit', 'csrf', 'virtual-key'] as const).flatMap((purpose) =>
      [old, next].map((master) => purposeKey(master, purpose).toString('hex')),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => key.length === 64)).toBe(true);
    expect(purposeKey(old, 'audit')).toEqual(purposeKey(Buffer.from(old), 'audit'));
    expect(masterKeyId(old)).toMatch(/^[0-9a-f]{8}$/);
    expect(() => purposeKey(Buffer.alloc(16), 'audit')).toThrow('32 bytes');
  });
});
