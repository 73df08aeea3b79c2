// The real `cohere-ai` package through the gateway, to an upstream of each dialect (our own mock).
import { type Cohere, CohereClientV2, CohereError } from 'cohere-ai';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway({ dialects: true, provider: { models: ['ok', '*'] } });
let client: CohereClientV2;
beforeAll(() => {
  client = new CohereClientV2({ environment: harness.url, token: gateKey, maxRetries: 0 });
});

const hello: Cohere.ChatMessages = [{ role: 'user', content: 'hello' }];
const plainText = 'Hello from the mock provider, all is well.';
const weather: Cohere.ToolV2 = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const time: Cohere.ToolV2 = {
  type: 'function',
  function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } } } },
};
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const sent = (path: string): unknown => pick(harness.mock.lastRequest().json, path);
const texts = ({ message }: Cohere.V2ChatResponse): string =>
  (message.content ?? []).map((block) => (block.type === 'text' ? block.text : '')).join('');

interface Streamed {
  types: string[];
  text: string;
  thinking: string;
  calls: { id: string; name: string; text: string }[];
  end: Cohere.ChatMessageEndEventDelta | undefined;
}

async function collect(stream: AsyncIterable<Cohere.V2ChatStreamResponse>): Promise<Streamed> {
  const seen: Streamed = { types: [], text: '', thinking: '', calls: [], end: undefined };
  for await (const event of stream) {
    if (seen.types.at(-1) !== event.type) seen.types.push(event.type);
    if (event.type === 'content-delta') {
      seen.text += event.delta?.message?.content?.text ?? '';
      seen.thinking += event.delta?.message?.content?.thinking ?? '';
    } else if (event.type === 'tool-call-start') {
      const call = event.delta?.message?.toolCalls;
      seen.calls.push({
        id: call?.id ?? '',
        name: call?.function?.name ?? '',
        text: call?.function?.arguments ?? '',
      });
    } else if (event.type === 'tool-call-delta') {
      seen.calls.at(-1)!.text += event.delta?.message?.toolCalls?.function?.arguments ?? '';
    } else if (event.type === 'message-end') seen.end = event.delta;
  }
  return seen;
}

describe.each([
  ['a Cohere upstream', 'co'],
  ['an OpenAI upstream', 'oa'],
  ['an Anthropic upstream', 'an'],
])('Cohere client, %s', (_, provider) => {
  const model = (name: string) => `${provider}/${name}`;

  test('a text answer comes whole, with usage', async () => {
    const answer = await client.chat({ model: model('ok'), messages: hello, maxTokens: 100 });
    expect(answer.id).toBeTruthy();
    expect(answer.finishReason).toBe('COMPLETE');
    expect(answer.message.role).toBe('assistant');
    expect(texts(answer)).toBe(plainText);
    expect(answer.usage?.tokens).toMatchObject({ inputTokens: 12, outputTokens: 8 });
  });

  test('a streamed answer keeps the order of events', async () => {
    const stream = await client.chatStream({ model: model('ok'), messages: hello, maxTokens: 100 });
    const { types, text, end } = await collect(stream);
    expect(text).toBe(plainText);
    expect(types).toEqual(['message-start', 'content-start', 'content-delta', 'content-end', 'message-end']);
    expect(end?.finishReason).toBe('COMPLETE');
    expect(end?.usage?.tokens).toMatchObject({ inputTokens: 12, outputTokens: 8 });
  });

  test('thinking comes before the text, whole and streamed', async () => {
    const request = { model: model('thinking'), messages: hello, maxTokens: 4_000 };
    const answer = await client.chat(request);
    const [first] = answer.message.content ?? [];
    expect(first).toMatchObject({ type: 'thinking', thinking: 'Let me think about that first.' });
    const { thinking, text } = await collect(await client.chatStream(request));
    expect(thinking).toBe('Let me think about that first.');
    expect(text).toBe(plainText);
  });

  test('parallel tool calls and their results go round', async () => {
    const question: Cohere.ChatMessages = [
      { role: 'system', content: 'You are terse.' },
      { role: 'user', content: 'Weather and time in Paris?' },
    ];
    const request = {
      model: model('parallel-tools'),
      messages: question,
      tools: [weather, time],
      maxTokens: 100,
    };
    const first = await client.chat(request);
    expect(first.finishReason).toBe('TOOL_CALL');
    const calls = first.message.toolCalls ?? [];
    expect(calls.map((call) => [call.function?.name, JSON.parse(call.function?.arguments ?? '')])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    const streamed = await collect(await client.chatStream(request));
    expect(streamed.end?.finishReason).toBe('TOOL_CALL');
    expect(streamed.calls.map(({ name, text }) => [name, JSON.parse(text)])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { zone: 'Europe/Paris' }],
    ]);
    const second = await client.chat({
      ...request,
      messages: [
        ...question,
        { role: 'assistant', toolCalls: calls, toolPlan: 'I will look.' },
        { role: 'tool', toolCallId: calls[0]!.id, content: '21 degrees' },
        {
          role: 'tool',
          toolCallId: calls[1]!.id,
          content: [{ type: 'document', document: { id: 'clock', data: { text: 'noon' } } }],
        },
      ],
    });
    expect(texts(second)).toBe('It is 21 degrees in Paris.');
    const body = JSON.stringify(harness.mock.lastRequest().json);
    for (const said of ['You are terse.', 'I will look.', '21 degrees', 'noon']) expect(body).toContain(said);
  });

  test('a tool is forced, and tools are forbidden', async () => {
    const request = { model: model('ok'), messages: hello, tools: [weather], maxTokens: 100 };
    await client.chat({ ...request, toolChoice: 'REQUIRED' });
    expect([pick(sent('tool_choice'), 'type') ?? sent('tool_choice')]).toEqual([
      { co: 'REQUIRED', oa: 'required', an: 'any' }[provider],
    ]);
    await client.chat({ ...request, toolChoice: 'NONE' });
    expect([pick(sent('tool_choice'), 'type') ?? sent('tool_choice')]).toEqual([
      { co: 'NONE', oa: 'none', an: 'none' }[provider],
    ]);
  });

  test('images reach the model', async () => {
    await client.chat({
      model: model('ok'),
      maxTokens: 100,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', imageUrl: { url: pixel } },
          ],
        },
      ],
    });
    expect(JSON.stringify(harness.mock.lastRequest().json)).toContain(pixel.split(',')[1]);
  });

  test('an answer in JSON of a schema', async () => {
    const schema = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] };
    const answer = await client.chat({
      model: model('json'),
      messages: hello,
      maxTokens: 100,
      responseFormat: { type: 'json_object', jsonSchema: schema },
    });
    expect(JSON.parse(texts(answer))).toMatchObject({ answer: 42 });
    const asked = {
      co: 'response_format.json_schema',
      oa: 'response_format.json_schema.schema',
      an: 'output_config.format.schema',
    };
    expect(sent(asked[provider as 'co'])).toMatchObject({ type: 'object', required: ['answer'] });
  });

  test('documents are shown to the model', async () => {
    await client.chat({
      model: model('ok'),
      messages: hello,
      maxTokens: 100,
      documents: [
        'Emperor penguins are tall.',
        { id: 'd2', data: { title: 'Rockhoppers', text: 'are small' } },
      ],
    });
    const body = JSON.stringify(harness.mock.lastRequest().json);
    for (const said of ['Emperor penguins are tall.', 'Rockhoppers', 'are small'])
      expect(body).toContain(said);
  });

  test('settings go along, within what the provider takes', async () => {
    await client.chat({
      model: model('ok'),
      messages: hello,
      maxTokens: 77,
      temperature: 0.3,
      p: 0.5,
      stopSequences: ['END'],
    });
    expect(sent('max_tokens') ?? sent('max_completion_tokens')).toBe(77);
    expect(sent('temperature')).toBe(0.3);
    expect(sent({ co: 'p', oa: 'top_p', an: 'top_p' }[provider]!) ?? 0.5).toBe(0.5);
    expect(sent({ co: 'stop_sequences', oa: 'stop', an: 'stop_sequences' }[provider]!)).toEqual(['END']);
  });

  test.each([400, 401, 404, 422, 429, 500, 503])(
    'a refusal with %i raises with what the provider said',
    async (status) => {
      const refused = client.chat({ model: model(`status:${status}`), messages: hello, maxTokens: 100 });
      const error = await refused.then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(error).toBeInstanceOf(CohereError);
      expect((error as CohereError).statusCode).toBe(status);
      expect(pick((error as CohereError).body, 'message')).toContain(`mock says ${status}`);
    },
  );

  test('an error in the middle of a stream is told, and nothing comes behind it', async () => {
    const stream = await client.chatStream({
      model: model('text:20+error-after:3'),
      messages: hello,
      maxTokens: 100,
    });
    const { text, end, types } = await collect(stream);
    expect(text).toBe('t0 t1 t2');
    expect(end?.finishReason).toBe('ERROR');
    expect(end?.error).toContain('broke in the middle');
    expect(types.at(-1)).toBe('message-end');
  });

  test('a client that leaves ends the work at the provider', async () => {
    const abort = new AbortController();
    const name = model('text:500+pace:20');
    const stream = await client.chatStream(
      { model: name, messages: hello, maxTokens: 1000 },
      { abortSignal: abort.signal },
    );
    await expect(async () => {
      for await (const event of stream) if (event.type === 'content-delta') abort.abort();
    }).rejects.toThrow();
    const request = await harness.mock.waitFor(({ aborted }) => aborted);
    expect(request.model).toBe('text:500+pace:20');
  });
});

test('a request without a key or with a wrong field is refused in words of Cohere', async () => {
  const stranger = new CohereClientV2({ environment: harness.url, token: 'no-key', maxRetries: 0 });
  const refusal = async (work: Promise<unknown>) => {
    const error = (await work.then(
      () => null,
      (cause: unknown) => cause,
    )) as CohereError;
    const { statusCode: status, body } = error;
    return { status, id: pick(body, 'id'), code: pick(body, 'code'), message: pick(body, 'message') };
  };
  expect(await refusal(stranger.chat({ model: 'co/ok', messages: hello }))).toMatchObject({
    status: 401,
    code: 'GW_CLIENT_AUTH',
    message: expect.stringContaining('key'),
    id: expect.any(String),
  });
  expect(await refusal(client.chat({ model: 'oa/ok', messages: [] }))).toMatchObject({
    status: 400,
    message: expect.stringContaining('messages'),
  });
});

test('models are listed and shown as Cohere lists and shows its own', async () => {
  const { models } = await client.models.list({ pageSize: 1000 });
  expect(models.map(({ name }) => name)).toContain('co/ok');
  expect(models.every(({ endpoints }) => endpoints?.includes('chat'))).toBe(true);
  expect(await client.models.get('co/ok')).toMatchObject({ name: 'co/ok', endpoints: ['chat'] });
});

test('the byte path is byte-exact, whole and streamed', async () => {
  const ask = (stream: boolean) =>
    fetch(`${harness.url}/v2/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'co/exotic', messages: hello, x_unknown: 1.0, stream }).replace(
        '"x_unknown":1,',
        '',
      ),
    }).then((answer) => answer.text());
  expect(await ask(false)).toContain('"big":12345678901234567890,"f":1.0,"e":1e3');
  expect(await ask(true)).toContain('id: 9\nevent: content-delta\n');
});
