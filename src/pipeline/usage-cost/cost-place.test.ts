import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { namesUsage, withCost } from './cost-place.ts';

const told = (json: string, dialect: DialectName, kind: 'whole' | 'event' = 'whole'): string | null =>
  withCost(Buffer.from(json), dialect, kind, '0.000027')?.toString() ?? null;

describe('what a call cost in its usage', () => {
  it.each([
    [
      'openai-chat',
      'whole',
      '{"id":"a","usage":{"prompt_tokens":1}}',
      '{"id":"a","usage":{"cost":0.000027,"prompt_tokens":1}}',
    ],
    ['openai-chat', 'event', '{"choices":[],"usage":{ }}', '{"choices":[],"usage":{"cost":0.000027  }}'],
    [
      'openai-responses',
      'event',
      '{"type":"response.completed","response":{"usage":{"a":1}}}',
      '{"type":"response.completed","response":{"usage":{"cost":0.000027,"a":1}}}',
    ],
    [
      'anthropic',
      'event',
      '{"type":"message_delta","usage":{"output_tokens":2}}',
      '{"type":"message_delta","usage":{"cost":0.000027,"output_tokens":2}}',
    ],
    ['gemini', 'event', '{"usageMetadata":{"x":1.50}}', '{"usageMetadata":{"cost":0.000027,"x":1.50}}'],
    [
      'cohere',
      'event',
      '{"type":"message-end","delta":{"usage":{"tokens":{}}}}',
      '{"type":"message-end","delta":{"usage":{"cost":0.000027,"tokens":{}}}}',
    ],
    ['bedrock', 'whole', '{"usage":{"inputTokens":1}}', '{"usage":{"cost":0.000027,"inputTokens":1}}'],
    // One of a provider that tells its own: the client pays ours.
    [
      'openai-chat',
      'whole',
      '{"usage":{"a":1,"cost":9.5,"b":{"cost":7}}}',
      '{"usage":{"a":1,"cost":0.000027,"b":{"cost":7}}}',
    ],
  ] as const)('of %s, %s', (dialect, kind, json, wanted) => {
    expect(told(json, dialect, kind)).toBe(wanted);
  });

  it.each([
    ['{"usage":null}', 'openai-chat'],
    ['{"x":{"usage":{}}}', 'openai-chat'],
    ['{"type":"message_start","message":{"usage":{"a":1}}}', 'anthropic'],
    ['{"usage":{"a":', 'openai-chat'],
    ['[1]', 'gemini'],
    ['usage', 'cohere'],
  ] as const)('is nowhere in %s', (json, dialect) => {
    expect(told(json, dialect)).toBeNull();
  });

  it('changes nothing else, whatever the answer says', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (top, usage) => {
          const json = JSON.stringify({ ...top, usage });
          const { cost: _cost, ...rest } = usage as Record<string, unknown>;
          const parsed = JSON.parse(told(json, 'openai-chat')!);
          expect(parsed).toEqual(JSON.parse(JSON.stringify({ ...top, usage: { ...rest, cost: 0.000027 } })));
          expect(namesUsage(Buffer.from(json))).toBe(true);
        },
      ),
    );
  });
});
