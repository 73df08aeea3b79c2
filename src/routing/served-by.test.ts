import { describe, expect, test } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/config.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { Operation } from '../contracts/operation.ts';
import { chat } from '../operations/chat.ts';
import { tokenCount } from '../operations/token-count.ts';
import { servedBy } from './served-by.ts';

const counted: Operation = { ...tokenCount, estimated: false };
/** Only these two have the operation. */
const HAVE: readonly DialectName[] = ['anthropic', 'gemini'];
const dialectOf = (name: DialectName): Dialect =>
  ({ name, 'token-count': HAVE.includes(name) ? {} : null }) as Dialect;
const speaking = (dialects: DialectName[], change: Partial<ProviderConfig> = {}): ProviderConfig =>
  makeProvider('p', {
    speaks: dialects.map((dialect) => ({ dialect, path: '', auth: { kind: 'none' } })),
    ...change,
  });
const served = (provider: ProviderConfig, operation: Operation | undefined, client: DialectName) => {
  const found = servedBy(provider, operation, client, dialectOf);
  return found === null ? null : `${found.operation} in ${found.spoken.dialect}`;
};

describe('a provider is asked', () => {
  test('in its client’s dialect, else in the first it speaks', () => {
    for (const operation of [undefined, chat]) {
      expect(served(speaking(['cohere', 'gemini']), operation, 'gemini')).toBe('chat in gemini');
      expect(served(speaking(['cohere', 'gemini']), operation, 'anthropic')).toBe('chat in cohere');
    }
  });

  test('in a dialect that has the operation', () => {
    expect(served(speaking(['anthropic', 'gemini']), counted, 'gemini')).toBe('token-count in gemini');
    expect(served(speaking(['cohere', 'gemini']), counted, 'cohere')).toBe('token-count in gemini');
    expect(served(speaking(['cohere']), counted, 'cohere')).toBeNull();
  });

  test('only for what its record says it serves', () => {
    expect(served(speaking(['gemini'], { endpoints: {} }), counted, 'gemini')).toBeNull();
    expect(served(speaking(['gemini'], { endpoints: { 'token-count': {} } }), counted, 'gemini')).toBe(
      'token-count in gemini',
    );
    expect(served(speaking(['gemini'], { endpoints: {} }), chat, 'gemini')).toBe('chat in gemini');
  });

  test('for what stands in where it has nothing of its own', () => {
    const emulated: Operation = { ...counted, standIn: 'chat' };
    expect(served(speaking(['gemini']), emulated, 'cohere')).toBe('token-count in gemini');
    expect(served(speaking(['cohere']), emulated, 'anthropic')).toBe('chat in cohere');
    expect(served(speaking(['gemini'], { endpoints: {} }), emulated, 'gemini')).toBe('chat in gemini');
  });

  test('whatever it has where the gateway answers in its place', () => {
    expect(served(speaking(['cohere'], { endpoints: {} }), tokenCount, 'gemini')).toBe(
      'token-count in cohere',
    );
  });
});
