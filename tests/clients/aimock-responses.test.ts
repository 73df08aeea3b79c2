// Responses at @copilotkit/aimock, a mock that somebody else wrote: read byte for byte, and translated for the other SDKs; and the
// SDK's Responses translated to aimock's other dialects.
import Anthropic from '@anthropic-ai/sdk';
import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { testConfig } from '../kit/test-config.ts';

let mock: LLMock;
let gateway: GatewayProcess;
let openai: OpenAI;
let anthropic: Anthropic;

const longText =
  'The headgate lets water into each channel, and one blocked channel floods no other. '.repeat(20);
const weather = { type: 'object' as const, properties: { city: { type: 'string' } } };
const tool = { type: 'function' as const, name: 'get_weather', parameters: weather, strict: false };

beforeAll(async () => {
  mock = new LLMock({ port: 0, chunkSize: 12 });
  mock.onMessage('long', { content: longText });
  mock.onMessage('think', { content: 'The answer is 4.', reasoning: 'Two and two make four.' });
  mock.onMessage('limit', { content: 'cut off', finishReason: 'length' });
  mock.onMessage('rate', { error: { message: 'slow down please', type: 'rate_limit_error' }, status: 429 });
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
  await mock.start();
  const rs = {
    dialect: 'openai-responses',
    baseUrl: `${mock.url}/v1`,
    keys: ['sk-aimock-0123456789abcdef'],
    models: ['*'],
    retries: { max: 0 },
  };
  gateway = await startGateway({
    config: testConfig({ openaiUrl: `${mock.url}/v1`, anthropicUrl: mock.url }, { providers: { rs } }),
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateKey, maxRetries: 0 });
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.stop();
});

describe.each(['rs/gpt-5', 'oa/gpt-4o', 'an/claude-sonnet-4-5'])('Responses client to %s', (model) => {
  const ask = (input: string) => openai.responses.create({ model, input });

  test('a long text is the same whole and streamed', async () => {
    expect((await ask('long')).output_text).toBe(longText);
    const final = await openai.responses.stream({ model, input: 'long' }).finalResponse();
    expect(final.output_text).toBe(longText);
    expect(final.status).toBe('completed');
  });

  test('parallel tools go round, streamed', async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'weather?' }];
    const first = await openai.responses.stream({ model, input, tools: [tool] }).finalResponse();
    const calls = first.output.flatMap((item) => (item.type === 'function_call' ? item : []));
    expect(calls.map((call) => call.arguments)).toEqual(['{"city":"Paris"}', '{"city":"Rome"}']);
    for (const { call_id, name, arguments: args } of calls)
      input.push({ type: 'function_call', call_id, name, arguments: args });
    for (const { call_id } of calls) input.push({ type: 'function_call_output', call_id, output: 'sunny' });
    expect((await openai.responses.create({ model, input, tools: [tool] })).output_text).toBe(
      'Sunny in both.',
    );
  });

  test('errors are typed, and a disconnect in the middle raises', async () => {
    await expect(ask('rate')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    const consume = async () => {
      const stream = await openai.responses.create({ model, input: 'disconnect', stream: true });
      for await (const _ of stream);
    };
    await expect(consume()).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});

describe('other clients to Responses', () => {
  test('Chat: text, reasoning, tools and the limit', async () => {
    const ask = (content: string, extra: object = {}) =>
      openai.chat.completions.create({ model: 'rs/gpt-5', messages: [{ role: 'user', content }], ...extra });
    expect((await ask('long')).choices[0]?.message.content).toBe(longText);
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: weather } }];
    const called = await ask('weather?', { tools });
    expect(called.choices[0]?.finish_reason).toBe('tool_calls');
    expect(called.choices[0]?.message.tool_calls?.map(({ id }) => id)).toEqual(['call_paris', 'call_rome']);
    await expect(ask('rate')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });

  test('Messages: a stream, reasoning as a thinking block', async () => {
    const ask = (content: string) =>
      anthropic.messages
        .stream({ model: 'rs/gpt-5', max_tokens: 1000, messages: [{ role: 'user', content }] })
        .finalMessage();
    expect((await ask('long')).content.at(-1)).toMatchObject({ type: 'text', text: longText });
    expect((await ask('think')).content).toMatchObject([
      { type: 'thinking', thinking: 'Two and two make four.' },
      { type: 'text', text: 'The answer is 4.' },
    ]);
  });
});
