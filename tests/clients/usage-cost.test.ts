// `usage.cost` through vendors' own SDKs: they read past it or hand it on, streamed and whole, to an upstream of their own dialect and
// to another one; and it is what the log says.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';

const price = { input_cost_per_token: 1e-6, output_cost_per_token: 3e-6 };
const harness = useGateway({
  dialects: true,
  rest: { prices: Object.fromEntries(['oa', 'an', 'ge', 'co', 'rs'].map((name) => [`${name}/*`, price])) },
});
const asked = { 'x-headgate-usage-cost': '1' };
const hello = [{ role: 'user' as const, content: 'hello' }];
const plainText = 'Hello from the mock provider, all is well.';
/** What the tokens that an answer tells cost. */
const costOf = (input: number, output: number): number => (input * 1_000 + output * 3_000) / 1e9;

describe.each(['oa', 'an', 'ge', 'co', 'rs'])('usage.cost, upstream %s', (provider) => {
  const model = `${provider}/ok`;

  test('OpenAI, Chat Completions', async () => {
    const client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, defaultHeaders: asked });
    const whole = await client.chat.completions.create({ model, messages: hello });
    const { prompt_tokens: input, completion_tokens: output } = whole.usage!;
    expect(whole.usage).toMatchObject({ cost: costOf(input, output) });
    // The chunk that tells it comes though `include_usage` was not asked for.
    const stream = client.chat.completions.stream({ model, messages: hello });
    const last = await stream.finalChatCompletion();
    expect(last.choices[0]!.message.content).toBe(plainText);
    expect(last.usage).toMatchObject({
      cost: costOf(last.usage!.prompt_tokens, last.usage!.completion_tokens),
    });
  });

  test('OpenAI, Responses', async () => {
    const client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, defaultHeaders: asked });
    const last = await client.responses.stream({ model, input: 'hello' }).finalResponse();
    expect(last.output_text).toBe(plainText);
    const { input_tokens: input, output_tokens: output } = last.usage!;
    expect(last.usage).toMatchObject({ cost: costOf(input, output) });
    const whole = await client.responses.create({ model, input: 'hello' });
    expect(whole.usage).toMatchObject({ cost: expect.any(Number) });
  });

  test('Anthropic', async () => {
    const client = new Anthropic({ baseURL: harness.url, apiKey: gateKey, defaultHeaders: asked });
    const ask = { model, max_tokens: 50, messages: hello };
    let told: unknown;
    const stream = client.messages.stream(ask).on('streamEvent', (event) => {
      if (event.type === 'message_delta') told = event.usage;
    });
    const last = await stream.finalMessage();
    expect(last.content).toMatchObject([{ type: 'text', text: plainText }]);
    expect(told).toMatchObject({ cost: expect.any(Number), output_tokens: last.usage.output_tokens });
    const whole = await client.messages.create(ask);
    expect(whole.usage).toMatchObject({ cost: costOf(whole.usage.input_tokens, whole.usage.output_tokens) });
  });

  test('Google', async () => {
    const client = new GoogleGenAI({
      apiKey: gateKey,
      httpOptions: { baseUrl: harness.url, headers: asked },
    });
    const ask = { model, contents: 'hello' };
    let text = '';
    let told: unknown;
    for await (const chunk of await client.models.generateContentStream(ask)) {
      text += chunk.text ?? '';
      told = chunk.usageMetadata;
    }
    expect(text).toBe(plainText);
    expect(told).toMatchObject({ cost: expect.any(Number) });
    const { usageMetadata } = await client.models.generateContent(ask);
    expect(usageMetadata).toMatchObject({
      cost: costOf(usageMetadata!.promptTokenCount!, usageMetadata!.candidatesTokenCount!),
    });
  });

  test('Cohere', async () => {
    const client = new CohereClientV2({ environment: harness.url, token: gateKey, maxRetries: 0 });
    let told: unknown;
    for await (const event of await client.chatStream({ model, messages: hello }, { headers: asked }))
      if (event.type === 'message-end') told = event.delta?.usage;
    expect(told).toMatchObject({ cost: expect.any(Number) });
    const { usage } = await client.chat({ model, messages: hello }, { headers: asked });
    expect(usage).toMatchObject({ cost: costOf(usage!.tokens!.inputTokens!, usage!.tokens!.outputTokens!) });
  });

  test('nobody who does not ask is told', async () => {
    const client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey });
    const whole = await client.chat.completions.create({ model, messages: hello });
    expect(whole.usage).not.toHaveProperty('cost');
  });
});
