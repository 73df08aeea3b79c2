import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import type { CapabilityChange } from '../../contracts/capability.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { isParticular } from '../../models/particular.ts';
import { fit as fitBytes } from './fit.ts';

function to(vendor: string, model: string, change: CapabilityChange = {}, strict = false): EncodeTarget {
  return {
    model,
    provider: vendor,
    capabilities: capabilitiesOf({ vendor, dialect: 'openai-chat', model }, [change]),
    streamUsage: vendor !== 'mistral',
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict,
  };
}

function fitted(body: object | string, target: EncodeTarget) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { edits, dropped, adapted, tools } = fitBytes(bytes, inspectBody(bytes), target);
  const text = applyEdits(bytes, edits).toString();
  return { text, json: JSON.parse(text) as JsonObject, dropped, adapted, tools };
}

function refusal(body: object, target: EncodeTarget): GatewayError {
  try {
    fitted(body, target);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const ASK = { model: 'm', messages: [{ role: 'user', content: 'q' }] };
const TOOLS = [{ type: 'function', function: { name: 'w' } }];

test('what no rule is about goes out as it came, byte for byte', () => {
  const body =
    '{ "messages" : [ {"role":"user","content":"\\u0041 é"} ],\n "model":"gpt-4o", "n":1.0e0,"x":{"seed" : 2}}';
  expect(fitted(body, to('openai', 'gpt-4o'))).toMatchObject({ text: body, dropped: [], adapted: [] });
});

test('the values every splice writes are written: model, usage, fallbacks', () => {
  const { json } = fitted({ fallbacks: ['a/b'], ...ASK, stream: true }, to('openai', 'gpt-5'));
  expect(json).toEqual({ ...ASK, model: 'gpt-5', stream: true, stream_options: { include_usage: true } });
  expect(fitted({ stream: true, messages: [] }, to('openai', 'gpt-5')).json).toEqual({
    model: 'gpt-5',
    stream_options: { include_usage: true },
    stream: true,
    messages: [],
  });
});

describe('a limit of length', () => {
  test.each(['gpt-5', 'gpt-5-mini', 'o3', 'o4-mini', 'gpt-5.6-luna'])(
    'goes to %s under the new name',
    (model) => {
      const { json, adapted, dropped } = fitted({ ...ASK, max_tokens: 9 }, to('openai', model));
      expect(json).toEqual({ ...ASK, model, max_completion_tokens: 9 });
      expect([adapted, dropped]).toEqual([['max_tokens'], []]);
    },
  );

  test('goes to Mistral under the old one, and once where both are stated', () => {
    expect(fitted({ ...ASK, max_completion_tokens: 9 }, to('mistral', 'mistral-large')).json).toEqual({
      ...ASK,
      model: 'mistral-large',
      max_tokens: 9,
    });
    const both = { ...ASK, max_tokens: 200_000, max_completion_tokens: 8 };
    expect(fitted(both, to('openai', 'gpt-5')).json).toEqual({
      ...ASK,
      model: 'gpt-5',
      max_completion_tokens: 8,
    });
  });

  test('is no higher than the model takes', () => {
    const { json, adapted } = fitted({ ...ASK, max_tokens: 32_000 }, to('openai', 'gpt-4o'));
    expect(json['max_tokens']).toBe(16_384);
    expect(adapted).toEqual(['max_tokens']);
    expect(fitted({ ...ASK, max_tokens: 16_384 }, to('openai', 'gpt-4o')).adapted).toEqual([]);
  });
});

describe('sampling', () => {
  test.each(['o3', 'gpt-5', 'gpt-5.2', 'gpt-5.6-sol', 'gpt-6-luna'])(
    'is left out for %s; a default is no loss',
    (model) => {
      const body = {
        ...ASK,
        temperature: 0.2,
        top_p: 1,
        presence_penalty: 0,
        frequency_penalty: 0.5,
        seed: 3,
      };
      const { json, dropped, adapted } = fitted(body, to('openai', model));
      expect(json).toEqual({ ...ASK, model, seed: 3 });
      expect(dropped).toEqual(['temperature', 'frequency_penalty']);
      expect(adapted).toEqual(['top_p', 'presence_penalty']);
    },
  );

  test('stays beside the effort none where the model then takes it', () => {
    const body = { ...ASK, temperature: 0.2, reasoning_effort: 'none' };
    expect(fitted(body, to('openai', 'gpt-5.2')).json).toEqual({ ...body, model: 'gpt-5.2' });
  });

  test('penalties and stop are left out for xAI’s reasoning models, temperature is not', () => {
    const body = { ...ASK, temperature: 0.2, presence_penalty: 1, frequency_penalty: 0, stop: ['x'] };
    const { json, dropped, adapted, tools } = fitted(body, to('xai', 'grok-4'));
    expect(json).toEqual({ ...ASK, model: 'grok-4', temperature: 0.2 });
    expect(dropped).toEqual(['presence_penalty']);
    // The gateway ends the answer itself.
    expect([tools?.stops, adapted]).toEqual([['x'], ['frequency_penalty', 'stop']]);
    expect(fitted({ ...ASK, stop: 'x' }, to('xai', 'grok-4')).tools?.stops).toEqual(['x']);
    expect(fitted({ ...ASK, stop: null }, to('xai', 'grok-4')).tools).toBeUndefined();
  });
});

describe('an effort', () => {
  test.each(['gpt-4o', 'gpt-4.1', 'gpt-5-chat-latest'])('is left out for %s', (model) => {
    expect(fitted({ ...ASK, reasoning_effort: 'high' }, to('openai', model))).toMatchObject({
      json: { ...ASK, model },
      dropped: ['reasoning_effort'],
    });
    expect(fitted({ ...ASK, reasoning_effort: 'none' }, to('openai', model, {}, true)).json).toEqual({
      ...ASK,
      model,
    });
  });

  test('has a level the model knows', () => {
    const { json, adapted } = fitted({ ...ASK, reasoning_effort: 'xhigh' }, to('openai', 'o3'));
    expect(json['reasoning_effort']).toBe('high');
    expect(adapted).toEqual(['reasoning_effort']);
    expect(fitted({ ...ASK, reasoning_effort: 'odd' }, to('openai', 'o3')).json['reasoning_effort']).toBe(
      'odd',
    );
  });

  test.each([
    ['gpt-5.2', 'high', 'high', [], []],
    ['gpt-5.4', 'high', undefined, ['reasoning_effort'], []],
    ['gpt-5.4', 'none', 'none', [], []],
    ['gpt-5.4', undefined, undefined, [], []],
    ['gpt-5.6-sol', 'high', 'none', ['reasoning_effort'], []],
    ['gpt-5.6-sol', undefined, 'none', [], ['reasoning_effort']],
  ])('beside tools at %s: %s becomes %s', (model, asked, sent, dropped, adapted) => {
    const body = { ...ASK, tools: TOOLS, ...(asked === undefined ? {} : { reasoning_effort: asked }) };
    const out = fitted(body, to('openai', model));
    expect(out.json['reasoning_effort']).toBe(sent);
    expect([out.dropped, out.adapted]).toEqual([dropped, adapted]);
  });
});

test('a member written twice is taken out twice; names nobody knows stay, however long', () => {
  const long = 'n'.repeat(80);
  const body = `{"temperature":0.1,"x":1,"x":2,"${long}1":1,"${long}2":2,"model":"gpt-5","temper\\u0061ture":0.2}`;
  const { text, dropped } = fitted(body, to('openai', 'gpt-5'));
  expect(text).toBe(`{"x":1,"x":2,"${long}1":1,"${long}2":2,"model":"gpt-5"}`);
  expect(dropped).toEqual(['temperature']);
});

describe('members a provider refuses', () => {
  test('are left out for Mistral, seed under its own name; usage comes unasked', () => {
    const body = {
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
      seed: 1,
      user: 'u',
      logprobs: false,
      store: true,
    };
    const { json, dropped, adapted } = fitted(body, to('mistral', 'mistral-large'));
    expect(json).toEqual({ ...ASK, model: 'mistral-large', stream: true, random_seed: 1 });
    expect(dropped).toEqual(['user', 'store']);
    expect(adapted).toEqual(['stream_options', 'logprobs', 'seed']);
  });

  test('are left out for Groq and Cerebras', () => {
    const body = { ...ASK, logprobs: true, top_logprobs: 3, logit_bias: { 1: 2 }, frequency_penalty: 1 };
    expect(fitted(body, to('groq', 'llama'))).toMatchObject({
      json: { ...ASK, model: 'llama', frequency_penalty: 1 },
      dropped: ['logprobs', 'top_logprobs', 'logit_bias'],
    });
    expect(fitted(body, to('cerebras', 'qwen')).dropped).toEqual(['frequency_penalty', 'logit_bias']);
  });

  test('are a 400 that names them where no loss may be, a change is not', () => {
    const strict = to('groq', 'llama', {}, true);
    expect(refusal({ ...ASK, logprobs: true }, strict)).toMatchObject({ status: 400, param: 'logprobs' });
    expect(fitted({ ...ASK, logprobs: false }, strict).json).toEqual({ ...ASK, model: 'llama' });
    const many = Array.from({ length: 65 }, (_, at) => `s${at}`);
    expect(refusal({ ...ASK, stop: many }, to('openai', 'gpt-5')).param).toBe('stop');
  });

  test('a forced tool becomes a free one where the model refuses to be forced', () => {
    const body = { ...ASK, tools: TOOLS, tool_choice: 'required' };
    expect(fitted(body, to('openai', 'gpt-4o', { forcedTool: false }))).toMatchObject({
      json: { tool_choice: 'auto' },
      adapted: ['tool_choice'],
    });
  });
});

describe('messages', () => {
  const turns = [
    { role: 'developer', content: 'be brief' },
    {
      role: 'user',
      name: 'ann',
      content: [
        { type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'x' },
      ],
    },
    {
      reasoning_content: 'r',
      role: 'assistant',
      content: 'a',
      refusal: null,
      annotations: [],
      thinking_blocks: [{ a: [1] }],
    },
    { role: 'tool', name: 'f', tool_call_id: 'c', content: '"developer" "reasoning_content":' },
  ];
  const left = [
    { role: 'system', content: 'be brief' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'text', text: 'x' },
      ],
    },
    { role: 'assistant', content: 'a', refusal: null, annotations: [] },
    { role: 'tool', name: 'f', tool_call_id: 'c', content: '"developer" "reasoning_content":' },
  ];

  test('go to Groq with its role for instructions and without what it refuses', () => {
    const { json, dropped, adapted } = fitted({ model: 'm', messages: turns }, to('groq', 'llama'));
    expect(json['messages']).toEqual(left);
    expect(adapted).toEqual([
      'messages[0].role',
      'messages[2].reasoning_content',
      'messages[2].thinking_blocks',
    ]);
    expect(dropped).toEqual(['messages[1].content[0].cache_control', 'messages[1].name']);
  });

  test('go to Mistral without what SDKs write into an answer they send back', () => {
    const { json, adapted, dropped } = fitted(
      { model: 'm', messages: turns },
      to('mistral', 'mistral-large'),
    );
    expect((json['messages'] as JsonObject[])[2]).toEqual({ role: 'assistant', content: 'a' });
    // Of a tool alone it knows the name.
    expect((json['messages'] as JsonObject[])[1]).not.toHaveProperty('name');
    expect(dropped).toContain('messages[1].name');
    expect(adapted).toContain('messages[2].refusal');
  });

  test('go to OpenAI without reasoning and foreign marks; its own marks only to models that take them', () => {
    const marked = [
      { role: 'user', content: [{ type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } }] },
    ];
    expect(fitted({ model: 'm', messages: marked }, to('openai', 'gpt-4.1'))).toMatchObject({
      json: { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] },
      dropped: ['messages[0].content[0].prompt_cache_breakpoint'],
    });
    expect(fitted({ model: 'm', messages: marked }, to('openai', 'gpt-5.6-sol')).json['messages']).toEqual(
      marked,
    );
    const { json } = fitted({ model: 'm', messages: turns }, to('openai', 'gpt-4.1'));
    expect((json['messages'] as JsonObject[])[0]).toEqual(turns[0]);
    expect((json['messages'] as JsonObject[])[2]).toEqual(left[2]);
  });

  test('give Together its reasoning back, and switch it off by a member of its own', () => {
    const kimi = to('together', 'moonshotai/Kimi-K2.6');
    const off = fitted({ model: 'm', messages: turns, reasoning_effort: 'none' }, kimi);
    expect((off.json['messages'] as JsonObject[])[2]).toMatchObject({ reasoning_content: 'r' });
    expect(off.json).toMatchObject({ reasoning: { enabled: false } });
    expect(off.json).not.toHaveProperty('reasoning_effort');
    expect(off.adapted).toContain('reasoning_effort');
    const effort = (model: string, asked: string): unknown =>
      fitted({ model: 'm', messages: [], reasoning_effort: asked }, to('together', model)).json[
        'reasoning_effort'
      ];
    expect(effort('openai/gpt-oss-120b', 'none')).toBe('low');
    expect(effort('openai/gpt-oss-120b', 'xhigh')).toBe('high');
    expect(effort('deepseek-ai/DeepSeek-V4-Pro', 'low')).toBe('high');
    expect(effort('deepseek-ai/DeepSeek-V4-Pro', 'max')).toBe('max');
  });

  test('give Cerebras the reasoning under its own name', () => {
    const { json, adapted } = fitted({ model: 'm', messages: turns }, to('cerebras', 'qwen'));
    expect((json['messages'] as JsonObject[])[2]).toMatchObject({ reasoning: 'r', content: 'a' });
    expect(adapted).toContain('messages[2].reasoning_content');
  });

  test.each(['"text"', '{}', '[1,"developer",[{"role":"developer"}]]', 'null'])(
    'that are %s are left to the provider',
    (messages) => {
      const body = `{"model":"llama","messages":${messages}}`;
      expect(fitted(body, to('groq', 'llama')).text).toBe(body);
    },
  );
});

test('only a model that refuses something is looked at', () => {
  const particular = (vendor: string, model: string) =>
    isParticular(capabilitiesOf({ vendor, dialect: 'openai-chat', model }), 'openai-chat');
  expect(particular('custom', 'llama')).toBe(false);
  expect(particular('vllm', 'gpt-5')).toBe(false);
  expect(particular('openai', 'somebody-else')).toBe(false);
  expect(particular('openai', 'gpt-5')).toBe(true);
  expect(particular('custom', 'gpt-5')).toBe(true);
  expect(particular('mistral', 'anything')).toBe(true);
});
