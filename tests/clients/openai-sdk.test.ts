// The real `openai` package through the gateway, to an OpenAI and to an Anthropic upstream (our own mock).
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway({
  provider: { models: ['ok', '*'] },
  models: { fast: { targets: ['oa/ok', 'an/ok'] } },
});
let client: OpenAI;
beforeAll(() => {
  client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});

const hello = [{ role: 'user' as const, content: 'hello' }];
const plainText = 'Hello from the mock provider, all is well.';
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const time = {
  type: 'function' as const,
  function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } } } },
};
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A field of the body the mock got last. */
const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);

describe.each([
  ['an OpenAI upstream', 'oa'],
  ['an Anthropic upstream', 'an'],
])('OpenAI client, %s', (_, provider) => {
  const translated = provider === 'an';
  const model = (name: string) => `${provider}/${name}`;

  test('a text answer comes whole, with ids and usage', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: model('ok'), messages: hello })
      .withResponse();
    expect(data.object).toBe('chat.completion');
    expect(data.id).toBeTruthy();
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]?.message).toMatchObject({ role: 'assistant', content: plainText });
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 });
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
    expect(pick(data, '_request_id')).toBe(response.headers.get('x-request-id'));
  });

  test('a streamed answer comes in pieces, ends once, and has the same text', async () => {
    const stream = await client.chat.completions.create({
      model: model('ok'),
      messages: hello,
      stream: true,
    });
    const pieces: string[] = [];
    const finishes: string[] = [];
    const ids = new Set<string>();
    for await (const chunk of stream) {
      ids.add(chunk.id);
      expect(chunk.object).toBe('chat.completion.chunk');
      expect(chunk.usage ?? null).toBeNull();
      const choice = chunk.choices[0];
      if (choice?.delta.content) pieces.push(choice.delta.content);
      if (choice?.finish_reason) finishes.push(choice.finish_reason);
    }
    expect(pieces.length).toBeGreaterThan(4);
    expect(pieces.join('')).toBe(plainText);
    expect(finishes).toEqual(['stop']);
    expect(ids.size).toBe(1);
  });

  test('usage in the stream is there when asked for and hidden when not', async () => {
    const collect = async (options: object) => {
      const stream = await client.chat.completions.create({
        model: model('ok'),
        messages: hello,
        stream: true,
        ...options,
      });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      return chunks;
    };
    const asked = await collect({ stream_options: { include_usage: true } });
    expect(asked.at(-1)?.choices).toEqual([]);
    expect(asked.at(-1)?.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 });
    expect(asked.filter((chunk) => chunk.usage)).toHaveLength(1);
    const silent = await collect({});
    expect(silent.filter((chunk) => chunk.usage)).toHaveLength(0);
    expect(silent.every((chunk) => chunk.choices.length > 0)).toBe(true);
  });

  test('the stream helper of the SDK builds the same final answer', async () => {
    const final = await client.chat.completions
      .stream({ model: model('parallel-tools'), messages: hello, tools: [weather, time] })
      .finalChatCompletion();
    const calls = final.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual([
      'get_weather',
      'get_time',
    ]);
    expect(calls.map((call) => call.type === 'function' && JSON.parse(call.function.arguments))).toEqual([
      { city: 'Paris' },
      { zone: 'Europe/Paris' },
    ]);
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('system, developer and several turns arrive in order', async () => {
    await client.chat.completions.create({
      model: model('ok'),
      messages: [
        { role: 'system', content: 'You are terse.' },
        { role: 'developer', content: 'Answer in French.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'un' },
        { role: 'user', content: [{ type: 'text', text: 'two' }] },
      ],
    });
    if (!translated) {
      expect(sent('messages.0')).toEqual({ role: 'system', content: 'You are terse.' });
      expect(sent('messages.1.role')).toBe('developer');
      return;
    }
    expect(JSON.stringify(sent('system'))).toContain('You are terse.');
    expect(JSON.stringify(sent('system'))).toContain('Answer in French.');
    expect((sent('messages') as unknown[]).map((each) => pick(each, 'role'))).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(JSON.stringify(sent('messages.2.content'))).toContain('two');
  });

  test('images reach the model as bytes and as address', async () => {
    await client.chat.completions.create({
      model: model('ok'),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
            { type: 'image_url', image_url: { url: 'https://example.com/cat.jpg', detail: 'low' } },
          ],
        },
      ],
    });
    if (!translated) {
      expect(sent('messages.0.content.1.image_url.url')).toBe(`data:image/png;base64,${pixel}`);
      return;
    }
    expect(sent('messages.0.content.1')).toMatchObject({
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: pixel },
    });
    expect(sent('messages.0.content.2')).toMatchObject({
      type: 'image',
      source: { type: 'url', url: 'https://example.com/cat.jpg' },
    });
  });

  test('tool definitions, calls and results go round', async () => {
    const first = await client.chat.completions.create({
      model: model('parallel-tools'),
      messages: hello,
      tools: [weather, time],
      tool_choice: 'auto',
    });
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(message?.content ?? null).toBeNull();
    const calls = message?.tool_calls ?? [];
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    if (translated) {
      expect(sent('tools.0')).toMatchObject({
        name: 'get_weather',
        description: 'Weather of a city',
        input_schema: weather.function.parameters,
      });
    }
    const second = await client.chat.completions.create({
      model: model('parallel-tools'),
      messages: [
        ...hello,
        message!,
        ...calls.map((call, at) => ({
          role: 'tool' as const,
          tool_call_id: call.id,
          content: `result ${at}`,
        })),
      ],
      tools: [weather, time],
    });
    expect(second.choices[0]?.message.content).toBe('It is 21 degrees in Paris.');
    expect(second.choices[0]?.finish_reason).toBe('stop');
    if (translated) {
      const results = sent('messages.2.content') as unknown[];
      expect(results.map((each) => pick(each, 'type'))).toEqual(['tool_result', 'tool_result']);
      expect(results.map((each) => pick(each, 'tool_use_id'))).toEqual(calls.map((call) => call.id));
    }
  });

  test('streamed tool arguments arrive in pieces with one name per call', async () => {
    const stream = await client.chat.completions.create({
      model: model('tools+with-text'),
      messages: hello,
      tools: [weather],
      stream: true,
    });
    const names: string[] = [];
    const pieces: string[] = [];
    let text = '';
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta;
      text += delta?.content ?? '';
      for (const call of delta?.tool_calls ?? []) {
        if (call.function?.name) names.push(call.function.name);
        if (call.function?.arguments) pieces.push(call.function.arguments);
      }
    }
    expect(text).toBe(plainText);
    expect(names).toEqual(['get_weather']);
    expect(pieces.length).toBeGreaterThan(1);
    expect(JSON.parse(pieces.join(''))).toEqual({ city: 'Paris' });
  });

  test('a 20-digit integer, zero and an empty object in tool arguments stay as written', async () => {
    const body = { model: model('big-int'), messages: hello, tools: [weather] };
    const whole = await client.chat.completions.create(body);
    const call = whole.choices[0]?.message.tool_calls?.[0];
    const text = call?.type === 'function' ? call.function.arguments : '';
    expect(text.replaceAll(' ', '')).toBe('{"id":12345678901234567890,"zero":0,"f":1.0,"none":{}}');
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
      streamed += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    expect(streamed.replaceAll(' ', '')).toBe('{"id":12345678901234567890,"zero":0,"f":1.0,"none":{}}');
  });

  test('a 20-digit integer in tool arguments of the history reaches the upstream as written', async () => {
    await client.chat.completions.create({
      model: model('ok'),
      messages: [
        ...hello,
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_x',
              type: 'function',
              function: { name: 'store', arguments: '{"id":12345678901234567890,"zero":0,"s":"","o":{}}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_x', content: '' },
      ],
      tools: [weather],
    });
    const body = harness.mock.lastRequest().body.toString().replaceAll('\\', '').replaceAll(' ', '');
    expect(body).toContain('{"id":12345678901234567890,"zero":0,"s":"","o":{}}');
  });

  test.each([
    ['none', 'none', { type: 'none' }],
    ['required', 'required', { type: 'any' }],
    [
      'one function',
      { type: 'function' as const, function: { name: 'get_time' } },
      { type: 'tool', name: 'get_time' },
    ],
  ])('tool_choice %s is carried over', async (_name, choice, anthropic) => {
    await client.chat.completions.create({
      model: model('ok'),
      messages: hello,
      tools: [weather, time],
      tool_choice: choice as 'none',
    });
    expect(sent('tool_choice')).toEqual(translated ? anthropic : choice);
  });

  test('parallel_tool_calls: false is carried over', async () => {
    await client.chat.completions.create({
      model: model('ok'),
      messages: hello,
      tools: [weather],
      parallel_tool_calls: false,
    });
    if (translated) expect(sent('tool_choice.disable_parallel_tool_use')).toBe(true);
    else expect(sent('parallel_tool_calls')).toBe(false);
  });

  test('the output limit ends an answer with length', async () => {
    const answer = await client.chat.completions.create({
      model: model('ok'),
      messages: hello,
      max_completion_tokens: 3,
    });
    expect(answer.choices[0]?.message.content).toBe('Hello from the');
    expect(answer.choices[0]?.finish_reason).toBe('length');
    if (translated) expect(sent('max_tokens')).toBe(3);
  });

  test.each([
    ['stop', 'end_turn', 'stop'],
    ['length', 'max_tokens', 'length'],
    ['length', 'model_context_window_exceeded', 'length'],
    ['content_filter', 'refusal', 'content_filter'],
    ['stop', 'stop_sequence', 'stop'],
  ])('a finish reason is told in our words: %s, %s', async (openai, anthropic, expected) => {
    const name = model(`finish:${translated ? anthropic : openai}`);
    const whole = await client.chat.completions.create({ model: name, messages: hello });
    expect(whole.choices[0]?.finish_reason).toBe(expected);
    const reasons: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({
      model: name,
      messages: hello,
      stream: true,
    }))
      reasons.push(chunk.choices[0]?.finish_reason);
    expect(reasons.filter(Boolean)).toEqual([expected]);
  });

  test('a tool without arguments is called with an empty object', async () => {
    const body = { model: model('tool-no-args'), messages: hello, tools: [weather] };
    const whole = await client.chat.completions.create(body);
    const call = whole.choices[0]?.message.tool_calls?.[0];
    expect(call?.type === 'function' && call.function.arguments).toBe('{}');
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
      streamed += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    expect(streamed).toBe('{}');
  });

  test('text, tools and images in one conversation are a request the vendor takes', async () => {
    const answer = await client.chat.completions.create({
      model: model('ok'),
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        { role: 'user', content: 'one' },
        { role: 'user', content: 'two' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
            { id: 'call_2', type: 'function', function: { name: 'get_time', arguments: '{"zone":"x"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '' }] },
        { role: 'tool', tool_call_id: 'call_2', content: 'noon' },
        {
          role: 'user',
          content: [
            { type: 'text', text: '' },
            { type: 'text', text: 'and?' },
          ],
        },
        { role: 'assistant', content: 'well' },
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'go on' },
      ],
      tools: [weather, time],
    });
    expect(answer.choices[0]?.message.content).toBe(plainText);
  });

  test('a stop sequence ends an answer with stop', async () => {
    const answer = await client.chat.completions.create({
      model: model('ok'),
      messages: hello,
      stop: ['provider'],
    });
    expect(answer.choices[0]?.message.content?.trim()).toBe('Hello from the mock');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(sent(translated ? 'stop_sequences' : 'stop')).toEqual(['provider']);
  });

  test('cached and reasoning tokens are counted as parts of input and output', async () => {
    const whole = await client.chat.completions.create({ model: model('thinking+cached'), messages: hello });
    const expected = {
      prompt_tokens: 2048,
      completion_tokens: 14,
      prompt_tokens_details: { cached_tokens: 1024 },
      completion_tokens_details: { reasoning_tokens: 6 },
    };
    expect(whole.usage).toMatchObject(expected);
    let last: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of await client.chat.completions.create({
      model: model('thinking+cached'),
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    }))
      last = chunk.usage ?? last;
    expect(last).toMatchObject(expected);
  });

  test('an answer without usage has no invented usage', async () => {
    const whole = await client.chat.completions.create({ model: model('usage-none'), messages: hello });
    expect(whole.choices[0]?.message.content).toBe(plainText);
    expect(whole.usage?.completion_tokens ?? 0).toBe(0);
  });

  test('reasoning is shown apart from the text', async () => {
    const whole = await client.chat.completions.create({ model: model('thinking'), messages: hello });
    expect(pick(whole.choices[0]?.message, 'reasoning_content')).toBe('Let me think about that first.');
    expect(whole.choices[0]?.message.content).toBe(plainText);
    let reasoning = '';
    let text = '';
    for await (const chunk of await client.chat.completions.create({
      model: model('thinking'),
      messages: hello,
      stream: true,
    })) {
      reasoning += pick(chunk.choices[0]?.delta, 'reasoning_content') ?? '';
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(reasoning).toBe('Let me think about that first.');
    expect(text).toBe(plainText);
  });

  test('the reasoning a client sends back reaches the upstream with its signature', async () => {
    const first = await client.chat.completions.create({
      model: model('thinking+tools'),
      messages: hello,
      tools: [weather],
      reasoning_effort: 'low',
      max_completion_tokens: 8000,
    });
    const message = first.choices[0]?.message;
    await client.chat.completions.create({
      model: model('thinking+tools'),
      messages: [
        ...hello,
        message!,
        { role: 'tool', tool_call_id: message?.tool_calls?.[0]?.id ?? '', content: '21' },
      ],
      tools: [weather],
    });
    if (!translated) {
      expect(sent('messages.1.reasoning_content')).toBe('Let me think about that first.');
      return;
    }
    expect(sent('messages.1.content.0')).toEqual({
      type: 'thinking',
      thinking: 'Let me think about that first.',
      signature: 'c2lnbmF0dXJlLW9mLXRoZS1tb2Nr',
    });
    expect(sent('messages.1.content.1.type')).toBe('tool_use');
  });

  test('JSON mode is asked of the upstream and its text comes back untouched', async () => {
    const answer = await client.chat.completions.create({
      model: model('json'),
      messages: hello,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          strict: true,
          schema: {
            type: 'object',
            properties: { answer: { type: 'integer' } },
            additionalProperties: false,
          },
        },
      },
    });
    expect(answer.choices[0]?.message.content).toBe('{"answer": 42, "big": 12345678901234567890}');
    if (translated) expect(sent('output_config.format')).toMatchObject({ type: 'json_schema' });
    else expect(sent('response_format.json_schema.name')).toBe('answer');
    const plain = await client.chat.completions.create({
      model: model('json'),
      messages: hello,
      response_format: { type: 'json_object' },
    });
    expect(plain.choices[0]?.message.content).toContain('"answer": 42');
    if (translated) expect(JSON.stringify(sent('system'))).toMatch(/json/i);
  });

  test('what cannot be carried over is refused with the name of the field', async () => {
    const request = client.chat.completions.create({ model: model('ok'), messages: hello, n: 2 });
    if (!translated) {
      await expect(request).resolves.toBeTruthy();
      return;
    }
    const error = await request.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect((error as Error).message).toMatch(/\bn\b/);
    expect(harness.mock.requests).toHaveLength(0);
  });

  test('a dropped hint is named in a header and does not fail the call', async () => {
    const { response } = await client.chat.completions
      .create({ model: model('ok'), messages: hello, seed: 7, logit_bias: { '1': 5 } })
      .withResponse();
    if (translated) {
      expect(response.headers.get('x-headgate-dropped')).toMatch(/seed/);
      expect(response.headers.get('x-headgate-dropped')).toMatch(/logit_bias/);
    } else {
      expect(response.headers.get('x-headgate-dropped')).toBeNull();
      expect(sent('seed')).toBe(7);
    }
  });

  test("the gateway's own key goes up, the client's does not", async () => {
    await client.chat.completions.create({ model: model('ok'), messages: hello });
    const request = harness.mock.lastRequest();
    expect(request.head).not.toContain(gateKey);
    expect(request.head).toContain('sk-');
    expect(translated ? request.headers['anthropic-version'] : request.headers['authorization']).toBeTruthy();
  });

  test('an empty answer is an empty answer', async () => {
    const answer = await client.chat.completions.create({ model: model('empty'), messages: hello });
    expect(answer.choices[0]?.message.content ?? '').toBe('');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  test('a 2 MB image and a 3 MB answer pass', async () => {
    const image = Buffer.alloc(2_000_000, 7).toString('base64');
    const answer = await client.chat.completions.create({
      model: model('big:3000000'),
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }],
        },
      ],
      max_completion_tokens: 100_000,
    });
    expect(answer.choices[0]?.message.content).toHaveLength(3_000_000);
    expect(harness.mock.lastRequest().body.includes(image)).toBe(true);
  });
});

test('models are listed in OpenAI shape, and one can be asked for', async () => {
  const list = await client.models.list();
  expect(list.data.map((model) => model.id)).toEqual(expect.arrayContaining(['fast', 'oa/ok', 'an/ok']));
  for (const model of list.data) expect(model).toMatchObject({ object: 'model', id: expect.any(String) });
  const one = await client.models.retrieve('oa/ok');
  expect(one).toMatchObject({ id: 'oa/ok', object: 'model' });
  // Both providers take any name, so a call of this one is served (model-list.test.ts has those that are not).
  expect(await client.models.retrieve('not-listed')).toMatchObject({ id: 'not-listed', object: 'model' });
});

test('a base URL that already ends in the route gets a 404 that says so', async () => {
  const wrong = new OpenAI({ baseURL: `${harness.url}/v1/chat/completions`, apiKey: gateKey, maxRetries: 0 });
  const error = await wrong.chat.completions
    .create({ model: 'oa/ok', messages: hello })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect((error as Error).message).toMatch(/base url/i);
});
