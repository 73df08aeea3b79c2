import { describe, expect, test } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { capabilitiesOf, recordsOf } from './lookup.ts';
import { CAPABILITY_RECORDS } from './registry.ts';

const of = (vendor: string, model: string, dialect: DialectName = 'openai-chat') =>
  capabilitiesOf({ vendor, dialect, model });
const claude = (model: string) => of('anthropic', model, 'anthropic');

describe('a model nobody described', () => {
  test.each([
    ['custom', 'llama-3.3-70b', 'openai-chat'],
    ['custom', 'o1', 'openai-chat'],
    ['vllm', 'gpt-5', 'openai-chat'],
    ['custom', 'gpt-oss-20b', 'openai-chat'],
    ['anthropic', 'claude-test', 'anthropic'],
    ['custom', 'claude-4', 'anthropic'],
  ] as const)('%s %s has what its dialect has and nothing else', (vendor, model, dialect) => {
    expect(of(vendor, model, dialect)).toBe(UNKNOWN_CAPABILITIES[dialect]);
  });
});

describe('sampling', () => {
  test.each([
    ['gpt-4o-mini', 'all'],
    ['gpt-4.1-2025-04-14', 'all'],
    ['gpt-5-chat-latest', 'all'],
    ['o3', 'none'],
    ['o4-mini-2025-04-16', 'none'],
    ['gpt-5', 'none'],
    ['gpt-5-mini-2025-08-07', 'none'],
    ['gpt-5.1', 'unreasoned'],
    ['gpt-5.2-chat-latest', 'none'],
    ['gpt-5.4-nano', 'unreasoned'],
    ['gpt-5.6-luna', 'none'],
    ['gpt-6-astra', 'none'],
    ['gpt-6.1-sol', 'none'],
  ])('of %s: %s', (model, sampling) => {
    expect(of('openai', model).sampling).toBe(sampling);
  });

  test.each([
    ['claude-3-5-sonnet-20241022', 'all', 'none'],
    ['claude-3-7-sonnet-latest', 'all', 'budget'],
    ['claude-sonnet-4-20250514', 'all', 'budget'],
    ['claude-opus-4-20250514', 'all', 'budget'],
    ['claude-opus-4@20250514', 'all', 'budget'],
    ['claude-opus-4-1-20250805', 'one', 'budget'],
    ['claude-sonnet-4-5', 'one', 'budget'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'one', 'budget'],
    ['claude-haiku-4-5@20251001', 'one', 'budget'],
    ['claude-opus-4-6', 'one', 'either'],
    ['anthropic/claude-sonnet-4.6', 'one', 'either'],
    ['claude-opus-4-7', 'none', 'adaptive'],
    ['claude-opus-4-8-20260601', 'none', 'adaptive'],
    ['claude-opus-5', 'none', 'adaptive'],
    ['claude-sonnet-5-5', 'none', 'adaptive'],
    ['claude-haiku-5-5', 'none', 'adaptive'],
    ['claude-fable-5', 'none', 'adaptive'],
    ['Claude-Mythos-5-2', 'none', 'adaptive'],
  ] as const)('of %s: %s, and thinking %s', (model, sampling, thinking) => {
    expect(claude(model)).toMatchObject({ sampling, thinking });
  });
});

test('tools beside an effort narrow from gpt-5.4 on', () => {
  const tools = (model: string) => of('openai', model).effortWithTools;
  expect(['gpt-5.2', 'gpt-5.4', 'gpt-5.5', 'gpt-5.6-sol', 'gpt-6-luna'].map(tools)).toEqual([
    'any',
    'none',
    'none',
    'say-none',
    'say-none',
  ]);
  expect(of('openai', 'gpt-6-astra').tools).toBe('responses');
});

test('an explicit breakpoint is for gpt-5.6 and later', () => {
  const marks = (model: string) => of('openai', model).cacheMarks;
  expect(['gpt-4.1', 'gpt-5.4', 'gpt-5.6-terra', 'gpt-5.10', 'gpt-6-sol'].map(marks)).toEqual([
    'none',
    'none',
    'breakpoint',
    'breakpoint',
    'breakpoint',
  ]);
});

test('forced calls are refused by fable and mythos from 5.1 on, a date being no version', () => {
  const forced = (model: string) => claude(model).forcedTool;
  expect(
    ['claude-fable-5', 'claude-fable-5-20260801', 'claude-fable-5-1', 'claude-mythos-5-2'].map(forced),
  ).toEqual([true, true, false, false]);
});

test('what records refuse adds up, what the configuration states stands alone', () => {
  const key = { vendor: 'openai', dialect: 'openai-chat', model: 'o3' } as const;
  expect(capabilitiesOf(key).refuses).toEqual([
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'parallel_tool_calls',
  ]);
  const stated = capabilitiesOf(key, [
    { refuses: ['seed'], sampling: 'all', toolId: { max: 64 } },
    { stops: 2 },
  ]);
  expect(stated).toMatchObject({ refuses: ['seed'], sampling: 'all', stops: 2, thinking: 'effort' });
  expect(stated.toolId).toEqual({ alphabet: 'any', min: 1, max: 64 });
});

describe('every record', () => {
  test.each(CAPABILITY_RECORDS.map((record) => [record.family, record] as const))(
    '%s says where it was read and when',
    (_, record) => {
      expect(record.source.length).toBeGreaterThan(10);
      expect(record.checked).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(record.from).toMatch(/^\d{4}-\d\d(-\d\d)?$/);
      expect(Object.keys(record.change)).not.toEqual([]);
      const known = Object.keys(UNKNOWN_CAPABILITIES[record.dialect]);
      for (const field of Object.keys(record.change)) expect(known).toContain(field);
    },
  );

  test('matches by lower case and without state between calls', () => {
    for (const { names } of CAPABILITY_RECORDS) expect(names?.flags ?? '').toBe('');
    const key = { vendor: 'openai', dialect: 'openai-chat', model: 'GPT-4o' } as const;
    expect(recordsOf(key)).toEqual(recordsOf({ ...key, model: 'gpt-4o' }));
  });
});

test('what xAI’s models take of an effort is the same on Responses', () => {
  for (const dialect of ['openai-chat', 'openai-responses'] as const) {
    const of = (model: string) => capabilitiesOf({ vendor: 'xai', dialect, model });
    expect(of('grok-4.6').efforts).toEqual(['low', 'medium', 'high', 'xhigh']);
    expect(of('grok-4.3').efforts).toContain('none');
    expect([of('grok-4').thinking, of('grok-4.20-reasoning').thinking]).toEqual(['none', 'none']);
  }
});
