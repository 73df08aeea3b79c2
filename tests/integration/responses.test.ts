// Responses through a whole gateway: byte for byte to a provider that speaks it, numbered errors, requests with tools that
// their model takes there alone, and what Codex asks before it asks anything.
import { describe, expect, test } from 'vitest';
import { call, chatPath, messagesPath } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { mockResponses } from '../kit/mock-responses.ts';
import { rawCall } from '../kit/raw.ts';
import { parseSse } from '../kit/sse.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const path = '/v1/responses';
const harness = useGateway(({ openaiUrl }) => ({
  dialects: true,
  providers: {
    both: {
      dialect: ['openai-chat', 'openai-responses'],
      baseUrl: openaiUrl,
      keys: [upstreamKeys.oa],
      retries: { max: 0 },
    },
  },
}));
const last = () => harness.mock.lastRequest();

describe('the byte path', () => {
  test('a request goes up as it came, but for its model, whatever its query says', async () => {
    const body =
      '{ "model":"rs/ok" , "input" : [{"role":"user","content":"caf\\u00e9","x_odd":1.0}],"store":true,"big":12345678901234567890}';
    const answer = await call(harness, `${path}?beta=true`, {
      body: body.replace('"big"', '"user":"u","top_p"').replace('12345678901234567890', '0.10'),
    });
    expect(answer.status).toBe(200);
    expect(last().path).toBe(path);
    expect(last().headers['authorization']).toBe(`Bearer ${upstreamKeys.rs}`);
    expect(last().body.toString()).toBe(
      '{ "model":"ok" , "input" : [{"role":"user","content":"caf\\u00e9","x_odd":1.0}],"store":true,"user":"u","top_p":0.10}',
    );
  });

  test('answers and streams come back byte for byte, odd ones too', async () => {
    const whole = await call(harness, path, { body: { model: 'rs/exotic+lax', input: 'hi' } });
    expect(whole.text).toBe(mockResponses.exoticAnswer);
    const streamed = await call(harness, path, {
      body: { model: 'rs/exotic+lax', input: 'hi', stream: true },
    });
    expect(streamed.text).toBe(mockResponses.exoticStream);
  });

  test('a stream cut into single bytes, with every event missing its name, is whole and named', async () => {
    const answer = await call(harness, path, {
      body: { model: 'rs/text:9+split:1', input: 'hi', stream: true },
    });
    const events = parseSse(answer.text);
    expect(events.map(({ json }) => pick(json, 'sequence_number'))).toEqual(events.map((_, at) => at));
    expect(events.every(({ event, json }) => event === pick(json, 'type'))).toBe(true);
    expect(events.at(-1)?.event).toBe('response.completed');
  });

  test.each([
    ['rs', 'breaks off', 'cut-fin-after:3'],
    ['rs', 'stops at garbage', 'garbage-after:3'],
    ['an', 'breaks off, translated', 'cut-fin-after:3'],
  ])(
    '%s: a stream that %s ends with one error event, numbered behind the rest',
    async (provider, _, script) => {
      const body = { model: `${provider}/text:20+${script}`, input: 'hi', stream: true };
      const answer = await call(harness, path, { body });
      const events = parseSse(answer.text);
      expect(events.filter(({ event }) => event === 'error')).toHaveLength(1);
      expect(events.at(-1)?.event).toBe('error');
      expect(events.map(({ json }) => pick(json, 'sequence_number'))).toEqual(events.map((__, at) => at));
      expect(pick(events.at(-1)?.json, 'error.message')).toBe(pick(events.at(-1)?.json, 'message'));
    },
  );
});

describe('tools that a model takes on Responses alone', () => {
  const messages = [{ role: 'user', content: 'Weather in Paris?' }];
  const fn = { name: 'get_weather', parameters: { type: 'object', properties: {} } };
  const model = 'both/gpt-6-astra-+tools';

  test('a Chat request with tools goes up as Responses and comes back as Chat, whole and streamed', async () => {
    const tools = [{ type: 'function', function: fn }];
    const whole = await call(harness, chatPath, { body: { model, messages, tools } });
    expect(last().path).toBe(path);
    expect(pick(last().json, 'tools.0')).toMatchObject({
      type: 'function',
      name: 'get_weather',
      strict: false,
    });
    expect(pick(whole.json, 'choices.0.message.tool_calls.0.function.name')).toBe('get_weather');
    expect(pick(whole.json, 'choices.0.finish_reason')).toBe('tool_calls');
    const streamed = await call(harness, chatPath, { body: { model, messages, tools, stream: true } });
    expect(last().path).toBe(path);
    expect(streamed.text).toContain('"finish_reason":"tool_calls"');
    expect(streamed.text).toContain('[DONE]');
  });

  test('a Messages request with tools does too, one without them stays on Chat', async () => {
    const asked = { model, max_tokens: 50, messages };
    const tools = [{ name: 'get_weather', input_schema: { type: 'object' } }];
    const answer = await call(harness, messagesPath, { body: { ...asked, tools } });
    expect(last().path).toBe(path);
    expect(pick(answer.json, 'stop_reason')).toBe('tool_use');
    await call(harness, messagesPath, { body: asked });
    expect(last().path).toBe(chatPath);
    await call(harness, chatPath, { body: { model, messages } });
    expect(last().path).toBe(chatPath);
    await call(harness, path, { body: { model, input: 'hi' } });
    expect(last().path).toBe(path);
  });

  test('another model stays on Chat with its tools, byte for byte', async () => {
    const body = JSON.stringify({
      model: 'both/tools',
      messages,
      tools: [{ type: 'function', function: fn }],
    });
    await call(harness, chatPath, { body });
    expect(last().path).toBe(chatPath);
    expect(last().body.toString()).toBe(body.replace('both/', ''));
  });
});

describe('a body in the shape of Responses on the route of Chat, as Cursor sends it', () => {
  const tools = [
    { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} } },
    { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } },
  ];

  test.each(['oa', 'an', 'rs'])('is answered as Chat, whole and streamed, by %s', async (provider) => {
    const body = { model: `${provider}/tools`, input: [{ role: 'user', content: 'weather?' }], tools };
    const whole = await call(harness, chatPath, { body });
    expect(pick(whole.json, 'object')).toBe('chat.completion');
    expect(pick(whole.json, 'choices.0.message.tool_calls.0.function.name')).toBe('get_weather');
    const streamed = await call(harness, chatPath, { body: { ...body, stream: true } });
    expect(streamed.text).toContain('chat.completion.chunk');
    expect(streamed.text).toContain('[DONE]');
  });

  test('what Chat cannot hold is refused by name', async () => {
    const body = { model: 'oa/ok', input: [{ type: 'item_reference', id: 'x' }] };
    const answer = await call(harness, chatPath, { body });
    expect(answer.status).toBe(400);
    expect(pick(answer.json, 'error.param')).toBe('input[0].type');
  });
});

describe('answers of another kind than was asked for', () => {
  test('a whole answer to who asked for a stream is told as one, with what it repeats of its request', async () => {
    const body = { model: 'rs/whole', input: 'hi', instructions: 'Be brief.', stream: true };
    const answer = await call(harness, path, { body });
    const events = parseSse(answer.text);
    expect(events[0]?.event).toBe('response.created');
    expect(pick(events[0]?.json, 'response.instructions')).toBe('Be brief.');
    expect(events.at(-1)?.event).toBe('response.completed');
  });

  test('a stream to who did not is gathered', async () => {
    const answer = await call(harness, path, {
      body: { model: 'rs/streams', input: 'hi', temperature: 0.5 },
    });
    expect(pick(answer.json, 'object')).toBe('response');
    expect(pick(answer.json, 'output.0.content.0.text')).toBe('Hello from the mock provider, all is well.');
    expect(pick(answer.json, 'temperature')).toBe(0.5);
  });
});

test('a previous response that nobody here made is a 404, whoever is asked', async () => {
  for (const model of ['an/ok', 'rs/ok']) {
    const body = { model, fallbacks: ['rs/ok'], input: 'go on', previous_response_id: 'resp_1' };
    const answer = await call(harness, path, { body });
    expect(answer.status).toBe(404);
    expect(pick(answer.json, 'error.code')).toBe('previous_response_not_found');
  }
  expect(harness.mock.requests).toEqual([]);
});

describe('the route', () => {
  test('a WebSocket upgrade of another path is a 426 in OpenAI’s shape, a plain GET a 405', async () => {
    const head = `GET ${path}/input_tokens HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer ${gateKey}\r\n`;
    const upgrade = 'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n';
    const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const refused = await rawCall(harness.port, `${head}${upgrade}${key}\r\n`);
    expect(refused.status).toBe(426);
    expect(refused.headers['upgrade']).toBe('HTTP/1.1');
    expect(pick(JSON.parse(refused.body.toString()), 'error.type')).toBe('invalid_request_error');
    const plain = await call(harness, path);
    expect(plain.status).toBe(405);
    expect(pick(plain.json, 'error.type')).toBe('invalid_request_error');
  });

  test('input tokens are asked for where the upstream counts, and estimated elsewhere', async () => {
    const counted = await call(harness, `${path}/input_tokens`, {
      body: { model: 'rs/ok', input: 'hi there' },
    });
    expect(counted.json).toEqual({ object: 'response.input_tokens', input_tokens: 42 });
    const body = {
      model: 'an/ok',
      instructions: 'Be brief.',
      input: [{ role: 'user', content: 'hi there' }],
    };
    const translated = await call(harness, `${path}/input_tokens`, { body });
    expect(translated.json).toEqual({ object: 'response.input_tokens', input_tokens: 42 });
    expect(translated.headers['x-headgate-estimated']).toBeUndefined();
    expect(harness.mock.lastRequest()).toMatchObject({
      path: '/v1/messages/count_tokens',
      json: { model: 'ok', system: 'Be brief.', messages: [{ role: 'user' }] },
    });
    expect(harness.mock.lastRequest().json).not.toHaveProperty('max_tokens');
    const estimated = await call(harness, `${path}/input_tokens`, { body: { ...body, model: 'oa/ok' } });
    expect(pick(estimated.json, 'object')).toBe('response.input_tokens');
    expect(pick(estimated.json, 'input_tokens')).toBeGreaterThan(3);
    expect(estimated.headers['x-headgate-estimated']).toBe('1');
  });

  test('errors are OpenAI’s: no key, an unknown path, a body that is none', async () => {
    const keyless = await call(harness, path, { body: { model: 'rs/ok', input: 'x' }, key: null });
    expect(keyless.status).toBe(401);
    expect(pick(keyless.json, 'error.code')).toBe('invalid_api_key');
    const unknown = await call(harness, `${path}/resp_1/nothing`, { body: { x: 1 } });
    expect(unknown.status).toBe(404);
    expect(pick(unknown.json, 'error.type')).toBe('invalid_request_error');
    const missing = await call(harness, path, { body: { model: 'an/ok' } });
    expect(missing.status).toBe(400);
    expect(pick(missing.json, 'error.param')).toBe('input');
  });
});
