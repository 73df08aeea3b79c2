// The Vercel AI SDK with four of its providers, through the gateway to an upstream of each dialect (our own mock): OpenAI's
// speaks Responses, Anthropic's posts to `{base}/messages`, Google's names the model in the path, and the one for compatible
// servers speaks Chat Completions.
// The tests run side by side: each names a model of its own, by which its requests are found at the mock.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  generateText,
  isStepCount,
  jsonSchema,
  type LanguageModel,
  Output,
  streamText,
  tool,
} from 'ai';
import { describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';
import { plainText } from './matrix/exchanges.ts';
import { pixel } from './matrix/media.ts';
import { proof } from './matrix/reasoning.ts';
import { time, weather } from './matrix/tools.ts';
import { upstreams } from './matrix/upstreams.ts';

// Models are stated, so that a name nobody offers exists.
const harness = useGateway({ dialects: true, provider: { models: ['ai*'] } }, { concurrent: true });
const apiKey = gateKey;

const makers: Record<string, (url: string) => (model: string) => LanguageModel> = {
  openai: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey }),
  anthropic: (url) => createAnthropic({ baseURL: `${url}/v1`, apiKey }),
  google: (url) => createGoogle({ baseURL: `${url}/v1beta`, apiKey }),
  compatible: (url) =>
    createOpenAICompatible({
      name: 'headgate',
      baseURL: `${url}/v1`,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }),
};

const city = jsonSchema<{ city: string }>({ ...weather.schema, additionalProperties: false });
const tools = {
  get_weather: tool({
    description: weather.description,
    inputSchema: city,
    execute: async () => '21 degrees',
  }),
  get_time: tool({
    description: time.description,
    inputSchema: jsonSchema(time.schema),
    execute: async () => 'noon',
  }),
};
const answerSchema = jsonSchema<{ answer: number }>({
  type: 'object',
  properties: { answer: { type: 'number' } },
  required: ['answer'],
  additionalProperties: false,
});

/** What of a stream matters: its parts by type, and the errors that it told. */
async function read(
  result: ReturnType<typeof streamText>,
): Promise<{ text: string; deltas: number; errors: unknown[] }> {
  let text = '';
  let deltas = 0;
  const errors: unknown[] = [];
  for await (const part of result.stream)
    if (part.type === 'text-delta') {
      text += part.text;
      deltas++;
    } else if (part.type === 'error') errors.push(part.error);
  return { text, deltas, errors };
}

let serial = 0;
for (const name of Object.keys(makers))
  for (const upstream of upstreams)
    describe.concurrent(`${name} of the AI SDK to ${upstream.dialect}`, () => {
      /** A model that does what `script` says, and what the upstream was asked of it. */
      const make = (script: string) => {
        const own = `ai${serial++}+${script}`;
        const requests = () => harness.mock.requestsFor(own);
        return {
          ask: {
            model: makers[name]!(harness.url)(`${upstream.provider}/${own}`),
            prompt: 'hello',
            maxRetries: 0,
            onError: () => undefined,
          },
          requests,
          seen: () => upstream.read(requests().at(-1)!.json),
        };
      };

      test('text, whole and streamed, with usage', async () => {
        const { ask } = make('ok');
        const whole = await generateText(ask);
        expect([whole.text, whole.finishReason]).toEqual([plainText, 'stop']);
        expect(whole.usage).toMatchObject({ inputTokens: 12, outputTokens: 8 });
        const streamed = streamText(ask);
        expect(await read(streamed)).toEqual({ text: plainText, deltas: 8, errors: [] });
        expect(await streamed.finishReason).toBe('stop');
        expect(await streamed.usage).toMatchObject({ inputTokens: 12, outputTokens: 8 });
      });

      test('a system prompt, several turns, a picture and settings arrive', async () => {
        const { ask, seen } = make('ok');
        const { prompt: _, ...rest } = ask;
        await generateText({
          ...rest,
          instructions: 'You are terse.',
          maxOutputTokens: 77,
          messages: [
            { role: 'user', content: 'one' },
            { role: 'assistant', content: 'un' },
            {
              role: 'user',
              content: [
                { type: 'text', text: 'two' },
                { type: 'file', mediaType: 'image/png', data: pixel },
              ],
            },
          ],
        });
        const { system, turns, images, maxTokens } = seen();
        expect({ system, turns, images, maxTokens }).toEqual({
          system: 'You are terse.',
          turns: ['user: one', 'assistant: un', 'user: two'],
          images: [pixel],
          maxTokens: 77,
        });
      });

      test('reasoning beside text, whole and streamed', async () => {
        const { ask } = make('thinking');
        for (const result of [await generateText(ask), streamText(ask)]) {
          expect(await result.text).toBe(plainText);
          expect(await result.reasoningText).toBe('Let me think about that first.');
        }
      });

      test.each(['whole', 'streamed'])('a loop of parallel tools, %s', async (how) => {
        const { ask, requests, seen } = make('thinking+parallel-tools');
        const request = { ...ask, tools, stopWhen: isStepCount(3) };
        const result = how === 'whole' ? await generateText(request) : streamText(request);
        expect(await result.text).toBe('It is 21 degrees in Paris.');
        expect(await result.steps).toHaveLength(2);
        expect(requests()).toHaveLength(2);
        expect(seen().tools.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
        expect(seen().calls.map(({ name, args }) => [name, args])).toEqual([
          ['get_weather', { city: 'Paris' }],
          ['get_time', { zone: 'Europe/Paris' }],
        ]);
        expect(seen().results.map(({ text }) => text)).toEqual([
          expect.stringContaining('21 degrees'),
          expect.stringContaining('noon'),
        ]);
        // OpenAI's provider sends its reasoning back for its own reasoning models only.
        // The one for compatible servers returns only what stands on a call.
        const returns = { openai: [], compatible: ['ge'] }[name] ?? ['rs', 'an', 'ge', 'be'];
        if (returns.includes(upstream.provider)) expect(seen().proofs).toEqual([proof]);
      });

      test('a tool that has to be called, and one by name', async () => {
        const { ask, seen } = make('tools');
        for (const toolChoice of ['required', { type: 'tool', toolName: 'get_weather' }] as const) {
          const { toolCalls } = await generateText({
            ...ask,
            tools: { get_weather: tools.get_weather },
            toolChoice,
          });
          expect(toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
            ['get_weather', { city: 'Paris' }],
          ]);
          // Cohere cannot name the tool: one alone has to be called.
          const named = toolChoice !== 'required' && upstream.provider !== 'co';
          expect(seen().choice).toBe(named ? 'get_weather' : 'required');
        }
      });

      test('an object by a schema, whole and streamed', async () => {
        const { ask, seen } = make('json');
        const request = {
          ...ask,
          output: Output.object({ schema: answerSchema }),
          // Else a tool does it for models it does not know: see below.
          providerOptions: { anthropic: { structuredOutputMode: 'outputFormat' } },
        };
        expect((await generateText(request)).output).toMatchObject({ answer: 42 });
        expect(seen().schema).toMatchObject({ properties: { answer: { type: 'number' } } });
        expect(await streamText(request).output).toMatchObject({ answer: 42 });
      });

      test.each([400, 404, 429, 503])('an error of status %i, whole and streamed', async (status) => {
        const { ask } = make(`status:${status}:retry-after=7`);
        const whole: unknown = await generateText(ask).catch((cause: unknown) => cause);
        const { errors } = await read(streamText(ask));
        expect(errors).toHaveLength(1);
        for (const error of [whole, ...errors]) {
          if (!APICallError.isInstance(error)) throw new Error(`no error of the API: ${String(error)}`);
          expect(error.statusCode).toBe(status);
          expect(error.message).toContain(`mock says ${status}`);
          expect(error.isRetryable).toBe(status === 429 || status >= 500);
          if (status === 429) expect(error.responseHeaders?.['retry-after']).toBe('7');
        }
      });

      test('an error inside a stream, and a stream cut off', async () => {
        const broken = await read(streamText(make('text:20+error-after:3').ask));
        expect(broken.text).toBe('t0 t1 t2');
        expect(broken.errors).toHaveLength(1);
        expect(JSON.stringify(pick(broken.errors[0], 'message') ?? broken.errors[0])).toContain(
          'broke in the middle',
        );
        const cut = await read(streamText(make('text:20+cut-rst-after:3').ask));
        expect(cut.errors).not.toEqual([]);
      });

      test('abort ends the call at the upstream', async () => {
        const { ask, requests } = make('text:500+pace:20');
        const leave = new AbortController();
        const result = streamText({ ...ask, abortSignal: leave.signal });
        let aborted = false;
        for await (const part of result.stream) {
          if (part.type === 'text-delta') leave.abort();
          if (part.type === 'abort') aborted = true;
        }
        expect(aborted).toBe(true);
        await waitUntil(() => requests()[0]!.aborted, 'the upstream to be left', 10_000);
      });
    });

describe.concurrent("a provider's own ways", () => {
  const loop = async (
    model: LanguageModel,
    providerOptions: Parameters<typeof generateText>[0]['providerOptions'] = {},
  ) => {
    const { text, steps } = await generateText({
      model,
      prompt: 'hello',
      maxRetries: 0,
      tools,
      stopWhen: isStepCount(3),
      providerOptions,
    });
    expect(text).toBe('It is 21 degrees in Paris.');
    expect(steps).toHaveLength(2);
  };
  const openai = (model: string) => createOpenAI({ baseURL: `${harness.url}/v1`, apiKey })(model);

  // What it refers to instead of sending it is kept by OpenAI alone: reasoning that is missing is no loss of history.
  for (const { provider } of upstreams)
    test.each([[false], [true]])(`OpenAI's runs a loop of tools to ${provider}, store %s`, async (store) => {
      await loop(openai(`${provider}/ai${serial++}+thinking+tools`), { openai: { store } });
    });

  test("Anthropic's posts to {base}/messages, whatever the base, with its key and version", async () => {
    for (const base of ['', '/v1', '/anthropic', '/anthropic/v1', '/an/v1']) {
      const own = `ai${serial++}`;
      const anthropic = createAnthropic({ baseURL: `${harness.url}${base}`, apiKey });
      const model = anthropic(base === '/an/v1' ? own : `an/${own}`);
      expect((await generateText({ model, prompt: 'hello', maxRetries: 0 })).text).toBe(plainText);
      const { target, headers, head } = harness.mock.requestsFor(own)[0]!;
      expect([base, target]).toEqual([base, '/v1/messages']);
      expect(headers).toMatchObject({ 'x-api-key': upstreamKeys.an, 'anthropic-version': '2023-06-01' });
      expect(head).not.toContain(gateKey);
    }
  });

  test("Anthropic's takes a token instead of a key", async () => {
    const anthropic = createAnthropic({ baseURL: `${harness.url}/v1`, authToken: gateKey });
    const { text } = await generateText({ model: anthropic('an/ai-token'), prompt: 'hello', maxRetries: 0 });
    expect(text).toBe(plainText);
  });

  test.each(upstreams.map(({ provider }) => provider))(
    "Anthropic's asks models it does not know for an object by a tool: %s",
    async (provider) => {
      const anthropic = createAnthropic({ baseURL: `${harness.url}/v1`, apiKey });
      const request = {
        model: anthropic(`${provider}/ai${serial++}+tools:json`),
        prompt: 'hello',
        maxRetries: 0,
        output: Output.object({ schema: city }),
      };
      expect((await generateText(request)).output).toEqual({ city: 'Paris' });
      expect(await streamText(request).output).toEqual({ city: 'Paris' });
    },
  );

  test("Google's names a model with a slash without its collection, under any version and prefix", async () => {
    for (const base of ['/v1beta', '/v1', '/v1beta1', '/genai/v1beta', '/ge/v1beta']) {
      const own = `ai${serial++}`;
      const google = createGoogle({ baseURL: `${harness.url}${base}`, apiKey });
      const model = google(base === '/ge/v1beta' ? own : `ge/${own}`);
      expect((await generateText({ model, prompt: 'hello', maxRetries: 0 })).text).toBe(plainText);
      const { target, head } = harness.mock.requestsFor(own)[0]!;
      expect([base, target]).toEqual([base, `/v1beta/models/${own}:generateContent`]);
      expect(head).toContain(upstreamKeys.ge);
      expect(head).not.toContain(gateKey);
    }
  });

  test.each(upstreams.map(({ provider }) => provider))(
    'the one for compatible servers gets usage in a stream only if it asks, and its reasoning: %s',
    async (provider) => {
      for (const includeUsage of [true, false]) {
        const compatible = createOpenAICompatible({
          name: 'headgate',
          baseURL: `${harness.url}/v1`,
          apiKey,
          includeUsage,
        });
        const model = compatible(`${provider}/ai${serial++}+thinking`);
        const result = streamText({ model, prompt: 'hello', maxRetries: 0 });
        expect(await result.text).toBe(plainText);
        expect(await result.reasoningText).toBe('Let me think about that first.');
        expect(await result.finishReason).toBe('stop');
        expect((await result.usage).inputTokens).toBe(includeUsage ? 12 : undefined);
      }
    },
  );

  test.each(['openai', 'anthropic', 'google', 'compatible'])(
    '%s: a wrong key and an unknown model',
    async (name) => {
      const ask = { prompt: 'hello', maxRetries: 0 };
      const makeModel = (key: string) =>
        ({
          openai: createOpenAI({ baseURL: `${harness.url}/v1`, apiKey: key }),
          anthropic: createAnthropic({ baseURL: `${harness.url}/v1`, apiKey: key }),
          google: createGoogle({ baseURL: `${harness.url}/v1beta`, apiKey: key }),
          compatible: createOpenAICompatible({ name: 'headgate', baseURL: `${harness.url}/v1`, apiKey: key }),
        })[name]!;
      for (const [key, model, status] of [
        ['sk-nobody', 'oa/ai-key', 401],
        [gateKey, 'nobody/has-this', 404],
      ] as const) {
        const error: unknown = await generateText({ ...ask, model: makeModel(key)(model) }).catch(
          (cause: unknown) => cause,
        );
        if (!APICallError.isInstance(error)) throw new Error(`no error of the API: ${String(error)}`);
        expect(error.statusCode).toBe(status);
        if (status === 404) expect(error.message).toContain('nobody/has-this');
      }
    },
  );
});
