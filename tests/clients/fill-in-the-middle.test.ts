// A text between two others: `suffix` of completions by the real `openai` package, and Mistral's own route, each to who has the one or the other.
import OpenAI from 'openai';
import { beforeAll, expect, test } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const harness = useGateway((mock) => ({
  dialects: true,
  providers: {
    codestral: {
      vendor: 'mistral',
      baseUrl: mock.openaiUrl,
      keys: [{ value: 'sk-mi-1' }],
      models: ['codestral-*'],
    },
    deepseek: { baseUrl: mock.openaiUrl, keys: [{ value: 'sk-ds-1' }] },
  },
  models: { code: { targets: ['an/ok', 'codestral/codestral-2508'] } },
}));
let client: OpenAI;
beforeAll(() => {
  client = new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });
});

const BETWEEN = { prompt: 'def f(a):', suffix: 'return b' };
const MADE = 'def f(a): .. return b';
const sent = () => harness.mock.lastRequest();

test('a suffix goes to Mistral’s own route, in its words', async () => {
  const whole = await client.completions.create({
    ...BETWEEN,
    model: 'codestral/codestral-2508',
    seed: 3,
    stop: ['\n\n'],
    max_tokens: 9,
    temperature: 0,
  });
  expect(whole).toMatchObject({
    object: 'text_completion',
    choices: [{ index: 0, text: MADE, finish_reason: 'stop' }],
    usage: { prompt_tokens: 6, completion_tokens: 4 },
  });
  expect(sent().path).toBe('/v1/fim/completions');
  expect(sent().json).toEqual({
    ...BETWEEN,
    model: 'codestral-2508',
    random_seed: 3,
    stop: ['\n\n'],
    max_tokens: 9,
    temperature: 0,
  });
});

test('and streams', async () => {
  let text = '';
  let tokens: number | undefined;
  const asked = { ...BETWEEN, model: 'codestral/codestral-2508', stream: true } as const;
  for await (const piece of await client.completions.create({
    ...asked,
    stream_options: { include_usage: true },
  })) {
    expect(piece.object).toBe('text_completion');
    text += piece.choices[0]?.text ?? '';
    tokens = piece.usage?.total_tokens ?? tokens;
  }
  expect([text, tokens]).toEqual([MADE, 10]);
});

test('of an alias those are asked that can be told', async () => {
  expect((await client.completions.create({ ...BETWEEN, model: 'code' })).choices[0]!.text).toBe(MADE);
  // Without one the first of them is, by a chat.
  await client.completions.create({ prompt: 'Say hello.', suffix: '', model: 'code', max_tokens: 9 });
  expect(sent().path).toBe('/v1/messages');
});

test('several answers are as many calls', async () => {
  const { choices } = await client.completions.create({ ...BETWEEN, model: 'code', n: 2 });
  expect(choices.map(({ text, index }) => [index, text])).toEqual([
    [0, MADE],
    [1, MADE],
  ]);
});

test('who has completions with a suffix gets it as it came', async () => {
  await client.completions.create({ ...BETWEEN, model: 'oa/any' });
  expect(sent().json).toMatchObject({ ...BETWEEN, model: 'any' });
  await client.completions.create({ ...BETWEEN, model: 'deepseek/deepseek-chat' });
});

test('who has neither is no target: the field is named', async () => {
  await expect(client.completions.create({ ...BETWEEN, model: 'an/ok' })).rejects.toMatchObject({
    status: 400,
    param: 'suffix',
  });
});

const infill = (body: object): Promise<Response> =>
  fetch(`${harness.url}/v1/fim/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('Mistral’s clients ask by its own path: byte by byte there, as a completion elsewhere', async () => {
  const native = await infill({ ...BETWEEN, model: 'codestral-2508', random_seed: 4 });
  expect(native.status).toBe(200);
  expect(pick(await native.json(), 'choices.0.message.content')).toBe(MADE);
  expect(sent().json).toEqual({ ...BETWEEN, model: 'codestral-2508', random_seed: 4 });
  const other = await infill({ ...BETWEEN, model: 'oa/any', random_seed: 4, stream: true });
  expect(sent().json).toMatchObject({ ...BETWEEN, model: 'any', stream: true });
  const text = await other.text();
  expect(text).toContain('"object":"chat.completion.chunk"');
  expect(text).toContain('data: [DONE]');
  const refused = await infill({ ...BETWEEN, model: 'an/ok' });
  expect(refused.status).toBe(400);
  expect(pick(await refused.json(), 'error.message')).toContain('fim');
});
