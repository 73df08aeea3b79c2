import { describe, expect, test } from 'vitest';
import type { Usage } from '../contracts/chat.ts';
import { headOfUsage, usageInHead } from './bedrock-metrics.ts';

const NONE = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };

describe('what the head of a whole answer says that it used', () => {
  test('is its input and what was said', () => {
    const head = {
      'x-amzn-bedrock-input-token-count': '14',
      'x-amzn-bedrock-output-token-count': '36',
      'x-amzn-bedrock-invocation-latency': '926',
    };
    expect(usageInHead(head)).toEqual({ ...NONE, input: 14, output: 36 });
  });

  test('counts what a cache read and wrote apart from the rest of the input', () => {
    const head = {
      'x-amzn-bedrock-input-token-count': '4',
      'x-amzn-bedrock-output-token-count': '2',
      'x-amzn-bedrock-cache-read-input-token-count': '100',
      'x-amzn-bedrock-cache-write-input-token-count': '20',
    };
    const usage = { ...NONE, input: 124, output: 2, cacheRead: 100, cacheWriteShort: 20 };
    expect(usageInHead(head)).toEqual(usage);
    expect(Object.fromEntries(headOfUsage(usage))).toEqual(head);
  });

  test('of vectors is their input alone', () => {
    expect(usageInHead({ 'x-amzn-bedrock-input-token-count': '9' })).toEqual({
      ...NONE,
      input: 9,
      output: 0,
    });
  });

  test.each([{}, { 'x-request-id': '7' }, { 'x-amzn-bedrock-input-token-count': '-3' }])(
    'is nothing in %j',
    (head: Record<string, string>) => {
      expect(usageInHead(head)).toBeNull();
    },
  );

  test.each([
    ['a number that is none', 'many'],
    ['nothing', ''],
    ['more than there is', '9'.repeat(20)],
  ])('is nothing where it is %s', (_, value) => {
    expect(usageInHead({ 'x-amzn-bedrock-input-token-count': value })).toBeNull();
  });

  test('is told of what is known, and of nothing else', () => {
    const usage: Usage = { ...NONE, input: null, output: 3 };
    expect(headOfUsage(usage)).toEqual([['x-amzn-bedrock-output-token-count', '3']]);
    expect(headOfUsage({ ...usage, input: 5, cacheWriteLong: 9 })[0]).toEqual([
      'x-amzn-bedrock-input-token-count',
      '0',
    ]);
  });
});
