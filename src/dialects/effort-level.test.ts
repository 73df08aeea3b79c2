import { expect, test } from 'vitest';
import type { Effort } from '../contracts/capability.ts';
import { fitEffort, isEffort } from './effort-level.ts';

test.each<[Effort, Effort[], Effort | null]>([
  ['high', ['low', 'medium', 'high'], 'high'],
  ['xhigh', ['low', 'medium', 'high'], 'high'],
  ['xhigh', ['low', 'medium', 'high', 'max'], 'high'],
  ['max', ['none', 'low', 'medium', 'high', 'xhigh'], 'xhigh'],
  ['minimal', ['low', 'medium', 'high'], 'low'],
  ['minimal', ['none', 'low'], 'low'],
  ['none', ['minimal', 'low'], 'minimal'],
  ['none', ['none', 'low'], 'none'],
  ['medium', ['low', 'high'], 'low'],
  ['low', ['none'], null],
  ['high', [], null],
])('%s among %j is %s', (effort, levels, fit) => {
  expect(fitEffort(effort, levels)).toBe(fit);
});

test('a level is a word of the list, not of an object', () => {
  expect(['none', 'max', 'constructor', 'High'].map(isEffort)).toEqual([true, true, false, false]);
});
