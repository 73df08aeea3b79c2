import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { anthropic } from './dialect.ts';

const { chat, 'token-count': tokenCount } = anthropic;
const target: EncodeTarget = {
  model: 'claude-sonnet-4-5@20250929',
  provider: 'vertex',
  capabilities: UNKNOWN_CAPABILITIES.anthropic,
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: true,
  strict: false,
  hosted: 'vertex',
};
const VERSION = { anthropic_version: 'vertex-2023-10-16' };
const rest = { max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };

describe('Claude on Vertex', () => {
  test('has its model in the path', () => {
    const below = '/models/claude-sonnet-4-5@20250929';
    expect(chat.address(target, false)).toBe(`${below}:rawPredict`);
    expect(chat.address(target, true)).toBe(`${below}:streamRawPredict`);
    expect(chat.address({ ...target, model: 'a/b:c' }, true)).toBe('/models/a%2Fb%3Ac:streamRawPredict');
    expect(tokenCount.address(target)).toBe('/models/count-tokens:rawPredict');
  });

  test.each([
    ['in front', `{"model":"m",${JSON.stringify(rest).slice(1)}`],
    ['behind', `${JSON.stringify(rest).slice(0, -1)},"model":"m"}`],
    ['absent', JSON.stringify(rest)],
    ['beside fallbacks', `{"fallbacks":["x"], "model" : "m",${JSON.stringify(rest).slice(1)}`],
    ['with fallbacks alone', `{"fallbacks":["x"],${JSON.stringify(rest).slice(1)}`],
  ])('has the version in its place, where that was %s', (_, text) => {
    const body = Buffer.from(text);
    const facts = inspectBody(body);
    const spliced = applyEdits(body, chat.splice(facts, target));
    expect(JSON.parse(spliced.toString())).toEqual({ ...rest, ...VERSION });
    const fitted = applyEdits(body, chat.fit(body, facts, target).edits);
    expect(JSON.parse(fitted.toString())).toEqual({ ...rest, ...VERSION });
  });

  test('is told the same where the request was translated', () => {
    const request = chat.decodeRequest({ model: 'm', ...rest });
    expect(JSON.parse(chat.encodeRequest({ ...request, stream: true }, target).body)).toEqual({
      ...VERSION,
      ...rest,
      stream: true,
    });
  });

  test('names its model in the body where tokens are counted', () => {
    const body = Buffer.from(JSON.stringify({ model: 'm', messages: rest.messages }));
    const facts = inspectBody(body);
    const named = { model: target.model, messages: rest.messages };
    for (const edits of [tokenCount.splice(facts, target), tokenCount.fit(body, facts, target).edits]) {
      expect(JSON.parse(applyEdits(body, edits).toString())).toEqual(named);
    }
  });
});

describe('a body for Claude on Vertex', () => {
  test.each([
    ['the version first', `{"anthropic_version":"v", ${JSON.stringify(rest).slice(1)}`],
    ['the version last', `${JSON.stringify(rest).slice(0, -1)},"anthropic_version":"v" }`],
    ['it twice', `{"anthropic_version":"v",${JSON.stringify(rest).slice(1, -1)},"anthropic_version":"w"}`],
    ['a model of its own', `{"model":"other",${JSON.stringify(rest).slice(1)}`],
    ['none', JSON.stringify(rest)],
  ])('is one of Messages, with %s', (_, text) => {
    const body = Buffer.from(text);
    const facts = { ...inspectBody(body), model: 'cl"aude@1' };
    for (const { reshape } of [chat, tokenCount]) {
      const messages = reshape(body, facts, 'vertex')!;
      expect(JSON.parse(messages.toString())).toEqual({ model: 'cl"aude@1', ...rest });
      expect(inspectBody(messages).model).toBe('cl"aude@1');
      expect(reshape(body, facts)).toBeNull();
    }
  });

  test('has no model where nobody names one', () => {
    const body = Buffer.from('{"anthropic_version":"v"}');
    expect(chat.reshape(body, inspectBody(body), 'vertex')!.toString()).toBe('{}');
  });
});
