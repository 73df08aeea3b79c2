// The real `@anthropic-ai/sdk` package through the gateway, to an Anthropic and to an OpenAI upstream (our own mock).
import Anthropic from '@anthropic-ai/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { asVertex } from '../kit/as-vertex.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway({
  provider: { models: ['ok', '*'] },
  models: { fast: { targets: ['oa/ok', 'an/ok'] } },
});
let client: Anthropic;
beforeAll(() => {
  client = new Anthropic({ baseURL: harness.url, apiKey: gateKey, maxRetries: 0 });
});

const hello = [{ role: 'user' as const, content: 'hello' }];
const plainText = 'Hello from the mock provider, all is well.';
const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};
const time = {
  name: 'get_time',
  input_schema: { type: 'object' as const, properties: { zone: { type: 'string' } } },
};
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const signature = 'c2lnbmF0dXJlLW9mLXRoZS1tb2Nr';

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);

describe.each([
  ['an Anthropic upstream', 'an'],
  ['an OpenAI upstream', 'oa'],
])('Anthropic client, %s', (_, provider) => {
  const translated = provider === 'oa';
  const model = (name: string) => `${provider}/${name}`;

  test('a text answer comes whole, with ids and usage', async () => {
    const { data, response } = await client.messages
      .create({ model: model('ok'), max_tokens: 100, messages: hello })
      .withResponse();
    expect(data).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
    expect(data.content).toHaveLength(1);
    expect(data.content[0]).toMatchObject({ type: 'text', text: plainText });
    expect(data.usage).toMatchObject({ input_tokens: 12, output_tokens: 8 });
    expect(response.headers.get('request-id')).toBeTruthy();
    expect(response.headers.get('x-request-id')).toBe(response.headers.get('request-id'));
    expect(pick(data, '_request_id')).toBe(response.headers.get('request-id'));
  });

  test('a streamed answer keeps the order of events and every event is named', async () => {
    const stream = await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: hello,
      stream: true,
    });
    const order: string[] = [];
    let text = '';
    for await (const event of stream) {
      if (order.at(-1) !== event.type) order.push(event.type);
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
      if (event.type === 'message_start') expect(event.message.content).toEqual([]);
    }
    expect(text).toBe(plainText);
    expect(order.filter((type) => type !== 'ping')).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  test('the stream helper of the SDK builds the same final message', async () => {
    const final = await client.messages
      .stream({ model: model('parallel-tools'), max_tokens: 100, messages: hello, tools: [weather, time] })
      .finalMessage();
    expect(final.stop_reason).toBe('tool_use');
    expect(final.content.map((block) => block.type === 'tool_use' && [block.name, block.input])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    expect(final.usage).toMatchObject({ input_tokens: 12, output_tokens: 10 });
  });

  test('system as text and as blocks, and several turns, arrive in order', async () => {
    await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      system: [
        { type: 'text', text: 'You are terse.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Answer in French.' },
      ],
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: [{ type: 'text', text: 'un' }] },
        { role: 'user', content: 'two' },
      ],
    });
    if (!translated) {
      expect(sent('system.0.cache_control')).toEqual({ type: 'ephemeral' });
      return;
    }
    const messages = sent('messages') as unknown[];
    const roles = messages.map((each) => pick(each, 'role'));
    expect(roles.filter((role) => role !== 'system' && role !== 'developer')).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(['system', 'developer']).toContain(roles[0]);
    const leading = JSON.stringify(messages.slice(0, roles.indexOf('user')));
    expect(leading).toContain('You are terse.');
    expect(leading).toContain('Answer in French.');
  });

  test('images reach the model as bytes and as address', async () => {
    await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/cat.jpg' } },
          ],
        },
      ],
    });
    if (!translated) expect(sent('messages.0.content.1.source.data')).toBe(pixel);
    else {
      expect(sent('messages.0.content.1.image_url.url')).toBe(`data:image/png;base64,${pixel}`);
      expect(sent('messages.0.content.2.image_url.url')).toBe('https://example.com/cat.jpg');
    }
  });

  test('tool definitions, calls and results go round', async () => {
    const first = await client.messages.create({
      model: model('parallel-tools'),
      max_tokens: 100,
      messages: hello,
      tools: [weather, time],
    });
    expect(first.stop_reason).toBe('tool_use');
    const uses = first.content.filter((block) => block.type === 'tool_use');
    expect(uses.map((use) => use.input)).toEqual([{ city: 'Paris' }, { zone: 'Europe/Paris' }]);
    if (translated)
      expect(sent('tools.0')).toMatchObject({
        type: 'function',
        function: { name: 'get_weather', description: 'Weather of a city', parameters: weather.input_schema },
      });
    const second = await client.messages.create({
      model: model('parallel-tools'),
      max_tokens: 100,
      messages: [
        ...hello,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [
            ...uses.map((use) => ({
              type: 'tool_result' as const,
              tool_use_id: use.id,
              content: `r ${use.name}`,
            })),
            { type: 'text', text: 'go on' },
          ],
        },
      ],
      tools: [weather, time],
    });
    // The turn ends in text, so the mock answers as to a new question on the OpenAI side.
    expect(second.type).toBe('message');
    if (translated) {
      const roles = (sent('messages') as unknown[]).map((each) => pick(each, 'role'));
      expect(roles).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
      expect(sent('messages.2.tool_call_id')).toBe(uses[0]?.id);
      expect(JSON.stringify(sent('messages.2.content'))).toContain('r get_weather');
    }
  });

  test('streamed tool input arrives in pieces', async () => {
    const stream = await client.messages.create({
      model: model('tools+with-text'),
      max_tokens: 100,
      messages: hello,
      tools: [weather],
      stream: true,
    });
    const pieces: string[] = [];
    const blocks: string[] = [];
    for await (const event of stream) {
      if (event.type === 'content_block_start') {
        expect(event.index).toBe(blocks.length);
        blocks.push(event.content_block.type);
      }
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
        pieces.push(event.delta.partial_json);
    }
    expect(blocks).toEqual(['text', 'tool_use']);
    expect(JSON.parse(pieces.join(''))).toEqual({ city: 'Paris' });
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(1);
  });

  test('a 20-digit integer in tool input stays as written, whole and streamed', async () => {
    const body = { model: model('big-int'), max_tokens: 100, messages: hello, tools: [weather] };
    const whole = await (await client.messages.create(body).asResponse()).text();
    expect(whole.replaceAll(' ', '')).toContain('{"id":12345678901234567890,"zero":0,"f":1.0,"none":{}}');
    let streamed = '';
    for await (const event of await client.messages.create({ ...body, stream: true }))
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
        streamed += event.delta.partial_json;
    expect(streamed.replaceAll(' ', '')).toBe('{"id":12345678901234567890,"zero":0,"f":1.0,"none":{}}');
  });

  test.each([
    ['any', { type: 'any' as const }, 'required'],
    ['none', { type: 'none' as const }, 'none'],
    [
      'one tool',
      { type: 'tool' as const, name: 'get_time' },
      { type: 'function', function: { name: 'get_time' } },
    ],
  ])('tool_choice %s is carried over', async (_name, choice, openai) => {
    await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: hello,
      tools: [weather, time],
      tool_choice: choice,
    });
    expect(sent('tool_choice')).toEqual(translated ? openai : choice);
  });

  test('disable_parallel_tool_use is carried over', async () => {
    await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: hello,
      tools: [weather],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(sent(translated ? 'parallel_tool_calls' : 'tool_choice.disable_parallel_tool_use')).toBe(
      !translated,
    );
  });

  test('the output limit ends an answer with max_tokens', async () => {
    const answer = await client.messages.create({ model: model('ok'), max_tokens: 3, messages: hello });
    expect(answer.content[0]).toMatchObject({ text: 'Hello from the' });
    expect(answer.stop_reason).toBe('max_tokens');
    if (translated) expect(sent('max_tokens') ?? sent('max_completion_tokens')).toBe(3);
  });

  test.each([
    ['end_turn', 'stop', 'end_turn'],
    ['max_tokens', 'length', 'max_tokens'],
    ['refusal', 'content_filter', 'refusal'],
  ])('a stop reason is told in our words: %s, %s', async (anthropic, openai, expected) => {
    const name = model(`finish:${translated ? openai : anthropic}`);
    const body = { model: name, max_tokens: 100, messages: hello };
    expect((await client.messages.create(body)).stop_reason).toBe(expected);
    expect((await client.messages.stream(body).finalMessage()).stop_reason).toBe(expected);
  });

  test('a tool without arguments is called with an empty object', async () => {
    const body = { model: model('tool-no-args'), max_tokens: 100, messages: hello, tools: [weather] };
    expect((await client.messages.create(body)).content[0]).toMatchObject({ type: 'tool_use', input: {} });
    const streamed = await client.messages.stream(body).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: 'tool_use', input: {} });
  });

  test('a failed tool, an image as a result and text behind them are a request the vendor takes', async () => {
    await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'one' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'let me see' },
            { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} },
            { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: { zone: 'x' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'no such city', is_error: true },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_2',
              content: [
                { type: 'text', text: 'see' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
              ],
            },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
      tools: [weather, time],
    });
    const body = harness.mock.lastRequest().body.toString();
    expect(body).toContain('no such city');
    expect(body).toContain(pixel);
    expect(body).toContain('go on');
  });

  test('stop sequences are carried over', async () => {
    const answer = await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: hello,
      stop_sequences: ['provider'],
    });
    expect(answer.content[0]).toMatchObject({
      type: 'text',
      text: expect.stringContaining('Hello from the mock'),
    });
    expect(sent(translated ? 'stop' : 'stop_sequences')).toEqual(['provider']);
    // OpenAI says `stop` for both: which sequence hit is lost there, and not invented.
    if (!translated)
      expect(answer).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'provider' });
    else expect(answer.stop_reason).toBe('end_turn');
  });

  test('cached tokens are counted apart from input', async () => {
    const expected = { input_tokens: 512, cache_read_input_tokens: 1024, output_tokens: 14 };
    const whole = await client.messages.create({
      model: model('thinking+cached'),
      max_tokens: 100,
      messages: hello,
    });
    expect(whole.usage).toMatchObject(expected);
    expect(whole.usage.cache_creation_input_tokens).toBe(512);
    const streamed = await client.messages
      .stream({ model: model('thinking+cached'), max_tokens: 100, messages: hello })
      .finalMessage();
    expect(streamed.usage).toMatchObject(expected);
  });

  test('thinking comes as its own block before the text', async () => {
    const whole = await client.messages.create({
      model: model('thinking'),
      max_tokens: 100,
      messages: hello,
    });
    expect(whole.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(whole.content[0]).toMatchObject({ thinking: 'Let me think about that first.' });
    const streamed = await client.messages
      .stream({ model: model('thinking'), max_tokens: 100, messages: hello })
      .finalMessage();
    expect(streamed.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(streamed.content[0]).toMatchObject({ thinking: 'Let me think about that first.' });
    if (!translated) {
      expect(whole.content[0]).toMatchObject({ signature });
      expect(streamed.content[0]).toMatchObject({ signature });
    }
  });

  test('thinking blocks sent back in the next turn are unchanged for their own provider', async () => {
    const first = await client.messages.create({
      model: model('thinking+redacted+tools'),
      max_tokens: 8000,
      messages: hello,
      tools: [weather],
    });
    const use = first.content.find((block) => block.type === 'tool_use');
    await client.messages.create({
      model: model('thinking+redacted+tools'),
      max_tokens: 8000,
      messages: [
        ...hello,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: '21' }] },
      ],
      tools: [weather],
    });
    if (translated) {
      // OpenAI itself takes no reasoning back; the call and its result must be there.
      expect(sent('messages.1.tool_calls.0.id')).toBe(use?.id);
      return;
    }
    expect(sent('messages.1.content')).toEqual(first.content);
    expect(sent('messages.1.content.0.signature')).toBe(signature);
    expect(sent('messages.1.content.1')).toEqual({ type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' });
  });

  test('structured output is asked of the upstream', async () => {
    await client.messages.create({
      model: model('json'),
      max_tokens: 100,
      messages: hello,
      output_config: {
        format: {
          type: 'json_schema',
          schema: { type: 'object', properties: {}, additionalProperties: false },
        },
      },
    });
    if (translated) expect(sent('response_format')).toMatchObject({ type: 'json_schema' });
    else expect(sent('output_config.format.type')).toBe('json_schema');
  });

  test("the client's version and beta headers go on as sent to a same-dialect upstream", async () => {
    await client.messages.create(
      { model: model('ok'), max_tokens: 100, messages: hello },
      { headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x-one-2026,y-two-2026' } },
    );
    const { headers } = harness.mock.lastRequest();
    if (translated) expect(headers['anthropic-version']).toBeUndefined();
    else
      expect(headers).toMatchObject({
        'anthropic-version': '2023-06-01',
        'anthropic-beta': expect.stringMatching(/x-one-2026, ?y-two-2026/),
      });
  });

  test('the version this SDK sends by itself goes on too', async () => {
    await client.messages.create({ model: model('ok'), max_tokens: 100, messages: hello });
    if (!translated) expect(harness.mock.lastRequest().headers['anthropic-version']).toBe('2026-10-21');
  });

  test('count_tokens answers with a number', async () => {
    const count = await client.messages.countTokens({ model: model('ok'), messages: hello });
    expect(count.input_tokens).toBeGreaterThan(0);
    if (!translated) expect(count.input_tokens).toBe(42);
  });

  test('a 2 MB image passes', async () => {
    const image = Buffer.alloc(2_000_000, 7).toString('base64');
    const answer = await client.messages.create({
      model: model('ok'),
      max_tokens: 100,
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }],
        },
      ],
    });
    expect(answer.stop_reason).toBe('end_turn');
    expect(harness.mock.lastRequest().body.includes(image)).toBe(true);
  });
});

test('both ways of giving the key work', async () => {
  const bearer = new Anthropic({ baseURL: harness.url, authToken: gateKey, apiKey: null, maxRetries: 0 });
  await bearer.messages.create({ model: 'an/ok', max_tokens: 10, messages: hello });
  const header = new Anthropic({
    baseURL: harness.url,
    apiKey: gateKey,
    maxRetries: 0,
    defaultHeaders: { Authorization: null, 'x-api-key': gateKey },
  });
  await header.messages.create({ model: 'an/ok', max_tokens: 10, messages: hello });
  for (const { head } of harness.mock.requests) expect(head).not.toContain(gateKey);
  expect(harness.mock.requests).toHaveLength(2);
});

test('models are listed in Anthropic shape', async () => {
  const page = await client.models.list();
  expect(page.data.map((model) => model.id)).toEqual(expect.arrayContaining(['fast', 'oa/ok', 'an/ok']));
  for (const model of page.data)
    expect(model).toMatchObject({ type: 'model', id: expect.any(String), display_name: expect.any(String) });
});

test('the beta route with its query works', async () => {
  const answer = await client.beta.messages.create({ model: 'an/ok', max_tokens: 10, messages: hello });
  expect(answer.content[0]).toMatchObject({ type: 'text' });
});

describe.each(['an', 'oa'])('a client of Claude on Vertex, to %s', (provider) => {
  const request = { model: `${provider}/ok`, max_tokens: 100, messages: hello };
  let vertex: Anthropic;
  beforeAll(() => {
    vertex = new Anthropic({
      baseURL: harness.url,
      authToken: gateKey,
      apiKey: null,
      maxRetries: 0,
      fetch: asVertex,
    });
  });

  test('gets an answer, whole and streamed', async () => {
    const whole = await vertex.messages.create(request);
    expect(whole.content[0]).toMatchObject({ type: 'text', text: plainText });
    expect(sent('model')).toBe('ok');
    expect(sent('anthropic_version')).toBeUndefined();
    const streamed = await vertex.messages.stream(request).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: 'text', text: plainText });
    expect([sent('model'), sent('stream')]).toEqual(['ok', true]);
  });

  test('gets a beta, tokens counted and an alias', async () => {
    const { content } = await vertex.beta.messages.create({ ...request, model: 'fast', betas: ['x-1'] });
    expect(content[0]).toMatchObject({ type: 'text', text: plainText });
    const { input_tokens: count } = await vertex.messages.countTokens({
      model: request.model,
      messages: hello,
    });
    expect(count).toBeGreaterThan(0);
  });

  test('hears what is wrong in its own words', async () => {
    const asked = (model: string, key = gateKey) =>
      vertex.withOptions({ authToken: key }).messages.create({ ...request, model });
    await expect(asked(`${provider}/status:429`)).rejects.toMatchObject({
      status: 429,
      error: { type: 'error', error: { type: 'rate_limit_error' } },
    });
    await expect(asked(request.model, 'hg-wrong-key-0123456789abcdef')).rejects.toMatchObject({
      status: 401,
      error: { type: 'error', error: { type: 'authentication_error' } },
    });
  });
});
