// What answers tell beside tokens of text, in each dialect's words: tokens of pictures, and searches of the web.
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { JsonObject } from '../contracts/json.ts';
import { dialectByName } from '../registry/dialects.ts';
import { decodeUsage } from './anthropic/usage.ts';
import { readUsage as readCohere } from './cohere/usage.ts';
import { readUsage as readGemini } from './gemini/usage.ts';
import { mergeUsage } from './merge-usage.ts';
import { findUsage } from './openai-chat/usage.ts';
import { usageOf } from './openai-responses/usage.ts';

test('OpenAI and those that speak like it', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 7 };
  const read = (more: JsonObject) => findUsage({ usage: { ...usage, ...more } });
  expect(
    read({ prompt_tokens_details: { image_tokens: 4 }, completion_tokens_details: { image_tokens: 5 } }),
  ).toMatchObject({ imageInput: 4, imageOutput: 5 });
  expect(read({ server_tool_use: { web_search_requests: 2 } })).toMatchObject({ webSearches: 2 });
  expect(read({ search_context_size: 'low' })).toMatchObject({ webSearches: 1, searchSize: 'low' });
  expect(read({ search_context_size: 'low', num_search_queries: 30 })).toMatchObject({ webSearches: 30 });
  expect(Object.keys(read({ server_tool_use: null })!)).not.toContain('webSearches');
});

test('Responses: a page that is opened is no search', () => {
  const output = [
    { type: 'web_search_call', action: { type: 'search', query: 'x' } },
    { type: 'web_search_call' },
    { type: 'web_search_call', action: { type: 'open_page', url: 'https://x' } },
    { type: 'message', content: [] },
  ];
  expect(usageOf({ output, usage: { input_tokens: 9 } })?.webSearches).toBe(2);
  expect(usageOf({ output: [], usage: { input_tokens: 9 } })).not.toHaveProperty('webSearches');
});

test('Anthropic', () => {
  const usage = { input_tokens: 9, output_tokens: 7, server_tool_use: { web_search_requests: 2 } };
  expect(decodeUsage(usage)?.webSearches).toBe(2);
  expect(decodeUsage({ ...usage, server_tool_use: { web_search_requests: 0 } })).not.toHaveProperty(
    'webSearches',
  );
});

test('Gemini: by the prompt at first, and by the search since its third generation', () => {
  const answer = (modelVersion: string) => ({
    modelVersion,
    candidates: [{ groundingMetadata: { webSearchQueries: ['a', 'b'] } }, {}],
    usageMetadata: {
      promptTokenCount: 9,
      candidatesTokenCount: 7,
      promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 4 }],
      candidatesTokensDetails: [
        { modality: 'TEXT', tokenCount: 2 },
        { modality: 'IMAGE', tokenCount: 5 },
      ],
    },
  });
  expect(readGemini(answer('gemini-2.5-flash'))).toMatchObject({
    webSearches: 1,
    imageInput: 4,
    imageOutput: 5,
  });
  expect(readGemini(answer('gemini-3.5-flash'))?.webSearches).toBe(2);
});

test('Cohere: pictures are counted beside texts', () => {
  const billed = { billed_units: { input_tokens: 9, image_tokens: 4 } };
  expect(readCohere(billed)).toMatchObject({ input: 13, imageInput: 4 });
  expect(readCohere({ billed_units: { input_tokens: 9 } })).not.toHaveProperty('imageInput');
});

test('what one event of a stream tells the next ones do not take back', () => {
  const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
  const first = { ...none, input: 9, output: 1, webSearches: 2, imageOutput: 5, searchSize: 'low' };
  expect(mergeUsage(first, { ...none, input: 9, output: 7 })).toMatchObject({
    output: 7,
    webSearches: 2,
    imageOutput: 5,
    searchSize: 'low',
  });
});

describe('an answer tells the same whole and in events, as they are and translated', () => {
  const text = { role: 'assistant', content: 'ok' };
  const said = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'ok' }] }];
  const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } };
  const responses = {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'm',
    output: [search, search, ...said],
    usage: { input_tokens: 9, output_tokens: 7, input_tokens_details: { image_tokens: 4 } },
  };
  const candidate = (words: string, more: JsonObject) => ({
    content: { role: 'model', parts: [{ text: words }] },
    index: 0,
    ...more,
  });
  const metadata = {
    promptTokenCount: 9,
    candidatesTokenCount: 7,
    totalTokenCount: 16,
    promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 4 }],
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 5 }],
  };
  const found = { groundingMetadata: { webSearchQueries: ['a', 'b'] } };
  const gemini = (model: string): [JsonObject, JsonObject[]] => [
    {
      modelVersion: model,
      candidates: [candidate('ok', { finishReason: 'STOP', ...found })],
      usageMetadata: metadata,
    },
    [
      { modelVersion: model, candidates: [candidate('o', found)], usageMetadata: metadata },
      {
        modelVersion: model,
        candidates: [candidate('k', { finishReason: 'STOP' })],
        usageMetadata: metadata,
      },
    ],
  ];
  const claude = { input_tokens: 9, output_tokens: 7, server_tool_use: { web_search_requests: 2 } };
  const chat = {
    prompt_tokens: 9,
    completion_tokens: 7,
    completion_tokens_details: { image_tokens: 5 },
    search_context_size: 'high',
    num_search_queries: 3,
  };
  const cases: [string, DialectName, JsonObject, JsonObject[], JsonObject][] = [
    [
      'Anthropic',
      'anthropic',
      { type: 'message', content: [{ type: 'text', text: 'ok' }], stop_reason: 'end_turn', usage: claude },
      [
        {
          type: 'message_start',
          message: { id: 'msg_1', model: 'm', usage: { ...claude, server_tool_use: null } },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ok' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: claude },
        { type: 'message_stop' },
      ],
      { webSearches: 2 },
    ],
    [
      'Responses',
      'openai-responses',
      responses,
      [
        { type: 'response.created', response: { ...responses, output: [], usage: null } },
        ...responses.output.flatMap((item, output_index) => [
          { type: 'response.output_item.added', output_index, item },
          { type: 'response.output_item.done', output_index, item },
        ]),
        { type: 'response.completed', response: responses },
      ],
      { webSearches: 2, imageInput: 4 },
    ],
    [
      'Gemini 2.5',
      'gemini',
      ...gemini('gemini-2.5-flash'),
      { webSearches: 1, imageInput: 4, imageOutput: 5 },
    ],
    ['Gemini 3', 'gemini', ...gemini('gemini-3-pro'), { webSearches: 2, imageInput: 4, imageOutput: 5 }],
    [
      'Chat',
      'openai-chat',
      { id: 'c', model: 'm', choices: [{ index: 0, message: text, finish_reason: 'stop' }], usage: chat },
      [
        { id: 'c', model: 'm', choices: [{ index: 0, delta: text, finish_reason: null }], usage: chat },
        { id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: chat },
      ],
      { webSearches: 3, searchSize: 'high', imageOutput: 5 },
    ],
  ];

  test.each(cases)('%s', (_name, dialect, whole, events, told) => {
    const codec = dialectByName(dialect).chat;
    expect(codec.readAnswer(whole).usage).toMatchObject(told);
    const watcher = codec.createWatcher({ requestId: 'r', model: 'm' } as never); // no more of it is looked at
    const decoder = codec.createDecoder();
    for (const event of events) {
      watcher.watch(String(event['type'] ?? ''), JSON.stringify(event));
      decoder.decode(String(event['type'] ?? ''), JSON.stringify(event));
    }
    decoder.finish();
    expect(watcher.facts.usage).toMatchObject(told);
    expect(decoder.facts.usage).toMatchObject(told);
  });
});
