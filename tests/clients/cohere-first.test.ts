// The first client of `cohere-ai` (CohereClient, POST /v1/chat) through the gateway, to an upstream of each dialect (our own mock).
import { type Cohere, CohereClient, CohereError } from 'cohere-ai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway({
  dialects: true,
  provider: { models: ['ok', '*'] },
  rest: { models: { 'command-a-03-2025': { targets: ['co/ok'] } } },
});
let client: CohereClient;
beforeAll(() => {
  client = new CohereClient({ environment: harness.url, token: gateKey, maxRetries: 0 });
});

const plainText = 'Hello from the mock provider, all is well.';
const weather: Cohere.Tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameterDefinitions: { city: { type: 'str', description: 'Its name', required: true } },
};
const time: Cohere.Tool = {
  name: 'get_time',
  description: 'Time of a zone',
  parameterDefinitions: { zone: { type: 'str' }, days: { type: 'List[int]' } },
};

interface Streamed {
  types: string[];
  text: string;
  calls: Cohere.ToolCall[];
  end: Cohere.ChatStreamEndEvent | undefined;
}

async function collect(stream: AsyncIterable<Cohere.StreamedChatResponse>): Promise<Streamed> {
  const seen: Streamed = { types: [], text: '', calls: [], end: undefined };
  for await (const event of stream) {
    if (seen.types.at(-1) !== event.eventType) seen.types.push(event.eventType);
    if (event.eventType === 'text-generation') seen.text += event.text;
    else if (event.eventType === 'tool-calls-generation') seen.calls = event.toolCalls;
    else if (event.eventType === 'stream-end') seen.end = event;
  }
  return seen;
}

describe.each([
  ['a Cohere upstream', 'co'],
  ['an OpenAI upstream', 'oa'],
  ['an Anthropic upstream', 'an'],
])('first Cohere client, %s', (_, provider) => {
  const model = (name: string) => `${provider}/${name}`;
  const sent = () => JSON.stringify(harness.mock.lastRequest().json);

  test('a text answer comes whole, with usage and the conversation so far', async () => {
    const answer = await client.chat({
      model: model('ok'),
      message: 'hello',
      preamble: 'You are terse.',
      chatHistory: [
        { role: 'USER', message: 'Who are you?' },
        { role: 'CHATBOT', message: 'A mock.' },
      ],
      maxTokens: 100,
    });
    expect(answer.text).toBe(plainText);
    expect(answer.finishReason).toBe('COMPLETE');
    expect(answer.generationId).toBeTruthy();
    expect(answer.meta?.tokens).toMatchObject({ inputTokens: 12, outputTokens: 8 });
    expect(answer.chatHistory).toEqual([
      { role: 'USER', message: 'Who are you?' },
      { role: 'CHATBOT', message: 'A mock.' },
      { role: 'USER', message: 'hello' },
      { role: 'CHATBOT', message: plainText },
    ]);
    for (const said of ['You are terse.', 'Who are you?', 'A mock.', 'hello']) expect(sent()).toContain(said);
  });

  test('a streamed answer has the events of the first API, also as Server-Sent Events', async () => {
    const stream = await client.chatStream({ model: model('ok'), message: 'hello', maxTokens: 100 });
    const { types, text, end } = await collect(stream);
    expect(text).toBe(plainText);
    expect(types).toEqual(['stream-start', 'text-generation', 'stream-end']);
    expect(end?.finishReason).toBe('COMPLETE');
    expect(end?.response.text).toBe(plainText);
    expect(end?.response.meta?.tokens).toMatchObject({ inputTokens: 12, outputTokens: 8 });
    const raw = await fetch(`${harness.url}/v1/chat`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateKey}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ model: model('ok'), message: 'hello', max_tokens: 100, stream: true }),
    });
    expect(raw.headers.get('content-type')).toContain('text/event-stream');
    expect((await raw.text()).startsWith('event: stream-start\ndata: {"is_finished":false,')).toBe(true);
  });

  test('parallel tool calls and their results go round', async () => {
    const request = { model: model('parallel-tools'), tools: [weather, time], maxTokens: 100 };
    const question = { ...request, message: 'Weather and time in Paris?' };
    const first = await client.chat(question);
    const calls = [
      { name: 'get_weather', parameters: { city: 'Paris' } },
      { name: 'get_time', parameters: { zone: 'Europe/Paris' } },
    ];
    expect(first.toolCalls).toEqual(calls);
    const streamed = await collect(await client.chatStream(question));
    expect(streamed.calls).toEqual(calls);
    expect(streamed.types.slice(-2)).toEqual(['tool-calls-generation', 'stream-end']);
    const toolResults = calls.map((call, index) => ({
      call,
      outputs: [{ text: ['21 degrees', 'noon'][index] }],
    }));
    // With the conversation as it was told, and without one: results say what was called.
    for (const again of [
      { ...request, message: '', chatHistory: first.chatHistory ?? [], toolResults },
      { ...question, toolResults },
    ]) {
      const second = await client.chat(again);
      expect(second.text).toBe('It is 21 degrees in Paris.');
      for (const said of ['21 degrees', 'noon', 'Weather and time in Paris?']) expect(sent()).toContain(said);
    }
  });

  test('documents and a schema reach the model', async () => {
    const answer = await client.chat({
      model: model('json'),
      message: 'hello',
      maxTokens: 100,
      documents: [{ title: 'Penguins', snippet: 'Emperors are tall.' }],
      responseFormat: {
        type: 'json_object',
        schema: { type: 'object', properties: { answer: { type: 'number' } } },
      },
    });
    expect(JSON.parse(answer.text)).toMatchObject({ answer: 42 });
    expect(sent()).toContain('Emperors are tall.');
  });

  test.each([400, 404, 429, 500])('a refusal with %i raises with what the provider said', async (status) => {
    const refused = client.chat({ model: model(`status:${status}`), message: 'hello', maxTokens: 100 });
    const error = await refused.then(
      () => null,
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(CohereError);
    expect((error as CohereError).statusCode).toBe(status);
    expect(pick((error as CohereError).body, 'message')).toContain(`mock says ${status}`);
  });

  test('an error in the middle of a stream ends it as one', async () => {
    const stream = await client.chatStream({
      model: model('text:20+error-after:3'),
      message: 'hello',
      maxTokens: 100,
    });
    const { text, end } = await collect(stream);
    expect(text).toBe('t0 t1 t2');
    expect(end?.finishReason).toBe('ERROR');
  });
});

test('a text is generated, whole and streamed', async () => {
  const request = { model: 'oa/ok', prompt: 'hello', maxTokens: 100 };
  const { generations, prompt } = await client.generate(request);
  expect([prompt, generations.map(({ text }) => text)]).toEqual(['hello', [plainText]]);
  let text = '';
  for await (const event of await client.generateStream(request))
    if (event.eventType === 'text-generation') text += event.text;
  expect(text).toBe(plainText);
});

test('who names no model gets the one of its vendor', async () => {
  expect((await client.chat({ message: 'hello' })).text).toBe(plainText);
});

test('what the second API has nothing like is refused by its name', async () => {
  for (const more of [
    { connectors: [{ id: 'web-search' }] },
    { searchQueriesOnly: true },
    { conversationId: 'c' },
  ]) {
    const refused = client.chat({ model: 'co/ok', message: 'hello', ...more });
    await expect(refused).rejects.toMatchObject({ statusCode: 400 });
  }
});

test('models are listed, and tokens counted', async () => {
  const { models } = await client.models.list();
  expect(models.map(({ name }) => name)).toContain('command-a-03-2025');
  expect((await client.models.get('command-a-03-2025')).name).toBe('command-a-03-2025');
});
