// The other vendors' SDKs through the gateway to a Gemini upstream (our own mock), as strict as Gemini 3: a call in the history
// without its signature is refused there.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway({ dialects: true });
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(() => {
  openai = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: harness.url, apiKey: gateKey, maxRetries: 0 });
});

const plainText = 'Hello from the mock provider, all is well.';
const signature = 'c2lnbmF0dXJlLW9mLXRoZS1tb2Nr';
const dummy = 'skip_thought_signature_validator';
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const city = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const zone = { type: 'object' as const, properties: { zone: { type: 'string' } } };
const chatTools: OpenAI.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'get_weather', parameters: city } },
  { type: 'function', function: { name: 'get_time', parameters: zone } },
];
const claudeTools: Anthropic.Tool[] = [
  { name: 'get_weather', input_schema: city },
  { name: 'get_time', input_schema: zone },
];
const signing = 'ge/gemini-3-pro+parallel-tools+thinking+with-text';

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
/** Signatures of the history's calls, in order. */
const signatures = (): unknown[] => {
  const contents = sent('contents') as unknown[];
  return contents
    .flatMap((content) => pick(content, 'parts') as unknown[])
    .filter((part) => pick(part, 'functionCall') !== undefined)
    .map((part) => pick(part, 'thoughtSignature'));
};

test('an OpenAI client gets several answers, whole and streamed', async () => {
  const asked = {
    model: 'ge/ok+logprobs',
    n: 3,
    logprobs: true,
    messages: [{ role: 'user' as const, content: 'hello' }],
  };
  const { choices } = await openai.chat.completions.create(asked);
  expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
    [0, plainText],
    [1, plainText],
    [2, plainText],
  ]);
  expect(choices[2]?.logprobs?.content?.[0]?.logprob).toBe(-0.125);
  expect(sent('generationConfig.candidateCount')).toBe(3);
  const said = ['', '', ''];
  const ends: string[] = [];
  for await (const chunk of await openai.chat.completions.create({ ...asked, stream: true }))
    for (const { index, delta, finish_reason } of chunk.choices) {
      said[index] += delta.content ?? '';
      if (finish_reason !== null) ends.push(`${index} ${finish_reason}`);
    }
  expect(said).toEqual([plainText, plainText, plainText]);
  expect(ends).toEqual(['0 stop', '1 stop', '2 stop']);
});

describe('OpenAI client, a Gemini upstream', () => {
  const ask = (model: string, extra: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
    openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }], ...extra });

  test('text comes whole and streamed, with usage', async () => {
    const whole = await ask('ge/ok');
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: plainText } });
    expect(whole.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8 });
    const stream = await openai.chat.completions.create({
      model: 'ge/ok',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(plainText);
    expect(usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8 });
    expect(harness.mock.lastRequest().target).toBe('/v1beta/models/ok:streamGenerateContent?alt=sse');
  });

  test('a loop of tools keeps the signature of its calls, whole and streamed', async () => {
    const question: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'Weather and time?' };
    const request = {
      model: signing,
      messages: [question],
      tools: chatTools,
      reasoning_effort: 'high' as const,
    };
    const whole = await openai.chat.completions.create(request);
    expect(whole.choices[0]!.finish_reason).toBe('tool_calls');
    const message = whole.choices[0]!.message;
    expect(message.tool_calls).toHaveLength(2);
    const streamed = await openai.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]!.message.tool_calls).toHaveLength(2);
    const results = message.tool_calls!.map((call) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: '21 degrees',
    }));
    const next = await openai.chat.completions.create({
      ...request,
      messages: [question, message, ...results],
    });
    expect(next.choices[0]!.message.content).toBe('It is 21 degrees in Paris.');
    expect(signatures()).toEqual([signature, undefined]);
  });

  test("another model's calls go with the dummy", async () => {
    const question: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'Weather and time?' };
    const { choices } = await openai.chat.completions.create({
      model: 'oa/parallel-tools',
      messages: [question],
      tools: chatTools,
    });
    const { message } = choices[0]!;
    const results = message.tool_calls!.map((call) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: '{"temp":21}',
    }));
    await openai.chat.completions.create({
      model: 'ge/gemini-3-pro',
      messages: [question, message, ...results],
      tools: chatTools,
    });
    expect(signatures()).toEqual([dummy, undefined]);
    expect(sent('contents.2.parts.0.functionResponse.response')).toEqual({ temp: 21 });
  });

  test('thinking is asked for as the model takes it', async () => {
    await ask('ge/gemini-2.5-flash+thinking', { reasoning_effort: 'medium' });
    expect(sent('generationConfig.thinkingConfig')).toEqual({ includeThoughts: true, thinkingBudget: 8192 });
    const answer = await ask('ge/gemini-3-pro+thinking', { reasoning_effort: 'minimal' });
    expect(sent('generationConfig.thinkingConfig')).toEqual({ includeThoughts: true, thinkingLevel: 'LOW' });
    expect(pick(answer.choices[0]!.message, 'reasoning_content')).toBe('Let me think about that first.');
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });

  test('pictures go as bytes, or by an address that tells their type', async () => {
    const picture = (url: string): OpenAI.ChatCompletionMessageParam[] => [
      { role: 'user', content: [{ type: 'image_url', image_url: { url } }] },
    ];
    await ask('ge/ok', { messages: picture(`data:image/png;base64,${pixel}`) });
    expect(sent('contents.0.parts.0.inlineData')).toEqual({ mimeType: 'image/png', data: pixel });
    await ask('ge/ok', { messages: picture('https://example.com/cat.webp') });
    expect(sent('contents.0.parts.0.fileData')).toEqual({
      mimeType: 'image/webp',
      fileUri: 'https://example.com/cat.webp',
    });
    await expect(ask('ge/ok', { messages: picture('https://example.com/cat') })).rejects.toMatchObject({
      status: 400,
      param: 'messages[].content[].image_url.url',
    });
  });

  test('structured output is its own', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
    const answer = await ask('ge/json', {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toMatchObject({ answer: 42 });
    expect(sent('generationConfig')).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    });
  });

  test('errors are told as OpenAI tells them, with the time to come again', async () => {
    await expect(ask('ge/status:429:retry-after=3')).rejects.toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
      message: expect.stringContaining('mock says 429'),
    });
    await expect(ask('ge/finish:MALFORMED_FUNCTION_CALL')).rejects.toMatchObject({ status: 500 });
    expect((await ask('ge/finish:SAFETY')).choices[0]!.finish_reason).toBe('content_filter');
    expect((await ask('ge/finish:CONTINUATION')).choices[0]!.finish_reason).toBe('length');
  });

  test('abort ends the call at Gemini', async () => {
    const stream = await openai.chat.completions.create({
      model: 'ge/text:200+pace:20',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
    });
    for await (const _chunk of stream) break;
    const { model } = await harness.mock.waitFor(({ aborted }) => aborted);
    expect(model).toBe('text:200+pace:20');
  });
});

describe('Anthropic client, a Gemini upstream', () => {
  const question: Anthropic.MessageParam = { role: 'user', content: 'Weather and time?' };

  test('a loop of tools keeps thinking and signatures, whole and streamed', async () => {
    const request = {
      model: signing,
      max_tokens: 4_000,
      messages: [question],
      tools: claudeTools,
      thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
    };
    const streamed = await anthropic.messages.stream(request).finalMessage();
    const whole = await anthropic.messages.create(request);
    for (const { content, stop_reason } of [whole, streamed]) {
      expect(stop_reason).toBe('tool_use');
      const calls = content.filter((block) => block.type === 'tool_use');
      expect(calls.map(({ name, input }) => [name, input])).toEqual([
        ['get_weather', { city: 'Paris' }],
        ['get_time', { zone: 'Europe/Paris' }],
      ]);
      const next = await anthropic.messages.create({
        ...request,
        messages: [
          question,
          { role: 'assistant', content },
          {
            role: 'user',
            content: calls
              .toReversed()
              .map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'x' })),
          },
        ],
      });
      expect(next.stop_reason).toBe('end_turn');
      expect(signatures()).toEqual([signature, undefined]);
    }
  });

  test('a result in pictures stays one', async () => {
    const { content } = await anthropic.messages.create({
      model: 'ge/gemini-3-pro+tools',
      max_tokens: 100,
      messages: [question],
      tools: claudeTools,
    });
    const id = content.find((block) => block.type === 'tool_use')!.id;
    await anthropic.messages.create({
      model: 'ge/lax+gemini-3-pro',
      max_tokens: 100,
      messages: [
        question,
        { role: 'assistant', content },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: id,
              content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } }],
            },
          ],
        },
      ],
      tools: claudeTools,
    });
    expect(sent('contents.2.parts.0.functionResponse.parts')).toEqual([
      { inlineData: { mimeType: 'image/png', data: pixel } },
    ]);
  });

  test('an error in the middle of a stream is raised', async () => {
    const stream = anthropic.messages.stream({
      model: 'ge/error-after:3:503',
      max_tokens: 100,
      messages: [question],
    });
    await expect(stream.finalMessage()).rejects.toThrow('broke in the middle');
  });
});
