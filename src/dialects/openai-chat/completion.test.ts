import { describe, expect, test } from 'vitest';
import type { Delta } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { completion } from './completion.ts';
import { createDecoder, createEncoder, createWatcher } from './completion-stream.ts';

const piece = (text: string, reason: string | null = null, index = 0): string =>
  JSON.stringify({ id: 'c', model: 'm', choices: [{ text, index, finish_reason: reason }] });
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const context = { requestId: 'r', model: 'm', now: 9, includeUsage: true };

describe('a request', () => {
  test('is one turn of a chat', () => {
    const request = completion.decodeRequest({
      model: 'm',
      prompt: ['hi'],
      max_tokens: 5,
      stop: 'x',
      echo: false,
      n: 1,
    });
    expect(request).toMatchObject({
      turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
      maxTokens: 5,
      stop: ['x'],
      mustNotDrop: [],
    });
  });

  test.each<[string, JsonObject]>([
    ['suffix', { prompt: 'a', suffix: 'b' }],
    ['best_of', { prompt: 'a', best_of: 2 }],
    ['logprobs', { prompt: 'a', logprobs: 1, echo: true }],
    ['prompt', { prompt: ['a', 'b'] }],
    ['prompt', { prompt: [1, 2] }],
    ['prompt', { prompt: [[1, 2]] }],
  ])('wants %s, which no chat has: %j', (name, body) => {
    expect(completion.decodeRequest({ model: 'm', ...body }).mustNotDrop).toEqual([name]);
  });

  test('of several answers and the chances of their tokens is what a chat has as well', () => {
    const asked = { model: 'm', prompt: ['a'], n: 2, best_of: 2, logprobs: 3, suffix: '', echo: false };
    expect(completion.decodeRequest(asked)).toMatchObject({
      choices: { count: 2 },
      logprobs: 3,
      mustNotDrop: [],
      turns: [{ parts: [{ text: 'a' }] }],
    });
    expect(completion.remember(asked)).toEqual({});
    expect(completion.remember({ ...asked, echo: true })).toEqual({ echo: 'a' });
    // An answer that says it already, read and written anew, is not to say it twice.
    expect(completion.remember({ ...asked, echo: true }, true)).toEqual({});
  });

  test('without a prompt is none', () => {
    expect(() => completion.decodeRequest({ model: 'm' })).toThrow(
      expect.objectContaining({ param: 'prompt' }),
    );
  });
});

describe('a stream that is watched', () => {
  test('hides usage nobody asked for, and ends with its sentinel', () => {
    const watcher = createWatcher({ includeUsage: false });
    expect(watcher.watch('', piece('a'))).toMatchObject({ verdict: 'pass', content: true });
    expect(watcher.complete).toBe(false);
    expect(watcher.watch('', piece('', 'stop'))).toMatchObject({ verdict: 'pass', content: false });
    expect([watcher.complete, watcher.settled]).toEqual([true, false]);
    expect(watcher.watch('', JSON.stringify({ choices: [], usage }))).toMatchObject({ verdict: 'hide' });
    expect(watcher.closing()).toBe('data: [DONE]\n\n');
    expect(watcher.watch('', '[DONE]')).toMatchObject({ verdict: 'end' });
    expect(watcher.closing()).toBe('');
    expect(watcher.settled).toBe(true);
    expect(watcher.facts).toMatchObject({ usage: { input: 3, output: 2 }, stop: 'end', model: 'm', id: 'c' });
    expect(() => watcher.watch('', piece('b'))).toThrow();
  });

  test('shows usage that was asked for, and waits for each of several answers', () => {
    const watcher = createWatcher({ includeUsage: true });
    for (const index of [0, 1]) watcher.watch('', piece('a', null, index));
    watcher.watch('', piece('', 'length', 1));
    expect(watcher.complete).toBe(false);
    expect(watcher.watch('', '[DONE]')).toMatchObject({ verdict: 'hide' });
    expect(watcher.closing()).toBe('');
    const other = createWatcher({ includeUsage: true });
    expect(other.watch('', JSON.stringify({ choices: [], usage }))).toMatchObject({ verdict: 'pass' });
  });

  test.each([
    ['', 'no json'],
    ['', '{"error":{"message":"no"}}'],
    ['error', '{"message":"no"}'],
  ])('fails by its event %j %j', (event, data) => {
    expect(() => createWatcher({ includeUsage: false }).watch(event, data)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^GW_UPSTREAM/) }),
    );
  });
});

test('a stream that is read and written again says the same', () => {
  const decoder = createDecoder();
  const deltas: Delta[] = [];
  for (const data of [
    piece('a'),
    piece(' b'),
    piece('of another', null, 1),
    piece('', 'length'),
    piece('', 'stop', 1),
  ])
    deltas.push(...decoder.decode('', data));
  deltas.push(...decoder.decode('', JSON.stringify({ choices: [], usage })));
  deltas.push(...decoder.decode('', '[DONE]'));
  expect(decoder.finish()).toEqual([]);
  expect(deltas.map(({ kind }) => kind)).toEqual([
    'start',
    'open',
    'text',
    'text',
    'open',
    'text',
    'close',
    'stop',
    'close',
    'stop',
    'usage',
    'end',
  ]);
  const out: string[] = [];
  const encoder = createEncoder(context);
  const sink = { emit: (_: string, data: string) => out.push(data), emitLines: () => undefined };
  encoder.encode({ kind: 'open', index: 7, block: 'reasoning' }, sink);
  encoder.encode({ kind: 'text', index: 7, text: 'thought' }, sink);
  for (const delta of deltas) encoder.encode(delta, sink);
  expect(out.at(-1)).toBe('[DONE]');
  const said = out.slice(0, -1).map((data) => JSON.parse(data) as JsonObject);
  expect(said.map((data) => data['choices'])).toMatchObject([
    [{ text: 'a', index: 0, finish_reason: null }],
    [{ text: ' b', index: 0 }],
    [{ text: 'of another', index: 1, finish_reason: null }],
    [{ text: '', index: 0, finish_reason: 'length' }],
    [{ text: '', index: 1, finish_reason: 'stop' }],
    [],
  ]);
  expect(said.at(-1)).toMatchObject({ id: 'cmpl-c', object: 'text_completion', model: 'm', usage });
});

test('a stream that broke off gives no end', () => {
  const decoder = createDecoder();
  decoder.decode('', piece('a'));
  expect(decoder.finish()).toEqual([]);
});

test('a whole answer is read and written', () => {
  const body = { id: 'c', model: 'm', created: 5, choices: [{ text: 'hi', finish_reason: 'stop' }], usage };
  const answer = completion.decodeAnswer(body);
  expect(JSON.parse(completion.encodeAnswer(answer, context))).toMatchObject({ ...body, id: 'cmpl-c' });
  const several = { ...body, choices: [...body.choices, { text: 'ho', index: 1, finish_reason: 'length' }] };
  const both = JSON.parse(completion.encodeAnswer(completion.decodeAnswer(several), context)) as JsonObject;
  expect(both['choices']).toEqual([
    { text: 'hi', index: 0, logprobs: null, finish_reason: 'stop' },
    { text: 'ho', index: 1, logprobs: null, finish_reason: 'length' },
  ]);
  const bare = completion.encodeAnswer({ ...answer, id: '', model: '', created: null, usage: null }, context);
  expect(JSON.parse(bare)).toMatchObject({ id: 'cmpl-r', model: 'm', created: 9 });
  for (const none of [{}, { error: { message: 'no' } }]) expect(() => completion.readAnswer(none)).toThrow();
});

test('what was asked is said again in front of each answer, and the chances stand where their tokens do', () => {
  const again = { ...context, remembered: { echo: 'Q: ' } };
  const chances = [
    { token: 'h', logprob: -1, bytes: null, top: [{ token: 'H', logprob: -2, bytes: null }] },
    { token: 'i', logprob: -3, bytes: null, top: [] },
  ];
  const told = {
    tokens: ['h', 'i'],
    token_logprobs: [-1, -3],
    top_logprobs: [{ H: -2 }, {}],
    text_offset: [0, 1],
  };
  const answer = completion.decodeAnswer({ choices: [{ text: 'hi' }, { text: 'ho', index: 1 }] });
  const texts = (text: string) =>
    (JSON.parse(text) as { choices: { text: string }[] }).choices.map((choice) => choice.text);
  expect(texts(completion.encodeAnswer(answer, again))).toEqual(['Q: hi', 'Q: ho']);
  answer.parts = [{ kind: 'text', text: 'hi', cache: null, logprobs: chances }];
  const whole = JSON.parse(completion.encodeAnswer(answer, context)) as { choices: { logprobs: unknown }[] };
  expect(whole.choices.map(({ logprobs }) => logprobs)).toEqual([told, null]);
  const out: string[] = [];
  const sink = { emit: (_: string, data: string) => out.push(data), emitLines: () => undefined };
  const encoder = createEncoder(again);
  encoder.encode({ kind: 'open', index: 0, block: 'text' }, sink);
  encoder.encode({ kind: 'text', index: 0, text: 'hi', logprobs: chances }, sink);
  encoder.encode({ kind: 'text', index: 0, text: '!' }, sink);
  encoder.encode({ kind: 'stop', reason: 'end', stopSequence: null }, sink);
  encoder.encode({ kind: 'stop', reason: 'end', stopSequence: null, choice: 1 }, sink);
  const pieces = out.map((text) => (JSON.parse(text) as { choices: object[] }).choices[0]);
  expect(pieces).toMatchObject([
    { text: 'Q: hi', logprobs: told },
    { text: '!', logprobs: null },
    { text: '', finish_reason: 'stop' },
    // An answer that says nothing.
    { text: 'Q: ', index: 1 },
  ]);
});
