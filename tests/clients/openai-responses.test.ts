// The real `openai` package's Responses through the gateway, to an upstream of each dialect (our own mock).
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { beforeAll, describe, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';

const harness = useGateway({ dialects: true });
let client: OpenAI;
beforeAll(() => {
  client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});

const plainText = 'Hello from the mock provider, all is well.';
const weather = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The body the mock got last. */
const sent = (): unknown => harness.mock.lastRequest().json;

async function collect(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe.each([
  ['Responses', 'rs'],
  ['Chat', 'oa'],
  ['Anthropic', 'an'],
  ['Cohere', 'co'],
])('Responses client, an upstream of %s', (_, provider) => {
  const model = (name: string) => `${provider}/${name}`;

  test('an answer comes whole, with ids, usage and what SDKs read', async () => {
    const { data, response } = await client.responses
      .create({ model: model('ok'), input: 'hello', instructions: 'Be brief.' })
      .withResponse();
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      output_text: plainText,
    });
    expect(data.id).toMatch(/^resp_/);
    expect(data.output).toMatchObject([{ type: 'message', role: 'assistant', status: 'completed' }]);
    expect(data.usage).toMatchObject({ input_tokens: 12, output_tokens: 8, total_tokens: 20 });
    expect(data.usage?.output_tokens_details.reasoning_tokens).toBe(0);
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(JSON.stringify(sent())).toContain('Be brief.');
    expect(JSON.stringify(sent())).toContain('hello');
  });

  test('a stream is numbered from 0, begins once, ends once and says all it said', async () => {
    const events = await collect(
      await client.responses.create({ model: model('thinking+with-text'), input: 'hello', stream: true }),
    );
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((__, at) => at));
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
    expect(events.filter(({ type }) => type === 'response.completed')).toHaveLength(1);
    const last = events.at(-1);
    expect(last?.type).toBe('response.completed');
    const added = events.filter(({ type }) => type === 'response.output_item.added');
    const done = events.flatMap((event) => (event.type === 'response.output_item.done' ? event.item : []));
    expect(done).toHaveLength(added.length);
    if (last?.type !== 'response.completed') throw new Error('no end');
    expect(last.response.output).toEqual(done);
    expect(last.response.usage?.input_tokens).toBe(12);
    const text = events
      .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
      .join('');
    expect(text).toBe(plainText);
    if (provider !== 'oa') expect(done.some((item) => item.type === 'reasoning')).toBe(true);
  });

  test('the stream helper of the SDK builds the same final answer', async () => {
    const final = await client.responses
      .stream({ model: model('parallel-tools'), input: 'hello', tools: [weather] })
      .finalResponse();
    const calls = final.output.flatMap((item) => (item.type === 'function_call' ? item : []));
    expect(calls.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
    expect(calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([
      { city: 'Paris' },
      { zone: 'Europe/Paris' },
    ]);
  });

  test('a loop of tools goes round: output items go back as they came', async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather in Paris?' }];
    const asked = { model: model('thinking+tools'), tools: [weather], input };
    const first = await client.responses.create(asked);
    const call = first.output.find((item) => item.type === 'function_call');
    if (call === undefined) throw new Error('no call');
    expect(JSON.parse(call.arguments)).toEqual({ city: 'Paris' });
    input.push(...(first.output as OpenAI.Responses.ResponseInput));
    input.push({ type: 'function_call_output', call_id: call.call_id, output: '21 degrees' });
    const second = await client.responses.create(asked);
    expect(second.output_text).toBe('It is 21 degrees in Paris.');
    expect(JSON.stringify(sent())).toContain('21 degrees');
    expect(JSON.stringify(sent())).not.toContain('hg1.');
  });

  test('a picture, a forced tool and a schema arrive as the upstream has them', async () => {
    await client.responses.create({
      model: model('ok'),
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${pixel}` },
          ],
        },
      ],
      tools: [weather],
      tool_choice: 'required',
    });
    expect(JSON.stringify(sent())).toContain(pixel);
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    };
    await client.responses.create({
      model: model('json'),
      input: 'Count.',
      text: { format: { type: 'json_schema', name: 'count', schema, strict: true } },
    });
    expect(JSON.stringify(sent())).toContain('"integer"');
  });

  test('refusals come as errors of OpenAI’s, with status and code', async () => {
    const error = await client.responses
      .create({ model: model('status:429:retry-after=3'), input: 'hello' })
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
  });

  test('an error in the middle of a stream is raised, behind what was said', async () => {
    const stream = await client.responses.create({
      model: model('error-after:3'),
      input: 'hello',
      stream: true,
    });
    let said = '';
    const reading = (async () => {
      for await (const event of stream) if (event.type === 'response.output_text.delta') said += event.delta;
    })();
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(said).not.toBe('');
  });

  test('a stream that is left is left at the upstream too', async () => {
    const stream = await client.responses.create({
      model: model('text:200+pace:20'),
      input: 'hello',
      stream: true,
    });
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') break;
    }
    stream.controller.abort();
    await expect.poll(() => harness.mock.running()).toBe(0);
  });
});

describe('what cannot be had', () => {
  test('a previous response that nobody made is not found, whatever the upstream speaks', async () => {
    for (const model of ['rs/ok', 'an/ok']) {
      const error = await client.responses
        .create({ model, input: 'go on', previous_response_id: 'resp_1' })
        .catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect(error).toMatchObject({
        status: 404,
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      });
    }
  });

  test('a hosted tool is refused by name', async () => {
    const error = await client.responses
      .create({ model: 'an/ok', input: 'hello', tools: [{ type: 'web_search' }] })
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ status: 400, param: 'tools[0]' });
  });
});
