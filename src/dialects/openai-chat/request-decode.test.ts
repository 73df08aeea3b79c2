import { describe, expect, test } from 'vitest';
import { parseLossless } from '../../body/lossless.ts';
import type { ChatRequest, Part } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { decodeRequest } from './request-decode.ts';

const user = (content: Json): JsonObject => ({ role: 'user', content });
const call = (id: string, name = 'f', text = '{}'): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});
const result = (id: string, content: Json = 'ok'): JsonObject => ({
  role: 'tool',
  tool_call_id: id,
  content,
});
const calling = (...calls: JsonObject[]): JsonObject => ({
  role: 'assistant',
  content: null,
  tool_calls: calls,
});

const decode = (more: JsonObject): ChatRequest =>
  decodeRequest({ model: 'm', messages: [user('hi')], ...more });
const turns = (...messages: Json[]) => decode({ messages }).turns;
const userParts = (content: Json): Part[] => turns(user(content))[0]!.parts;

function refusal(more: JsonObject): GatewayError {
  try {
    decode(more);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('decoding messages', () => {
  test('leading system and developer messages are the system prompt, later ones stay in place', () => {
    const request = decode({
      messages: [
        { role: 'system', content: 'a' },
        { role: 'developer', content: [{ type: 'text', text: 'b' }] },
        user('hi'),
        { role: 'system', content: 'c' },
      ],
    });
    expect(request.system.map((part) => part.text)).toEqual(['a', 'b']);
    expect(request.turns.map((turn) => turn.role)).toEqual(['user', 'system']);
  });

  test('text, images, audio and files become parts', () => {
    expect(
      userParts([
        { type: 'text', text: '' },
        { type: 'image_url', image_url: { url: 'data:image/PNG;base64,aGk=', detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
        { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' } },
        { type: 'file', file: { file_data: 'aGk=' } },
        { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,aMOp' } },
      ]),
    ).toEqual([
      { kind: 'text', text: '', cache: null },
      {
        kind: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' },
        detail: 'low',
        cache: null,
      },
      { kind: 'image', source: { kind: 'url', url: 'https://x.test/a.png' }, detail: null, cache: null },
      { kind: 'audio', format: 'wav', data: 'aGk=' },
      {
        kind: 'document',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' },
        name: 'a.pdf',
        cache: null,
      },
      {
        kind: 'document',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' },
        name: null,
        cache: null,
      },
      { kind: 'document', source: { kind: 'text', text: 'hé' }, name: 'a.txt', cache: null },
    ]);
  });

  test('cache marks are read in both spellings', () => {
    const marks = userParts([
      { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
    ]).map((part) => part.kind === 'text' && part.cache);
    expect(marks).toEqual([{ ttl: '12h' }, { ttl: null }]);
  });

  test('an assistant message keeps reasoning, text, refusal and calls, in this order, arguments as written', () => {
    const text = '{"n": 12345678901234567890, "x": 1.0';
    const [turn] = turns({
      role: 'assistant',
      content: [{ type: 'text', text: 'a' }],
      refusal: 'no',
      reasoning_content: 'hm',
      reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0 }],
    });
    expect(turn?.parts).toEqual([
      { kind: 'reasoning', text: 'hm', signature: 'sig', redacted: null },
      { kind: 'text', text: 'a', cache: null },
      { kind: 'refusal', text: 'no' },
    ]);
    const [with_] = turns(calling(call('c1', 'f', text)), result('c1'));
    expect(with_?.parts).toEqual([{ kind: 'tool_call', id: 'c1', name: 'f', arguments: text, cache: null }]);
  });

  test('a proof on a call is read before it, unless the message tells it elsewhere too', () => {
    const extra_content = { google: { thought_signature: 'sig' } };
    const calls = [{ ...call('c1', 'f', '{}'), extra_content }, call('c2', 'g', '{}')];
    const message = { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: calls };
    const [turn] = turns(message, result('c1'), result('c2'));
    expect(turn?.parts).toEqual([
      { kind: 'reasoning', text: 'hm', signature: null, redacted: null },
      { kind: 'reasoning', text: '', signature: 'sig', redacted: null, maker: 'google' },
      { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}', cache: null },
      { kind: 'tool_call', id: 'c2', name: 'g', arguments: '{}', cache: null },
    ]);
    const details = [{ type: 'reasoning.text', text: '', signature: 'sig', index: 0 }];
    const [twice] = turns({ ...message, reasoning_details: details }, result('c1'), result('c2'));
    expect(twice?.parts.map(({ kind }) => kind)).toEqual(['reasoning', 'tool_call', 'tool_call']);
    for (const odd of [null, 'x', { google: null }, { google: { thought_signature: '' } }]) {
      const [none] = turns(
        { role: 'assistant', tool_calls: [{ ...call('c1', 'f', '{}'), extra_content: odd }] },
        result('c1'),
      );
      expect(none?.parts.map(({ kind }) => kind)).toEqual(['tool_call']);
    }
  });

  test('thinking_blocks and collected stream pieces of reasoning_details are read as blocks', () => {
    const [blocks] = turns({
      role: 'assistant',
      content: 'a',
      reasoning_content: 'hm',
      thinking_blocks: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redacted_thinking', data: 'opaque' },
      ],
    });
    expect(blocks?.parts.slice(0, 2)).toEqual([
      { kind: 'reasoning', text: 'hm', signature: 's', redacted: null, maker: 'anthropic' },
      { kind: 'reasoning', text: '', signature: null, redacted: 'opaque', maker: 'anthropic' },
    ]);
    const [pieces] = turns({
      role: 'assistant',
      content: 'a',
      reasoning_details: [
        { type: 'reasoning.text', text: 'h', index: 0 },
        { type: 'reasoning.text', text: 'm', index: 0 },
        { type: 'reasoning.text', signature: 's', index: 0 },
        { type: 'reasoning.text', text: 'next', signature: 't', index: 1 },
      ],
    });
    expect(pieces?.parts.slice(0, 2)).toEqual([
      { kind: 'reasoning', text: 'hm', signature: 's', redacted: null },
      { kind: 'reasoning', text: 'next', signature: 't', redacted: null },
    ]);
  });

  test('each tool message is one user turn with one result, in any order of the calls', () => {
    const list = turns(
      calling(call('a'), call('b')),
      result('b', ''),
      result('a', [{ type: 'text', text: 'x' }]),
      user('go'),
    );
    expect(list.map((turn) => turn.role)).toEqual(['assistant', 'user', 'user', 'user']);
    expect(list[1]?.parts).toEqual([
      {
        kind: 'tool_result',
        callId: 'b',
        content: [{ kind: 'text', text: '', cache: null }],
        isError: false,
        cache: null,
      },
    ]);
  });

  test('legacy function calls and results are linked by a made-up id', () => {
    const [assistant, answer] = turns(
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: '5' },
    );
    const made = assistant?.parts[0];
    const told = answer?.parts[0];
    expect(made?.kind === 'tool_call' && made.id).toMatch(/^call_/);
    expect(told?.kind === 'tool_result' && told.callId).toBe(made?.kind === 'tool_call' && made.id);
  });

  test('message names are kept', () => {
    expect(turns({ role: 'user', content: 'a', name: 'ann' })[0]?.name).toBe('ann');
  });
});

describe('refusing what is not a chat request', () => {
  test.each<[string, JsonObject]>([
    ['messages', { messages: [] }],
    ['messages', { messages: null }],
    ['messages', { messages: 'hi' }],
    ['messages[0]', { messages: ['hi'] }],
    ['messages[0].role', { messages: [{ content: 'hi' }] }],
    ['messages[0].role', { messages: [{ role: 'king', content: 'hi' }] }],
    ['messages[0].content', { messages: [user(null)] }],
    ['messages[0].content', { messages: [user(5)] }],
    ['messages[0].content', { messages: [{ role: 'assistant' }] }],
    ['messages[0].content[0].type', { messages: [user([{ text: 'a' }])] }],
    ['messages[0].content[0].type', { messages: [user([{ type: 'video', video: {} }])] }],
    ['messages[0].content[1].text', { messages: [user([{ type: 'text', text: 'a' }, { type: 'text' }])] }],
    [
      'messages[0].content[0].image_url.url',
      { messages: [user([{ type: 'image_url', image_url: { url: 5 } }])] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [user([{ type: 'image_url', image_url: { url: 'file:///a' } }])] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,***' } }])] },
    ],
    [
      'messages[0].content[0].type',
      {
        messages: [
          { role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x.test' } }] },
        ],
      },
    ],
    ['messages[0].tool_calls[0].id', { messages: [calling({ type: 'function', function: { name: 'f' } })] }],
    ['messages[0].tool_calls[0].function.name', { messages: [calling({ id: 'a', function: {} })] }],
    [
      'messages[0].tool_calls[0].function.arguments',
      { messages: [calling({ id: 'a', function: { name: 'f', arguments: 5 } })] },
    ],
    ['model', { model: 5 }],
    ['temperature', { temperature: 'hot' }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['max_completion_tokens', { max_completion_tokens: -1 }],
    ['stop[1]', { stop: ['a', 5] }],
    ['stream', { stream: 'yes' }],
    ['tools', { tools: {} }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    [
      'tools[0].function.parameters',
      { tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] },
    ],
    ['tool_choice', { tool_choice: 'maybe' }],
    ['tool_choice.function.name', { tool_choice: { type: 'function', function: {} } }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['reasoning_effort', { reasoning_effort: 5 }],
  ])('%s is named', (param, more) => {
    const error = refusal(more);
    expect([error.code, error.status, error.param]).toEqual(['GW_CLIENT_BAD_REQUEST', 400, param]);
    expect(error.publicMessage.length).toBeGreaterThan(20);
  });

  test('a result without its call is refused by its id', () => {
    const error = refusal({ messages: [user('a'), result('ghost')] });
    expect(error.param).toBe('messages[1].tool_call_id');
    expect(error.publicMessage).toContain("'ghost'");
    expect(refusal({ messages: [calling(call('a')), result('a'), result('a')] }).publicMessage).toContain(
      "'a'",
    );
  });

  test('a call without its result is refused by its id', () => {
    for (const tail of [
      [],
      [user('go on')],
      [{ role: 'assistant', content: 'b' }],
      [{ role: 'system', content: 'c' }],
    ]) {
      const error = refusal({ messages: [calling(call('a'), call('b')), result('a'), ...tail] });
      expect(error.param).toBe('messages[0].tool_calls');
      expect(error.publicMessage).toContain("'b'");
      expect(error.publicMessage).not.toContain("'a'");
    }
  });

  test('one id twice in a message is refused', () => {
    expect(refusal({ messages: [calling(call('a'), call('a')), result('a')] }).param).toBe(
      'messages[0].tool_calls',
    );
  });
});

describe('decoding settings', () => {
  test('numbers keep the spelling of the client', () => {
    const body = parseLossless(
      '{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":1.0,"seed":-12345678901234567890,"top_p":0,"max_tokens":5}',
      true,
    );
    const request = decodeRequest(body as JsonObject);
    const { temperature, seed, topP, maxTokens } = request;
    expect(JSON.stringify({ temperature, seed, topP, maxTokens })).toBe(
      '{"temperature":1.0,"seed":-12345678901234567890,"topP":0,"maxTokens":5}',
    );
  });

  test('what was not said is null, and max_completion_tokens wins over its older twin', () => {
    expect(decode({})).toMatchObject({
      maxTokens: null,
      stop: [],
      toolChoice: null,
      reasoning: null,
      stream: false,
    });
    expect(decode({ max_tokens: 5, max_completion_tokens: 7 }).maxTokens).toBe(7);
  });

  test('stop is a string or a list', () => {
    expect(decode({ stop: 'a' }).stop).toEqual(['a']);
    expect(decode({ stop: ['a', 'b'] }).stop).toEqual(['a', 'b']);
  });

  test.each<[Json, object]>([
    ['auto', { kind: 'auto' }],
    ['none', { kind: 'none' }],
    ['required', { kind: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { kind: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', custom: { name: 'g' } },
      { kind: 'tool', name: 'g' },
    ],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      { kind: 'allowed', mode: 'required', names: ['f'] },
    ],
  ])('tool_choice %j', (choice, wanted) => {
    expect(decode({ tool_choice: choice }).toolChoice).toEqual(wanted);
  });

  test('tools and legacy functions become definitions', () => {
    const schema = { type: 'object', properties: {} };
    const request = decode({
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: schema, strict: false } },
      ],
      functions: [{ name: 'g' }],
      function_call: { name: 'g' },
    });
    expect(request.tools).toEqual([
      { name: 'f', description: 'd', schema, strict: false, cache: null },
      { name: 'g', description: null, schema: null, strict: null, cache: null },
    ]);
    expect(request.toolChoice).toEqual({ kind: 'tool', name: 'g' });
    expect(request.adapted).toEqual(['functions']);
  });

  test('a custom tool is a function with one string, its grammar told in words', () => {
    const format = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } };
    const request = decode({
      tools: [{ type: 'custom', custom: { name: 'patch', description: 'Patches.', format } }],
      messages: [calling({ id: 'a', type: 'custom', custom: { name: 'patch', input: 'x"y' } }), result('a')],
    });
    const [tool] = request.tools;
    expect(tool?.schema).toMatchObject({ properties: { input: { type: 'string' } }, required: ['input'] });
    expect(tool?.description).toContain('Patches.');
    expect(tool?.description).toContain('start: "x"');
    expect(request.turns[0]?.parts[0]).toMatchObject({ arguments: '{"input":"x\\"y"}' });
    expect(request.adapted).toEqual(['tools[0].custom']);
  });

  test('structured output, reasoning, user and usage', () => {
    const request = decode({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
      },
      reasoning_effort: 'high',
      user: 'u',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(request).toMatchObject({
      responseFormat: { kind: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
      reasoning: { effort: 'high', budgetTokens: null, adaptive: false },
      user: 'u',
      stream: true,
      includeUsage: true,
    });
    expect(decode({ response_format: { type: 'text' } }).responseFormat).toBe(null);
  });

  test('a cache mark on a message counts for its last part', () => {
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const { system, turns, dropped } = decode({
      messages: [
        { role: 'system', content: 's', ...mark },
        {
          ...user([
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ]),
          ...mark,
        },
        { ...calling(call('c')), ...mark },
        { ...result('c'), ...mark },
      ],
    });
    const cache = { ttl: '1h' };
    expect(system).toEqual([{ kind: 'text', text: 's', cache }]);
    expect(turns[0]?.parts).toEqual([
      { kind: 'text', text: 'a', cache: null },
      { kind: 'text', text: 'b', cache },
    ]);
    expect(turns[1]?.parts).toMatchObject([{ kind: 'tool_call', cache }]);
    expect(turns[2]?.parts).toMatchObject([{ kind: 'tool_result', cache }]);
    expect(dropped).toEqual([]);
  });

  test('what Responses has too goes with the request as it is, where it says something', () => {
    const shared = {
      metadata: { a: 'b' },
      service_tier: 'flex',
      store: true,
      prompt_cache_key: 'k',
      verbosity: 'low',
    };
    expect(decode(shared)).toMatchObject({ openai: shared, dropped: [] });
    expect(decode({ store: false, metadata: {}, verbosity: 'medium' }).openai).toBeUndefined();
  });

  test('log probabilities are asked for with so many alternatives', () => {
    expect(decode({ logprobs: true, top_logprobs: 3 }).logprobs).toBe(3);
    expect(decode({ logprobs: true }).logprobs).toBe(0);
    expect(decode({ logprobs: false }).logprobs).toBeNull();
  });

  test('hints without a neutral form are named as dropped, defaults are not', () => {
    const { dropped } = decode({
      logit_bias: { 5: 1 },
      something_new: 0,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a', mood: 'good' }], annotations: [] }],
    });
    expect(new Set(dropped)).toEqual(new Set(['logit_bias', 'something_new', 'messages[0].content[0].mood']));
    const defaults = {
      logit_bias: {},
      service_tier: 'auto',
      store: false,
      n: 1,
      logprobs: false,
      metadata: {},
      verbosity: 'medium',
    };
    expect(decode({ ...defaults, fallbacks: ['x'] }).dropped).toEqual([]);
  });

  test.each<[string, JsonObject]>([
    ['modalities', { modalities: ['text', 'audio'] }],
    ['audio', { audio: { voice: 'alloy' } }],
    ['prediction', { prediction: { type: 'content', content: '' } }],
    ['web_search_options', { web_search_options: {} }],
    ['tools[0]', { tools: [{ type: 'web_search' }] }],
    [
      'messages[0].content[0].file.file_id',
      { messages: [user([{ type: 'file', file: { file_id: 'file-1' } }])] },
    ],
    ['messages[0].audio', { messages: [{ role: 'assistant', content: null, audio: { id: 'a' } }] }],
  ])('%s must not be dropped', (path, more) => {
    expect(decode(more).mustNotDrop).toEqual([path]);
  });
});
