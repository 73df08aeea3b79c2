// The same SDKs through the gateway to @copilotkit/aimock: a mock that somebody else wrote, so that our own
// misreading of a wire format is not tested against itself.
import Anthropic from '@anthropic-ai/sdk';
import { LLMock } from '@copilotkit/aimock';
import { type Content, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { pick } from '../kit/json.ts';
import { testConfig } from '../kit/test-config.ts';

const MODELS = [
  'oa/gpt-4o',
  'an/claude-sonnet-4-5',
  'ge/gemini-2.5-flash',
  'be/anthropic.claude-sonnet-4-5-v1:0',
];

let mock: LLMock;
let gateway: GatewayProcess;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

const weather = { type: 'object' as const, properties: { city: { type: 'string' } } };
const longText =
  'The headgate lets water into each channel, and one blocked channel floods no other. '.repeat(20);

beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 12 });
  mock.onMessage('long', { content: longText, usage: { prompt_tokens: 11, completion_tokens: 22 } });
  mock.onMessage('claude long', { content: longText, usage: { input_tokens: 11, output_tokens: 22 } });
  mock.onMessage('think', { content: 'The answer is 4.', reasoning: 'Two and two make four.' });
  mock.onMessage('limit', { content: 'cut off', finishReason: 'length' });
  mock.onMessage('rate', { error: { message: 'slow down please', type: 'rate_limit_error' }, status: 429 });
  mock.onMessage('break', { error: { message: 'we broke', type: 'server_error' }, status: 500 });
  mock.onMessage('disconnect', { content: longText }, { truncateAfterChunks: 3 });
  mock.on(
    { userMessage: 'weather', hasToolResult: false },
    {
      toolCalls: [
        { name: 'get_weather', arguments: '{"city":"Paris"}', id: 'call_paris' },
        { name: 'get_weather', arguments: '{"city":"Rome"}', id: 'call_rome' },
      ],
    },
  );
  mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'Sunny in both.' });
  mock.on({ userMessage: 'who', systemMessage: 'pirate' }, { content: 'Arr.' });
  await mock.start();
  gateway = await startGateway({
    config: testConfig(
      { openaiUrl: `${mock.url}/v1`, anthropicUrl: mock.url, geminiUrl: `${mock.url}/v1beta` },
      { dialects: true },
    ),
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateKey, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: gateway.url } });
});
beforeEach(() => mock?.clearRequests());
afterAll(async () => {
  await gateway?.stop();
  await mock?.stop();
});

describe.each(MODELS)('OpenAI client to %s', (model) => {
  const ask = (content: string, extra: object = {}) =>
    openai.chat.completions.create({ model, messages: [{ role: 'user', content }], ...extra });

  test('a long text is the same whole and streamed', async () => {
    expect((await ask('long')).choices[0]?.message.content).toBe(longText);
    let text = '';
    let pieces = 0;
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'long' }],
      stream: true,
    });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      pieces++;
    }
    expect(text).toBe(longText);
    expect(pieces).toBeGreaterThan(20);
  });

  test('the system prompt decides the answer', async () => {
    const answer = await openai.chat.completions.create({
      model,
      messages: [
        { role: 'system', content: 'You are a pirate.' },
        { role: 'user', content: 'who are you?' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('Arr.');
  });

  test('parallel tools go round, streamed', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: weather } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'weather?' }];
    const first = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const message = first.choices[0]!.message;
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"city":"Paris"}',
      '{"city":"Rome"}',
    ]);
    messages.push({ role: 'assistant', content: null, tool_calls: message.tool_calls! });
    for (const call of message.tool_calls!)
      messages.push({ role: 'tool', tool_call_id: call.id, content: 'sunny' });
    const second = await openai.chat.completions.create({ model, messages, tools });
    expect(second.choices[0]?.message.content).toBe('Sunny in both.');
  });

  test('the output limit is told', async () => {
    expect((await ask('limit')).choices[0]?.finish_reason).toBe('length');
  });

  test('errors are typed', async () => {
    await expect(ask('rate')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(ask('break')).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  });

  test('a disconnect in the middle raises', async () => {
    const consume = async () => {
      const stream = await openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'disconnect' }],
        stream: true,
      });
      for await (const _ of stream);
    };
    await expect(consume()).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});

describe.each(MODELS)('Anthropic client to %s', (model) => {
  const ask = (content: string) =>
    anthropic.messages.create({ model, max_tokens: 1000, messages: [{ role: 'user', content }] });

  test('a long text is the same whole and streamed', async () => {
    const text = 'long';
    expect((await ask(text)).content[0]).toMatchObject({ type: 'text', text: longText });
    const final = await anthropic.messages
      .stream({ model, max_tokens: 1000, messages: [{ role: 'user', content: text }] })
      .finalMessage();
    expect(final.content[0]).toMatchObject({ type: 'text', text: longText });
    expect(final.stop_reason).toBe('end_turn');
  });

  test('the system prompt decides the answer', async () => {
    const answer = await anthropic.messages.create({
      model,
      max_tokens: 100,
      system: 'You are a pirate.',
      messages: [{ role: 'user', content: 'who are you?' }],
    });
    expect(answer.content[0]).toMatchObject({ text: 'Arr.' });
  });

  test('reasoning becomes a thinking block', async () => {
    const answer = await ask('think');
    expect(answer.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(pick(answer.content[0], 'thinking')).toBe('Two and two make four.');
  });

  test('parallel tools go round, streamed', async () => {
    const tools = [{ name: 'get_weather', input_schema: weather }];
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'weather?' }];
    const first = await anthropic.messages.stream({ model, max_tokens: 100, messages, tools }).finalMessage();
    const uses = first.content.filter((block) => block.type === 'tool_use');
    expect(first.stop_reason).toBe('tool_use');
    expect(uses.map((use) => use.input)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    messages.push({ role: 'assistant', content: first.content });
    messages.push({
      role: 'user',
      content: uses.map((use) => ({ type: 'tool_result', tool_use_id: use.id, content: 'sunny' })),
    });
    const second = await anthropic.messages.create({ model, max_tokens: 100, messages, tools });
    expect(second.content[0]).toMatchObject({ text: 'Sunny in both.' });
  });

  test('the output limit is told', async () => {
    expect((await ask('limit')).stop_reason).toBe('max_tokens');
  });

  test('errors are typed', async () => {
    await expect(ask('rate')).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    await expect(ask('break')).rejects.toBeInstanceOf(Anthropic.InternalServerError);
  });

  test('a disconnect in the middle raises', async () => {
    const consume = async () => {
      const stream = await anthropic.messages.create({
        model,
        max_tokens: 1000,
        messages: [{ role: 'user', content: 'disconnect' }],
        stream: true,
      });
      for await (const _ of stream);
    };
    await expect(consume()).rejects.toBeInstanceOf(Anthropic.APIError);
  });
});

describe.each(MODELS)('Gemini client to %s', (model) => {
  const ask = (contents: string) => google.models.generateContent({ model, contents });

  test('a long text is the same whole and streamed', async () => {
    expect((await ask('long')).text).toBe(longText);
    let text = '';
    let last: unknown;
    for await (const chunk of await google.models.generateContentStream({ model, contents: 'long' })) {
      text += chunk.text ?? '';
      last = chunk.candidates?.[0]?.finishReason ?? last;
    }
    expect(text).toBe(longText);
    expect(last).toBe('STOP');
  });

  test('instructions decide the answer', async () => {
    const config = { systemInstruction: 'You are a pirate.' };
    const answer = await google.models.generateContent({ model, contents: 'who are you?', config });
    expect(answer.text).toBe('Arr.');
  });

  test('parallel functions go round', async () => {
    const config = {
      tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weather }] }],
    };
    const question: Content = { role: 'user', parts: [{ text: 'weather?' }] };
    const first = await google.models.generateContent({ model, contents: [question], config });
    const calls = first.functionCalls ?? [];
    expect(calls.map(({ args }) => args)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    const results = calls.map(({ id, name }) => ({
      functionResponse: { ...(id !== undefined && { id }), name: name!, response: { result: 'sunny' } },
    }));
    const contents = [question, first.candidates![0]!.content!, { role: 'user', parts: results }];
    expect((await google.models.generateContent({ model, contents, config })).text).toBe('Sunny in both.');
  });

  test('the output limit is told', async () => {
    expect((await ask('limit')).candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
  });

  test('errors are told with their status', async () => {
    await expect(ask('rate')).rejects.toMatchObject({ name: 'ApiError', status: 429 });
    await expect(ask('break')).rejects.toMatchObject({ name: 'ApiError', status: 500 });
  });

  test('a disconnect in the middle raises', async () => {
    const consume = async () => {
      for await (const _ of await google.models.generateContentStream({ model, contents: 'disconnect' }));
    };
    await expect(consume()).rejects.toMatchObject({ name: 'ApiError' });
  });
});
