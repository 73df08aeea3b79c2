import { expect, it } from 'vitest';
import { behindClaudeName, inClaudeNames, readsClaudeNames } from './claude-names.ts';

it.each([
  ['claude-cli/2.1.332 (external, cli)', true],
  ['claude-code/2.1.332', true],
  ['Anthropic/JS 1.0.0', false],
  ['my-claude-cli/1', false],
  [undefined, false],
])('%s reads no other names: %s', (agent, expected) => {
  expect(readsClaudeNames(agent)).toBe(expected);
});

it('gives others a name that begins as theirs, and finds them by it', () => {
  const ids = ['claude-sonnet-5', 'anthropic/claude-sonnet-5', 'openai/gpt-6', 'fast'];
  const listed = inClaudeNames(ids.map((id) => ({ id, ownedBy: 'x' }))).map(({ id }) => id);
  expect(listed).toEqual([
    'claude-sonnet-5',
    'anthropic/claude-sonnet-5',
    'claude-hg-openai/gpt-6',
    'claude-hg-fast',
  ]);
  expect(listed.map(behindClaudeName)).toEqual([null, null, 'openai/gpt-6', 'fast']);
  expect(behindClaudeName('claude-hg-')).toBeNull();
});
