import { describe, expect, test } from 'vitest';
import type { ChatAnswer } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { restoreAnswer } from '../tool-memory.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { remember } from './remembered.ts';

const CONTEXT = { requestId: 'req_1', model: 'asked', now: 1_790_000_001.5, includeUsage: true };
const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 60, cache_write_tokens: 20 },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: 109,
};
const response = (output: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000,
  status: 'completed',
  model: 'gpt-x',
  output,
  usage: USAGE,
  ...more,
});
const message = (...content: JsonObject[]): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
});
const text = (value: string): JsonObject => ({
  type: 'output_text',
  text: value,
  annotations: [],
  logprobs: [],
});

const answer = (more: Partial<ChatAnswer> = {}): ChatAnswer => ({
  id: 'msg_upstream',
  model: 'claude-x',
  created: null,
  parts: [{ kind: 'text', text: 'Hi.', cache: null }],
  stop: 'end',
  stopSequence: null,
  usage: null,
  ...more,
});
const written = (told: ChatAnswer, request: JsonObject = {}): JsonObject =>
  JSON.parse(encodeAnswer(told, { ...CONTEXT, remembered: remember(request) })) as JsonObject;

describe('a whole answer read', () => {
  test('is text, refusals, reasoning with its proof, calls and usage in their order', () => {
    const body = response([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [
          { type: 'summary_text', text: 'a' },
          { type: 'summary_text', text: 'b' },
        ],
        encrypted_content: 'gAA',
      },
      message(text('Hi.'), { type: 'refusal', refusal: 'No.' }),
      { type: 'web_search_call', id: 'ws_1' },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'c1',
        name: 'f',
        arguments: '{"big":12345678901234567890}',
      },
      { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c2', name: 'say', input: 'x' },
    ]);
    expect(decodeAnswer(body)).toEqual({
      id: 'resp_1',
      model: 'gpt-x',
      created: 1_790_000_000,
      parts: [
        { kind: 'reasoning', text: 'a\n\nb', signature: 'gAA', redacted: null },
        { kind: 'text', text: 'Hi.', cache: null },
        { kind: 'refusal', text: 'No.' },
        { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"big":12345678901234567890}', cache: null },
        { kind: 'tool_call', id: 'c2', name: 'say', arguments: 'x', cache: null, custom: true },
      ],
      stop: 'tool_use',
      stopSequence: null,
      usage: {
        input: 100,
        cacheRead: 60,
        cacheWriteShort: 20,
        cacheWriteLong: null,
        output: 9,
        reasoning: 4,
        webSearches: 1,
      },
    });
    expect(readAnswer(body)).toMatchObject({
      stop: 'tool_use',
      id: 'resp_1',
      model: 'gpt-x',
      usage: { input: 100 },
    });
  });

  test.each<[JsonObject, string | null]>([
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'max_tokens'],
    [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, 'content_filter'],
    [{ status: 'incomplete', incomplete_details: { reason: 'steered' } }, 'unknown:steered'],
    [{ status: 'completed' }, 'end'],
    [{ status: 'queued' }, null],
    [{ status: 'cancelled' }, null],
  ])('%j ends as %s', (more, stop) => {
    expect(readAnswer(response([message(text('x'))], more)).stop).toBe(stop);
  });

  test('a failure behind a 200 is a fault, what is no answer is none', () => {
    const failed = response([], { status: 'failed', error: { code: 'server_error', message: 'Oh.' } });
    expect(() => readAnswer(failed)).toThrow(GatewayError);
    expect(() => readAnswer({ error: { message: 'x', type: 'server_error' } })).toThrow(/x/);
    expect(() => readAnswer({ choices: [] })).toThrow(GatewayError);
  });
});

describe('a whole answer written', () => {
  test('has what SDKs read, with what it repeats of its request', () => {
    const tools = [{ type: 'function', name: 'f', parameters: null, strict: null }];
    const request = {
      model: 'asked',
      instructions: 'S',
      temperature: 0.5,
      tools,
      text: { verbosity: 'low' },
      store: true,
      previous_response_id: 'resp_0',
    };
    const body = written(answer(), request);
    expect(body).toMatchObject({
      object: 'response',
      created_at: 1_790_000_001,
      completed_at: 1_790_000_001,
      status: 'completed',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: 'S',
      max_output_tokens: null,
      metadata: {},
      model: 'claude-x',
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: false,
      temperature: 0.5,
      text: { format: { type: 'text' }, verbosity: 'low' },
      tool_choice: 'auto',
      tools,
      top_p: 1,
      truncation: 'disabled',
      usage: null,
    });
    expect(body['id']).toBe('resp_msg_upstream');
    expect(body['output']).toMatchObject([
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hi.', annotations: [] }],
      },
    ]);
    expect(Object.keys(body).filter((name) => name === 'output_text')).toEqual([]);
  });

  test('ids of items are of their kind, unlike each other and unlike those of another request', () => {
    const parts: ChatAnswer['parts'] = [
      { kind: 'reasoning', text: 'hm', signature: 's', redacted: null },
      { kind: 'text', text: 'a', cache: null },
      { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}', cache: null },
      { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}', cache: null },
    ];
    const told = answer({ parts, stop: 'tool_use' });
    const items = written(told)['output'] as JsonObject[];
    expect(items.map((item) => String(item['id']).split('_')[0])).toEqual(['rs', 'msg', 'fc', 'fc']);
    expect(items.map((item) => item['call_id'])).toEqual([undefined, undefined, 'c1', 'c1_2']);
    const other = JSON.parse(encodeAnswer(told, { ...CONTEXT, requestId: 'req_2' })) as {
      output: JsonObject[];
    };
    const ids = [...items, ...other.output].map((item) => item['id']);
    expect(new Set(ids).size).toBe(8);
    expect(ids.every((id) => String(id).length <= 64)).toBe(true);
  });

  test('calls come back as the client’s own tools', () => {
    const tools = [
      { type: 'custom', name: 'say' },
      { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'get' }] },
      { type: 'local_shell' },
      { type: 'shell' },
      { type: 'apply_patch' },
    ];
    const calls = [
      ['say', '{"input":"x"}'],
      ['crm__get', '{"id":1}'],
      ['local_shell', '{"command":["ls"],"timeout_ms":5}'],
      ['shell', '{"commands":["pwd"]}'],
      ['apply_patch', '{"type":"update_file","path":"a","diff":"d"}'],
    ] as const;
    const parts = calls.map(([name, args], at) => ({
      kind: 'tool_call' as const,
      id: `c${at}`,
      name,
      arguments: args,
      cache: null,
    }));
    const told = restoreAnswer(answer({ parts, stop: 'tool_use' }), { custom: ['say'], renamed: {} });
    expect(written(told, { tools })['output']).toMatchObject([
      { type: 'custom_tool_call', call_id: 'c0', name: 'say', input: 'x' },
      { type: 'function_call', call_id: 'c1', name: 'get', namespace: 'crm', arguments: '{"id":1}' },
      {
        type: 'local_shell_call',
        call_id: 'c2',
        action: { type: 'exec', command: ['ls'], env: {}, timeout_ms: 5 },
      },
      { type: 'shell_call', call_id: 'c3', action: { commands: ['pwd'] } },
      { type: 'apply_patch_call', call_id: 'c4', operation: { type: 'update_file', path: 'a', diff: 'd' } },
    ]);
  });

  test('an answer that was cut short, filtered or refused says so', () => {
    expect(written(answer({ stop: 'max_tokens' }))).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      completed_at: null,
      output: [{ status: 'incomplete' }],
    });
    expect(written(answer({ stop: 'refusal' }))).toMatchObject({
      incomplete_details: { reason: 'content_filter' },
    });
    const refused = answer({ stop: 'refusal', parts: [{ kind: 'refusal', text: 'No.' }] });
    expect(written(refused)).toMatchObject({
      status: 'completed',
      output: [{ content: [{ type: 'refusal', refusal: 'No.' }] }],
    });
  });

  test('there and back it is the same answer', () => {
    const body = response([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'hm' }],
        encrypted_content: 'gAA',
      },
      message(text('Hi.')),
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'c1',
        name: 'f',
        arguments: '{"a": 1.0}',
        status: 'completed',
      },
    ]);
    const first = decodeAnswer(body);
    expect(decodeAnswer(JSON.parse(encodeAnswer(first, CONTEXT)) as JsonObject)).toEqual(first);
  });
});
