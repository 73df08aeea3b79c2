import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import { createWatcher } from './stream-watch.ts';

const chunk = (delta: object, finish: string | null = null, more: object = {}, index = 0): string =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-x',
    choices: [{ index, delta, finish_reason: finish }],
    ...more,
  });

const USAGE = {
  prompt_tokens: 7,
  completion_tokens: 5,
  total_tokens: 12,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const usageChunk = JSON.stringify({ id: 'chatcmpl-1', choices: [], usage: USAGE });

function failure(event: string, data: string): GatewayError {
  try {
    createWatcher({ includeUsage: false }).watch(event, data);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('watching a chat completion stream', () => {
  test('a whole stream passes, and its facts are read on the way', () => {
    const watcher = createWatcher({ includeUsage: true });
    expect(watcher.watch('', chunk({ role: 'assistant', content: '' }))).toMatchObject({
      verdict: 'pass',
      content: false,
    });
    expect(watcher.watch('', chunk({ content: 'hi' }))).toMatchObject({ verdict: 'pass', content: true });
    expect(watcher.complete).toBe(false);
    expect(watcher.watch('', chunk({}, 'length')).verdict).toBe('pass');
    expect(watcher.watch('', usageChunk).verdict).toBe('pass');
    expect([watcher.complete, watcher.ended]).toEqual([true, false]);
    expect(watcher.watch('', '[DONE]').verdict).toBe('end');
    expect([watcher.complete, watcher.ended]).toEqual([true, true]);
    expect(watcher.facts).toMatchObject({
      id: 'chatcmpl-1',
      model: 'gpt-x',
      stop: 'max_tokens',
      usage: { input: 7, cacheRead: 3, output: 5, reasoning: 2 },
    });
  });

  test('the usage chunk is hidden from a client that did not ask, but read', () => {
    const watcher = createWatcher({ includeUsage: false });
    expect(watcher.watch('', usageChunk).verdict).toBe('hide');
    expect(watcher.facts.usage?.output).toBe(5);
  });

  test('usage on a chunk with choices goes through whoever asked', () => {
    const watcher = createWatcher({ includeUsage: false });
    expect(watcher.watch('', chunk({}, 'stop', { usage: USAGE })).verdict).toBe('pass');
    expect(watcher.facts.usage?.input).toBe(7);
    expect(watcher.watch('', chunk({ content: 'a' }, null, { usage: null })).verdict).toBe('pass');
    expect(watcher.facts.usage?.input).toBe(7);
  });

  test("Azure's first chunk passes, and its empty id and model are not taken", () => {
    const watcher = createWatcher({ includeUsage: false });
    const first = JSON.stringify({
      id: '',
      model: '',
      choices: [],
      prompt_filter_results: [{}],
      usage: null,
    });
    expect(watcher.watch('', first)).toMatchObject({ verdict: 'pass', content: false });
    expect(watcher.facts.model).toBe(null);
    watcher.watch('', chunk({ content: 'x' }));
    expect(watcher.facts).toMatchObject({ id: 'chatcmpl-1', model: 'gpt-x' });
  });

  test("Groq's usage is found in x_groq", () => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk({}, 'stop', { x_groq: { id: 'r', usage: USAGE } }));
    expect(watcher.facts.usage?.output).toBe(5);
  });

  test.each([
    [{ reasoning_content: 'a' }],
    [{ reasoning: 'a' }],
    [{ reasoning_details: [{ type: 'reasoning.text', text: 'a' }] }],
    [{ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] }],
    [{ refusal: 'no' }],
    [{ function_call: { name: 'f' } }],
    [{ content: [{ type: 'text', text: 'a' }] }],
  ])('%j is content', (delta) => {
    expect(createWatcher({ includeUsage: false }).watch('', chunk(delta)).content).toBe(true);
  });

  test.each([[{ content: '' }], [{ content: null }], [{ tool_calls: [] }], [{ reasoning: '' }], [{}]])(
    '%j is not content',
    (delta) => {
      expect(createWatcher({ includeUsage: false }).watch('', chunk(delta)).content).toBe(false);
    },
  );

  test('a stream is complete only when every choice it showed is finished', () => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk({ content: 'a' }, null, {}, 0));
    watcher.watch('', chunk({ content: 'b' }, null, {}, 1));
    watcher.watch('', chunk({}, 'stop', {}, 0));
    expect(watcher.complete).toBe(false);
    watcher.watch('', chunk({}, 'stop', {}, 1));
    expect(watcher.complete).toBe(true);
  });

  test('a complete stream that lost its sentinel is closed by ours', () => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk({ content: 'a' }));
    expect(watcher.closing()).toBe('');
    watcher.watch('', chunk({}, 'stop'));
    expect(watcher.closing()).toBe('data: [DONE]\n\n');
  });

  test('a stream whose sentinel went out is not closed once more', () => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk({ content: 'a' }, null));
    watcher.watch('', chunk({}, 'stop'));
    expect(watcher.watch('', '[DONE]').verdict).toBe('end');
    expect(watcher.closing()).toBe('');
  });

  test.each([
    ['a call', { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] }, 'tool_use'],
    ['a refusal', { refusal: 'no' }, 'refusal'],
    ['text', { content: 'a' }, 'end'],
  ])('a natural end behind %s is told as what it was', (_, delta, stop) => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk(delta));
    watcher.watch('', chunk({}, 'stop'));
    watcher.watch('', '[DONE]');
    expect(watcher.facts.stop).toBe(stop);
  });

  test('what another choice holds does not tell why the first ended', () => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk({ content: 'a' }));
    watcher.watch('', chunk({ refusal: 'no' }, null, {}, 1));
    watcher.watch('', chunk({}, 'stop'));
    watcher.watch('', chunk({}, 'stop', {}, 1));
    watcher.watch('', '[DONE]');
    expect(watcher.facts.stop).toBe('end');
  });

  test('[DONE] without a finish_reason is kept back: the stream was cut', () => {
    const watcher = createWatcher({ includeUsage: false });
    watcher.watch('', chunk({ content: 'a' }));
    expect(watcher.watch('', '[DONE]').verdict).toBe('hide');
    expect([watcher.ended, watcher.complete, watcher.closing()]).toEqual([true, false, '']);
  });

  test.each([
    ['{"choices":['],
    ['5'],
    ['[]'],
    ['null'],
    ['{}'],
    ['{"choices":{}}'],
    [''],
    ['{"choices":[5]}'],
    ['{"choices":[{}]}'],
    [chunk({ content: 5 })],
    [chunk({ refusal: {} })],
    [chunk({ tool_calls: {} })],
    [chunk({ tool_calls: ['f'] })],
    [chunk({ tool_calls: [{ index: 0, function: 'f' }] })],
    [chunk({ tool_calls: [{ index: 0, function: { name: 7 } }] })],
    [chunk({ tool_calls: [{ index: 0, function: { name: 'f', arguments: 7 } }] })],
  ])('%s cannot be read, and that is said', (data) => {
    expect(failure('', data).code).toBe('GW_UPSTREAM_BAD_OUTPUT');
  });

  test('an error object is a fault with its bytes and the status of its type', () => {
    const data =
      '{"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}';
    const { fault } = failure('', data);
    expect(fault).toMatchObject({
      status: 429,
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      message: 'slow down',
    });
    expect(fault?.body?.toString()).toBe(data);
  });

  test("a numeric code inside a chunk (OpenRouter) is the fault's status", () => {
    const data = chunk({ content: '' }, 'error', { error: { code: 502, message: 'upstream died' } });
    const { fault } = failure('', data);
    expect([fault?.status, fault?.code, fault?.message]).toEqual([502, null, 'upstream died']);
  });

  test.each([
    ['error', '{"message":"broken","type":"server_error"}', 500, 'broken'],
    ['error', 'not json', 500, 'not json'],
    ['error', '<html>', 500, 'The provider reported an error without a message.'],
    ['', '{"error":"overheated"}', 500, 'overheated'],
    ['', '{"object":"error","message":"too long","type":"BadRequestError","code":400}', 400, 'too long'],
  ])('event %j with %j is an error', (event, data, status, message) => {
    const { fault } = failure(event, data);
    expect([fault?.status, fault?.message]).toEqual([status, message]);
  });

  test('finish_reason "error" is a fault, not an end', () => {
    expect(failure('', chunk({}, 'error')).fault?.code).toBe('error');
    expect(failure('', chunk({}, 'insufficient_system_resource')).fault?.status).toBe(500);
  });

  test('a plain content delta reuses one verdict object', () => {
    const watcher = createWatcher({ includeUsage: false });
    expect(watcher.watch('', chunk({ content: 'a' }))).toBe(watcher.watch('', chunk({ content: 'b' })));
  });
});
