// The Vercel AI SDK, whose OpenAI provider speaks Responses, through the gateway to an upstream of each dialect.
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { APICallError, generateText, isStepCount, jsonSchema, Output, streamText, tool } from 'ai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';

const harness = useGateway({ dialects: true });
let openai: OpenAIProvider;
beforeAll(() => {
  openai = createOpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey });
});

const plainText = 'Hello from the mock provider, all is well.';
const city = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
});
const tools = {
  get_weather: tool({
    description: 'Weather of a city',
    inputSchema: city,
    execute: async () => '21 degrees',
  }),
};
const paths: Record<string, RegExp> = {
  rs: /\/v1\/responses$/,
  oa: /\/chat\/completions$/,
  an: /\/v1\/messages$/,
  co: /\/v2\/chat$/,
};

describe.each(Object.keys(paths))('the AI SDK to %s', (provider) => {
  const ask = (name: string) => ({ model: openai(`${provider}/${name}`), prompt: 'hello', maxRetries: 0 });

  test('generates text, with usage', async () => {
    const { text, usage, finishReason } = await generateText(ask('ok'));
    expect({ text, finishReason }).toEqual({ text: plainText, finishReason: 'stop' });
    expect(usage).toMatchObject({ inputTokens: 12, outputTokens: 8 });
    expect(harness.mock.lastRequest().path).toMatch(paths[provider]!);
  });

  test('streams text and reasoning', async () => {
    const errors: unknown[] = [];
    const result = streamText({
      ...ask('thinking+with-text'),
      onError: ({ error }) => void errors.push(error),
    });
    expect(await result.text).toBe(plainText);
    expect(await result.reasoningText).toBe('Let me think about that first.');
    expect(errors).toEqual([]);
  });

  // What it refers to instead of sending it is kept by OpenAI alone: reasoning that is missing is no loss of history.
  test.each([[false], [true]])('runs a loop of tools, store %s', async (store) => {
    const { text, steps } = await generateText({
      ...ask('thinking+tools'),
      tools,
      stopWhen: isStepCount(3),
      providerOptions: { openai: { store } },
    });
    expect(text).toBe('It is 21 degrees in Paris.');
    expect(steps).toHaveLength(2);
    expect(JSON.stringify(harness.mock.lastRequest().json)).toContain('21 degrees');
  });

  test('gets an object by a schema', async () => {
    const answer = jsonSchema<{ answer: number }>({
      type: 'object',
      properties: { answer: { type: 'number' } },
      required: ['answer'],
    });
    const { output } = await generateText({ ...ask('json'), output: Output.object({ schema: answer }) });
    expect(output).toMatchObject({ answer: 42 });
  });

  test('tells errors, whole and in a stream', async () => {
    const refused = await generateText(ask('status:400')).catch((cause: unknown) => cause);
    expect(APICallError.isInstance(refused) && refused.statusCode).toBe(400);
    const errors: unknown[] = [];
    const broken = streamText({ ...ask('error-after:3'), onError: ({ error }) => void errors.push(error) });
    await broken.consumeStream();
    expect(errors).toHaveLength(1);
    expect(String((errors[0] as Error).message)).toContain('broke in the middle');
  });
});
