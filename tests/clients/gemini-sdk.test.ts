// The real `@google/genai` package through the gateway, to an upstream of each dialect (our own mock).
import {
  ApiError,
  type Content,
  type FunctionCall,
  FunctionCallingConfigMode,
  type FunctionDeclaration,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const harness = useGateway({ dialects: true, models: { fast: { targets: ['ge/ok'] } } });
let client: GoogleGenAI;
beforeAll(() => {
  client = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: harness.url } });
});

const plainText = 'Hello from the mock provider, all is well.';
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const weather: FunctionDeclaration = {
  name: 'get_weather',
  description: 'Weather of a city',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const time: FunctionDeclaration = {
  name: 'get_time',
  parametersJsonSchema: { type: 'object', properties: { zone: { type: 'string' } } },
};

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
const body = (): string => JSON.stringify(harness.mock.lastRequest().json);

async function collect(stream: AsyncIterable<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const partsOf = (chunks: readonly GenerateContentResponse[]): Part[] =>
  chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
const textOf = (parts: readonly Part[], thought = false): string =>
  parts.map((part) => ((part.thought ?? false) === thought ? (part.text ?? '') : '')).join('');
const callsOf = (parts: readonly Part[]): FunctionCall[] =>
  parts.flatMap((part) => (part.functionCall === undefined ? [] : [part.functionCall]));

async function refusal(run: () => Promise<unknown>): Promise<ApiError> {
  const error: unknown = await run().then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe.each([
  ['a Gemini upstream', 'ge'],
  ['an OpenAI upstream', 'oa'],
  ['an Anthropic upstream', 'an'],
  ['a Cohere upstream', 'co'],
])('Gemini client, %s', (_, provider) => {
  const translated = provider !== 'ge';
  const model = (name: string) => `${provider}/${name}`;

  test('a text answer comes whole, with ids and usage', async () => {
    const answer = await client.models.generateContent({ model: model('ok'), contents: 'hello' });
    expect(answer.text).toBe(plainText);
    expect(answer.candidates).toHaveLength(1);
    expect(answer.candidates![0]).toMatchObject({ finishReason: 'STOP', content: { role: 'model' } });
    expect(answer.usageMetadata).toMatchObject({
      promptTokenCount: 12,
      candidatesTokenCount: 8,
      totalTokenCount: 20,
    });
    expect(answer.responseId).toBeTruthy();
    expect(answer.modelVersion).toBeTruthy();
  });

  test('a streamed answer comes in pieces, and its last one says why it ended', async () => {
    const chunks = await collect(
      await client.models.generateContentStream({ model: model('ok'), contents: 'hello' }),
    );
    expect(chunks.length).toBeGreaterThan(3);
    expect(textOf(partsOf(chunks))).toBe(plainText);
    const reasons = chunks.map((chunk) => chunk.candidates?.[0]?.finishReason);
    expect(reasons.filter((reason) => reason !== undefined)).toEqual(['STOP']);
    expect(reasons.at(-1)).toBe('STOP');
    expect(chunks.at(-1)!.usageMetadata).toMatchObject({ promptTokenCount: 12, candidatesTokenCount: 8 });
  });

  test('instructions, several turns and settings arrive', async () => {
    await client.models.generateContent({
      model: model('ok'),
      contents: [
        { role: 'user', parts: [{ text: 'one' }] },
        { role: 'model', parts: [{ text: 'un' }] },
        { role: 'user', parts: [{ text: 'two' }] },
      ],
      config: {
        systemInstruction: 'You are terse.',
        temperature: 0.5,
        maxOutputTokens: 77,
        stopSequences: ['END'],
      },
    });
    const text = body();
    for (const said of ['You are terse.', 'one', 'un', 'two', '0.5', '77', 'END'])
      expect(text).toContain(said);
    if (!translated) {
      expect(sent('generationConfig.maxOutputTokens')).toBe(77);
      expect(harness.mock.lastRequest().target).toBe('/v1beta/models/ok:generateContent');
    }
  });

  test('a limit of tokens cuts the answer', async () => {
    const answer = await client.models.generateContent({
      model: model('ok'),
      contents: 'hello',
      config: { maxOutputTokens: 3 },
    });
    expect(answer.candidates![0]!.finishReason).toBe('MAX_TOKENS');
    expect(answer.text).toBe('Hello from the');
  });

  test('parallel calls of functions and their results go round, whole and streamed', async () => {
    const question: Content = { role: 'user', parts: [{ text: 'Weather and time in Paris?' }] };
    const request = {
      model: model('parallel-tools'),
      contents: [question],
      config: { tools: [{ functionDeclarations: [weather, time] }] },
    };
    const first = await client.models.generateContent(request);
    const calls = first.functionCalls ?? [];
    const expected = [
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ];
    expect(calls.map(({ name, args }) => [name, args])).toEqual(expected);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(first.candidates![0]!.finishReason).toBe('STOP');
    const streamed = await collect(await client.models.generateContentStream(request));
    expect(callsOf(partsOf(streamed)).map(({ name, args }) => [name, args])).toEqual(expected);
    const response = (call: FunctionCall, result: string): Part => ({
      functionResponse: { id: call.id!, name: call.name!, response: { result } },
    });
    const second = await client.models.generateContent({
      ...request,
      contents: [
        question,
        first.candidates![0]!.content!,
        { role: 'user', parts: [response(calls[1]!, 'noon'), response(calls[0]!, '21 degrees')] },
      ].map((content, at) =>
        // The vendor wants results in the order of the calls; other dialects pair them by id.
        at === 2 && !translated ? { ...content, parts: [...content.parts!].reverse() } : content,
      ),
    });
    expect(second.text).toBe('It is 21 degrees in Paris.');
    for (const said of ['21 degrees', 'noon', 'get_weather', 'Paris']) expect(body()).toContain(said);
  });

  test('a call may be forced', async () => {
    await client.models.generateContent({
      model: model('tools'),
      contents: 'hello',
      config: {
        tools: [{ functionDeclarations: [weather, time] }],
        toolConfig: {
          functionCallingConfig: {
            mode: FunctionCallingConfigMode.ANY,
            allowedFunctionNames: ['get_weather'],
          },
        },
      },
    });
    const choices: Record<string, [path: string, value: unknown]> = {
      ge: ['toolConfig.functionCallingConfig', { mode: 'ANY', allowedFunctionNames: ['get_weather'] }],
      oa: ['tool_choice', { type: 'function', function: { name: 'get_weather' } }],
      an: ['tool_choice', { type: 'tool', name: 'get_weather' }],
      co: ['tool_choice', 'REQUIRED'],
    };
    const [path, value] = choices[provider]!;
    expect(sent(path)).toEqual(value);
  });

  test('the chat of the SDK keeps what was said, streamed too', async () => {
    const chat = client.chats.create({ model: model('ok') });
    await chat.sendMessage({ message: 'one' });
    await collect(await chat.sendMessageStream({ message: 'two' }));
    await chat.sendMessage({ message: 'three' });
    const text = body();
    for (const said of ['one', 'two', 'three']) expect(text).toContain(said);
    expect(text.split('Hello').length - 1).toBe(2);
    // The SDK keeps each piece of a stream as a content of its own: they are one turn.
    expect(chat.getHistory(true).length).toBeGreaterThan(6);
    if (translated) expect(text.split(plainText).length - 1).toBe(2);
  });

  test('pictures arrive', async () => {
    if (provider === 'co') return; // as said in its own tests
    await client.models.generateContent({
      model: model('ok'),
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is this?' },
            { inlineData: { mimeType: 'image/png', data: pixel.replaceAll('+', '-').replaceAll('/', '_') } },
            { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/cat.jpg' } },
          ],
        },
      ],
    });
    const text = body();
    expect(text).toContain(translated ? pixel : pixel.replaceAll('+', '-').replaceAll('/', '_'));
    expect(text).toContain('https://example.com/cat.jpg');
  });

  test('structured output is asked for as the upstream has it', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
    const answer = await client.models.generateContent({
      model: model('json'),
      contents: 'hello',
      config: { responseMimeType: 'application/json', responseJsonSchema: schema },
    });
    expect(JSON.parse(answer.text!)).toMatchObject({ answer: 42 });
    const paths: Record<string, string> = {
      ge: 'generationConfig.responseJsonSchema',
      oa: 'response_format.json_schema.schema',
      an: 'output_config.format.schema',
      co: 'response_format.json_schema',
    };
    expect(sent(paths[provider]!)).toMatchObject(schema);
  });

  test('thoughts come apart from the answer, and their proofs return to who made them', async () => {
    const request = {
      model: model('thinking'),
      contents: 'hello',
      config: { maxOutputTokens: 4_000, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
    };
    const whole = await client.models.generateContent(request);
    const parts = whole.candidates![0]!.content!.parts!;
    expect(textOf(parts, true)).toBe('Let me think about that first.');
    expect(whole.text).toBe(plainText);
    const streamed = partsOf(await collect(await client.models.generateContentStream(request)));
    expect(textOf(streamed, true)).toBe('Let me think about that first.');
    expect(textOf(streamed)).toBe(plainText);
    if (provider === 'oa' || provider === 'co') return; // no proofs in these
    for (const said of [parts, streamed]) {
      expect(said.some((part) => part.thoughtSignature !== undefined)).toBe(true);
      await client.models.generateContent({
        ...request,
        contents: [
          { role: 'user', parts: [{ text: 'hello' }] },
          { role: 'model', parts: said },
          { role: 'user', parts: [{ text: 'go on' }] },
        ],
      });
      expect(body()).toContain('c2lnbmF0dXJlLW9mLXRoZS1tb2Nr');
    }
  });

  test('a refusal of the upstream is an ApiError with its status', async () => {
    for (const [name, status] of [
      ['status:429', 429],
      ['status:400', 400],
      ['status:503', 503],
    ] as const) {
      const whole = await refusal(() =>
        client.models.generateContent({ model: model(name), contents: 'hello' }),
      );
      expect(whole.status).toBe(status);
      expect(JSON.parse(whole.message)).toMatchObject({
        error: { code: status, message: `mock says ${status}` },
      });
      const streamed = await refusal(async () =>
        collect(await client.models.generateContentStream({ model: model(name), contents: 'hello' })),
      );
      expect(streamed.status).toBe(status);
    }
  });

  test('an error in the middle of a stream is an ApiError', async () => {
    const stream = await client.models.generateContentStream({
      model: model('error-after:3:503'),
      contents: 'hello',
    });
    const seen: string[] = [];
    const error = await refusal(async () => {
      for await (const chunk of stream) seen.push(chunk.text ?? '');
    });
    expect(error.status).toBeGreaterThanOrEqual(500);
    expect(seen.join('')).toBe('Hello from the');
  });

  test('a stream that breaks off is an error, never an end', async () => {
    const stream = await client.models.generateContentStream({
      model: model('cut-fin-after:3'),
      contents: 'hello',
    });
    await refusal(() => collect(stream));
  });

  test('abort ends the call at the upstream', async () => {
    const abort = new AbortController();
    const name = model('text:200+pace:20');
    const stream = await client.models.generateContentStream({
      model: name,
      contents: 'hello',
      config: { abortSignal: abort.signal },
    });
    await expect(async () => {
      for await (const _chunk of stream) abort.abort();
    }).rejects.toThrow();
    const request = await harness.mock.waitFor(({ aborted }) => aborted);
    expect(request.model).toBe('text:200+pace:20');
  });
});

describe('Gemini client', () => {
  test('its key is never shown to the upstream', async () => {
    await client.models.generateContent({ model: 'fast', contents: 'hello' });
    const { head, target } = harness.mock.lastRequest();
    expect(head).not.toContain(gateKey);
    expect(head).toContain(upstreamKeys.ge);
    expect(target).toBe('/v1beta/models/ok:generateContent');
  });

  test('counts tokens by the upstream, else by an estimate', async () => {
    expect((await client.models.countTokens({ model: 'ge/ok', contents: 'hello' })).totalTokens).toBe(42);
    const estimate = await client.models.countTokens({
      model: 'oa/ok',
      contents: 'a few words to be counted here',
    });
    expect(estimate.totalTokens).toBeGreaterThan(5);
    expect(estimate.totalTokens).toBeLessThan(40);
  });

  test('lists models, page by page, and shows one', async () => {
    const names: string[] = [];
    for await (const each of await client.models.list({ config: { pageSize: 1 } })) names.push(each.name!);
    expect(names).toContain('models/fast');
    expect((await client.models.get({ model: 'fast' })).name).toBe('models/fast');
  });

  test('of v1 is told from one of OpenAI by its headers', async () => {
    const stable = new GoogleGenAI({
      apiKey: gateKey,
      httpOptions: { baseUrl: harness.url, apiVersion: 'v1' },
    });
    const names: string[] = [];
    for await (const each of await stable.models.list()) names.push(each.name!);
    expect(names).toContain('models/fast');
    expect((await stable.models.generateContent({ model: 'ge/ok', contents: 'hello' })).text).toBe(plainText);
  });

  test('under a prefix works as well', async () => {
    const prefixed = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: `${harness.url}/genai` } });
    expect((await prefixed.models.generateContent({ model: 'ge/ok', contents: 'hello' })).text).toBe(
      plainText,
    );
  });

  test('with a wrong key or body is told so in its own shape', async () => {
    const stranger = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: harness.url } });
    const auth = await refusal(() => stranger.models.generateContent({ model: 'ge/ok', contents: 'hello' }));
    expect([auth.status, JSON.parse(auth.message).error.status]).toEqual([401, 'UNAUTHENTICATED']);
    const several = await refusal(() =>
      client.models.generateContent({ model: 'an/ok', contents: 'hello', config: { candidateCount: 2 } }),
    );
    expect(several.status).toBe(400);
    expect(several.message).toContain('generationConfig.candidateCount');
  });

  test('gets several answers from an OpenAI upstream, whole and streamed', async () => {
    const asked = { model: 'oa/ok', contents: 'hello', config: { candidateCount: 2 } };
    const whole = await client.models.generateContent(asked);
    const texts = whole.candidates?.map(({ index, content }) => [index, textOf(content?.parts ?? [])]);
    expect(texts).toEqual([
      [0, plainText],
      [1, plainText],
    ]);
    expect(sent('n')).toBe(2);
    const said = ['', ''];
    for (const { candidates = [] } of await collect(await client.models.generateContentStream(asked)))
      for (const { index = 0, content } of candidates) said[index] += textOf(content?.parts ?? []);
    expect(said).toEqual([plainText, plainText]);
  });

  test('runs functions by itself', async () => {
    const answer = await client.models.generateContent({
      model: 'oa/tools',
      contents: 'Weather in Paris?',
      config: {
        tools: [
          {
            tool: async () => ({ functionDeclarations: [weather] }),
            callTool: async (calls) =>
              calls.map(({ id, name }) => ({
                functionResponse: { id: id!, name: name!, response: { output: '21' } },
              })),
          },
        ],
      },
    });
    expect(answer.text).toBe('It is 21 degrees in Paris.');
    expect(answer.automaticFunctionCallingHistory).toHaveLength(3);
  });
});

test('interactions go to Gemini as they are, and what they make is theirs who made it', async () => {
  const made = await client.interactions.create({ model: 'ge/ok', input: 'hello' });
  expect(harness.mock.lastRequest()).toMatchObject({
    path: '/v1beta/interactions',
    json: { model: 'ok', input: 'hello' },
  });
  expect(made.id).toMatch(/^obj-/);
  await client.interactions.create({ model: 'ge/ok', input: 'more', previous_interaction_id: made.id });
  expect(sent('previous_interaction_id')).toBe(made.id);
  await client.interactions.get(made.id);
  expect(harness.mock.lastRequest().path).toBe(`/v1beta/interactions/${made.id}`);
  await client.interactions.cancel(made.id);
  expect(harness.mock.lastRequest().path).toBe(`/v1beta/interactions/${made.id}/cancel`);
});
