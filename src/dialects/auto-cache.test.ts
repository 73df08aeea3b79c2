import { describe, expect, it } from 'vitest';
import { encodeTarget } from '../../tests/kit/encode-target.ts';
import { inspectBody } from '../body/inspect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { dialectByName } from '../registry/dialects.ts';
import { translateBody } from './translate.ts';

const long = 'Much of this stays the same from call to call. '.repeat(120);
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
const openai = (system: string, more: object = {}) =>
  Buffer.from(
    JSON.stringify({
      model: 'm',
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: 'hi' },
      ],
      tools,
      ...more,
    }),
  );
const to = (dialect: 'anthropic' | 'bedrock' | 'gemini', body: Buffer, marksPrompts = true): string => {
  const target = { ...encodeTarget(dialect, 'claude-sonnet-4-5'), marksPrompts };
  return translateBody(body, false, dialectByName('openai-chat'), dialectByName(dialect), target).body;
};

describe('cache marks nobody set', () => {
  it('stand behind the tools, the system prompt and the last turn', () => {
    const {
      system,
      messages,
      tools: told,
    } = JSON.parse(to('anthropic', openai(long))) as Record<string, JsonObject[]>;
    expect(system!.at(-1)).toHaveProperty('cache_control', { type: 'ephemeral' });
    expect(told!.at(-1)).toHaveProperty('cache_control', { type: 'ephemeral' });
    expect(JSON.stringify(messages!.at(-1))).toContain('"cache_control":{"type":"ephemeral"}');
    expect(to('bedrock', openai(long)).match(/"cachePoint"/g)).toHaveLength(3);
  });

  it('are none of a short prompt, where the provider does not ask for them, and beside those of the client', () => {
    expect(to('anthropic', openai('short'))).not.toContain('cache_control');
    expect(to('anthropic', openai(long), false)).not.toContain('cache_control');
    const own = openai(long, {
      messages: [
        { role: 'user', content: [{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }] },
      ],
    });
    expect(to('anthropic', own).match(/cache_control/g)).toHaveLength(1);
  });
});

describe('a body of Claude’s own dialect', () => {
  const codec = dialectByName('anthropic').chat;
  const target = { ...encodeTarget('anthropic', 'claude-sonnet-4-5'), marksPrompts: true };
  const mended = (body: object, asked = target) => {
    const bytes = Buffer.from(JSON.stringify(body));
    return codec.mend!(bytes, inspectBody(bytes), asked);
  };

  it('is told to cache by itself, in one member more', () => {
    const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: long }] };
    expect(mended(body)).toMatchObject({
      edits: [{ start: 1, end: 1, text: '"cache_control":{"type":"ephemeral"},' }],
      adapted: ['cache_control'],
    });
  });

  it('is left alone where it has marks, is short, or nobody asked', () => {
    const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: long }] };
    expect(mended({ ...body, cache_control: { type: 'ephemeral' } })).toBeNull();
    expect(mended({ ...body, messages: [{ role: 'user', content: 'short' }] })).toBeNull();
    expect(mended(body, { ...target, marksPrompts: false })).toBeNull();
  });
});
