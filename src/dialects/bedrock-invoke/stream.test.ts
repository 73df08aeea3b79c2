import { describe, expect, test } from 'vitest';
import { encoded, told } from '../../../tests/kit/told.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../contracts/capability.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { bedrockInvoke } from './dialect.ts';

const { chat, errors } = bedrockInvoke;
const context = { requestId: 'r', model: 'm', now: 0, includeUsage: true };
const METRICS = '"amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":2}';

describe('a stream of an invoked model', () => {
  test('is Messages’ own, with Bedrock’s exceptions in it', () => {
    const watcher = chat.createWatcher(context);
    watcher.watch('message_start', '{"type":"message_start","message":{"usage":{"input_tokens":3}}}');
    expect(() => watcher.watch('!modelTimeoutException', '{"message":"late"}')).toThrow(
      expect.objectContaining({
        publicMessage: 'late',
        fault: expect.objectContaining({ status: 408 }) as never,
      }),
    );
    const decoder = chat.createDecoder();
    expect(() => decoder.decode('!throttlingException', '{"message":"m"}')).toThrow('m');
  });

  test('of another maker’s model goes on as it comes, and ends with Bedrock’s account', () => {
    const watcher = chat.createWatcher(context);
    expect(watcher.watch('', '{"outputText":"hi"}')).toEqual({
      verdict: 'pass',
      content: true,
      instead: null,
    });
    expect(watcher.complete).toBe(false);
    expect(watcher.watch('', `{"outputText":"","completionReason":"FINISH",${METRICS}}`).verdict).toBe('end');
    expect(watcher.complete && watcher.settled && watcher.ended).toBe(true);
    expect(watcher.facts.usage).toMatchObject({ input: 3, output: 2 });
    expect(watcher.closing()).toBe('');
  });

  test('has Bedrock’s account in its last event', () => {
    const usage = {
      input: 10,
      cacheRead: 4,
      cacheWriteShort: 3,
      cacheWriteLong: null,
      output: 2,
      reasoning: null,
    };
    const stream = encoded(
      chat.createEncoder(context),
      { kind: 'start', id: 'x', model: 'm', created: null, usage: null },
      { kind: 'stop', reason: 'end', stopSequence: null },
      { kind: 'usage', usage },
      { kind: 'end' },
    );
    expect(stream.trimEnd().split('\n').at(-1)).toBe(
      'data: {"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":3,"outputTokenCount":2,"cacheReadInputTokenCount":4,"cacheWriteInputTokenCount":3}}',
    );
  });

  test('may end with one exception more than Converse knows', () => {
    const late = new GatewayError('GW_UPSTREAM_TIMEOUT_IDLE', { message: 'm' });
    expect(told((out) => errors.encodeStream(late, 'r', out))).toContain('!modelTimeoutException');
  });
});

describe('a body', () => {
  const body = {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'hi' }],
  };

  test('is Messages without the model and whether to stream', () => {
    const request = chat.decodeRequest({ ...body, anthropic_beta: ['x'] });
    expect(request).toMatchObject({ model: '', maxTokens: 5, dropped: ['anthropic_beta'], mustNotDrop: [] });
    const target: EncodeTarget = {
      model: 'a"b',
      provider: 'p',
      capabilities: UNKNOWN_CAPABILITIES['bedrock-invoke'],
      streamUsage: true,
      defaultMaxTokens: 4096,
      legacyMaxTokens: true,
      strict: false,
    };
    const made = chat.encodeRequest({ ...request, dropped: [], stream: true }, target);
    expect(JSON.parse(made.body)).toEqual(body);
  });

  test('of another maker’s model is answered as that model answers', () => {
    expect(chat.readAnswer({ outputText: 'hi' })).toEqual({ usage: null, stop: null, model: null, id: null });
    expect(() =>
      chat.readAnswer({ type: 'error', error: { type: 'overloaded_error', message: 'm' } }),
    ).toThrow('m');
  });
});
