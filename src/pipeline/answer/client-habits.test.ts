import { describe, expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import { makeProvider } from '../../../tests/kit/provider-config.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { habitsOf, tellsUsageApart, wordsSuit } from './client-habits.ts';

function habits(prefix: string | null, dialect: DialectName = 'openai-chat') {
  const { call } = fakeCall(dialect, { model: 'm' }, []);
  const paris = makeProvider('paris', { vendor: 'mistral' });
  Object.assign(call.snapshot.config, { providers: [paris, makeProvider('together')] });
  Object.assign(call, { prefix });
  return habitsOf(call);
}

describe('what a client counts on', () => {
  test.each([
    ['groq', { usage: 'x_groq' }],
    ['mistral', { usage: 'finish', wholeCalls: true, vectorsId: true }],
    // A provider of that vendor under a name of its own.
    ['paris', { usage: 'finish', wholeCalls: true, vectorsId: true }],
    ['perplexity', { usage: 'finish' }],
    ['xai', { usage: 'finish' }],
    ['deepseek', { usage: 'finish' }],
    ['cerebras', { usage: 'finish' }],
    ['fireworks', { usage: 'finish' }],
  ])('is what the vendor does by whose name it asks: %s', (prefix, wanted) => {
    expect(habits(prefix)).toEqual(wanted);
  });

  test.each([
    ['no name', null, undefined],
    ['OpenAI’s', 'openai', undefined],
    ['a provider’s that is no vendor’s, though it is called so', 'together', undefined],
    ['another dialect’s route', 'deepseek', 'anthropic'],
  ] as const)('is nothing else by %s', (_name, prefix, dialect) => {
    expect(habits(prefix, dialect)).toBeNull();
  });
});

test.each<[body: object, change: object, apart: boolean]>([
  [{ stream_options: { include_usage: true } }, { prefix: 'groq' }, true],
  [{}, { prefix: 'groq', usageCost: true }, false],
  [{}, { prefix: 'groq' }, false],
  [{}, { prefix: 'openai', usageCost: true }, true],
  [{}, { prefix: null }, false],
])('usage in a chunk of its own: %j with %j', (body, change, apart) => {
  const { call } = fakeCall('openai-chat', { model: 'm', stream: true, ...body }, []);
  Object.assign(call.snapshot.config, { providers: [] });
  Object.assign(call, change);
  expect(tellsUsageApart(call)).toBe(apart);
});

test('another’s words do for Mistral’s clients but where there may be calls of tools', () => {
  const suits = (operation: 'chat' | 'completion', vendor: string): boolean => {
    const { call } = fakeCall('openai-chat', { model: 'm' }, [], {}, operation);
    Object.assign(call.snapshot.config, { providers: [] });
    Object.assign(call, { prefix: 'mistral' });
    return wordsSuit(call, makeProvider('p', { vendor }));
  };
  expect([suits('chat', 'openai'), suits('chat', 'mistral')]).toEqual([false, true]);
  expect(suits('completion', 'openai')).toBe(true);
});
