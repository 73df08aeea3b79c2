import { describe, expect, test } from 'vitest';
import type { Credential } from '../contracts/credential.ts';
import { createCredentialBook } from './book.ts';

const token = (id: string, text: string, expiresAtMs: number | null = null): Credential => ({
  id,
  token: text,
  expiresAtMs,
});

describe('a worker’s credentials', () => {
  test('are the last that were told, until they expire', () => {
    let now = 1_000;
    const book = createCredentialBook(
      () => now,
      () => undefined,
    );
    expect(book.of('a')).toBeNull();
    book.learn(token('a', 'token-one-of-a', 2_000));
    book.learn(token('b', 'token-one-of-b'));
    expect(book.of('a')?.token).toBe('token-one-of-a');
    now = 2_000;
    expect(book.of('a')).toBeNull();
    expect(book.of('b')?.token).toBe('token-one-of-b');
    book.learn(token('a', 'token-two-of-a', 3_000));
    expect(book.of('a')?.token).toBe('token-two-of-a');
    book.keep(['b']);
    expect(book.of('a')).toBeNull();
    expect(book.secrets()).toEqual(['token-one-of-b']);
  });

  test('are taken out of what others say', () => {
    const book = createCredentialBook(
      () => 0,
      () => undefined,
    );
    const plain = Buffer.from('nothing of it');
    expect(book.mask(plain)).toBe(plain);
    const aws = {
      accessKeyId: 'ASIA',
      secretAccessKey: 'secret-of-the-pair',
      sessionToken: 'session-of-the-pair',
    };
    book.learn({ id: 'a', aws, expiresAtMs: null });
    book.learn(token('b', 'token-one-of-b'));
    expect(book.mask(plain)).toBe(plain);
    const said = book
      .mask(Buffer.from('a secret-of-the-pair, session-of-the-pair and token-one-of-b'))
      .toString();
    expect(said).not.toMatch(/of-the-pair|of-b/);
    book.learn(token('b', 'token-two-of-b'));
    expect(book.mask(Buffer.from('token-two-of-b')).toString()).not.toContain('two');
  });

  test('that a provider refuses are told of, once for all calls of a moment', () => {
    let now = 10_000;
    const told: string[] = [];
    const book = createCredentialBook(
      () => now,
      (id) => void told.push(id),
    );
    book.refused('a');
    book.learn(token('a', 'x'));
    book.refused('a');
    book.refused('a');
    now += 5_000;
    book.refused('a');
    expect(told).toEqual(['a', 'a']);
  });

  test('are waited for at a start, and not for ever', async () => {
    const book = createCredentialBook(
      () => 0,
      () => undefined,
    );
    let held = false;
    const waits = book.whenHeld(['a', 'b'], 60_000).then(() => {
      held = true;
    });
    book.learn(token('a', 'x'));
    await Promise.resolve();
    expect(held).toBe(false);
    book.learn(token('b', 'y'));
    await waits;
    expect(held).toBe(true);
    await book.whenHeld(['a'], 60_000);
    await book.whenHeld(['c'], 0);
  });
});
