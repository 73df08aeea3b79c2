import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';

const answer = (message: JsonObject, finish: string | null = 'stop', more: JsonObject = {}): JsonObject => ({
  id: 'c1',
  object: 'chat.completion',
  created: 9,
  model: 'gpt-x',
  choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  ...more,
});
const context = { requestId: 'r1', model: 'asked', now: 1700000000.9, includeUsage: true };

function refusal(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('reading an answer', () => {
  test('facts of an answer whose bytes go through', () => {
    expect(readAnswer(answer({ content: 'a' }, 'length'))).toEqual({
      usage: {
        input: 3,
        cacheRead: null,
        cacheWriteShort: null,
        cacheWriteLong: null,
        output: 2,
        reasoning: null,
      },
      stop: 'max_tokens',
      model: 'gpt-x',
      id: 'c1',
    });
    expect(readAnswer(answer({ content: 'a' }, 'stop', { usage: null })).usage).toBe(null);
  });

  test.each<[JsonObject, string, number]>([
    [{ error: { message: 'm', type: 'server_error', code: null } }, 'GW_UPSTREAM_ERROR', 500],
    [{ error: { message: 'm', code: 429 } }, 'GW_UPSTREAM_RATE_LIMIT', 429],
    [{ error: 'busy' }, 'GW_UPSTREAM_ERROR', 500],
    [{ detail: 'nope' }, 'GW_UPSTREAM_ERROR', 500],
    [answer({}, 'error'), 'GW_UPSTREAM_ERROR', 500],
    [{ hello: 1 }, 'GW_UPSTREAM_BAD_OUTPUT', 502],
    [{ choices: [] }, 'GW_UPSTREAM_BAD_OUTPUT', 502],
    [{ choices: {} }, 'GW_UPSTREAM_BAD_OUTPUT', 502],
  ])('%j in a 200 is not an answer', (body, code, status) => {
    for (const read of [readAnswer, decodeAnswer]) {
      const error = refusal(() => read(body));
      expect([error.code, error.status]).toEqual([code, status]);
    }
  });

  test('parts in order: reasoning, text, refusal, calls with arguments as written', () => {
    const text = '{"n": 12345678901234567890, "x": 1.0';
    const decoded = decodeAnswer(
      answer({
        reasoning: 'hm',
        content: 'a',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: text } }],
      }),
    );
    expect(decoded.parts).toEqual([
      { kind: 'reasoning', text: 'hm', signature: null, redacted: null },
      { kind: 'text', text: 'a', cache: null },
      { kind: 'tool_call', id: 'c', name: 'f', arguments: text, cache: null },
    ]);
    expect(decoded).toMatchObject({ id: 'c1', model: 'gpt-x', created: 9, stop: 'tool_use' });
  });

  test.each<[string, JsonObject, Json]>([
    ['a refusal that ends with stop', { refusal: 'no' }, 'refusal'],
    ['a legacy function call', { function_call: { name: 'f', arguments: '{}' } }, 'tool_use'],
    ['plain text', { content: 'a' }, 'end'],
  ])('%s', (_name, message, stop) => {
    expect(decodeAnswer(answer(message)).stop).toBe(stop);
  });

  const calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }];
  test.each([
    ['none', null, { content: 'a' }, 'end'],
    ['none', null, { content: null, tool_calls: calls }, 'tool_use'],
    ['none', null, { refusal: 'no' }, 'refusal'],
    ['the word null', 'null', { content: null, tool_calls: calls }, 'tool_use'],
    ['tool_calls without a call', 'tool_calls', { content: 'a', tool_calls: [] }, 'end'],
    ['stop beside a call', 'stop', { content: 'a', tool_calls: calls }, 'tool_use'],
    ['length beside a call', 'length', { content: 'a', tool_calls: calls }, 'max_tokens'],
  ])('a finish_reason that is %s (%j) is what the answer holds', (_, finish, message, stop) => {
    expect(decodeAnswer(answer(message, finish)).stop).toBe(stop);
    expect(readAnswer(answer(message, finish)).stop).toBe(finish === null || finish === 'null' ? null : stop);
  });

  test('a call without an id gets one', () => {
    const [part] = decodeAnswer(answer({ tool_calls: [{ function: { name: 'f', arguments: '' } }] })).parts;
    expect(part?.kind === 'tool_call' && part.id).toMatch(/^call_/);
  });
});

describe('writing an answer', () => {
  const empty = { id: '', model: '', created: null, parts: [], stop: null, stopSequence: null, usage: null };

  test.each([
    ['in its member ends as OpenAI ends it', { kind: 'refusal', text: 'no' } as const, 'stop'],
    ['in words only is filtered', { kind: 'text', text: 'no', cache: null } as const, 'content_filter'],
  ])('a refusal %s', (_, part, finish) => {
    const written = JSON.parse(encodeAnswer({ ...empty, parts: [part], stop: 'refusal' }, context));
    expect(written.choices[0].finish_reason).toBe(finish);
  });

  test('text, calls and proofs of reasoning', () => {
    const written = JSON.parse(
      encodeAnswer(
        {
          ...empty,
          id: 'msg_1',
          model: 'claude-x',
          parts: [
            { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: null },
            { kind: 'reasoning', text: '', signature: null, redacted: 'opaque' },
            { kind: 'text', text: 'a', cache: null },
            { kind: 'text', text: 'b', cache: null },
            { kind: 'tool_call', id: 't', name: 'f', arguments: '{}', cache: null },
          ],
          stop: 'tool_use',
          usage: {
            input: 10,
            cacheRead: 4,
            cacheWriteShort: 1,
            cacheWriteLong: 2,
            output: 6,
            reasoning: null,
          },
        },
        context,
      ),
    );
    expect(written).toEqual({
      id: 'chatcmpl-msg_1',
      object: 'chat.completion',
      created: 1700000000,
      model: 'claude-x',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'ab',
            refusal: null,
            reasoning_content: 'hm',
            reasoning_details: [
              { type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 },
              { type: 'reasoning.encrypted', data: 'opaque', index: 1 },
            ],
            tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 6,
        total_tokens: 16,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
      },
    });
  });

  test('what the upstream did not say is not made up', () => {
    const written = JSON.parse(encodeAnswer(empty, context));
    expect(written).toMatchObject({ id: 'chatcmpl-r1', model: 'asked' });
    expect(written.choices[0]).toMatchObject({ finish_reason: null, message: { content: '' } });
    expect('usage' in written).toBe(false);
  });
});
