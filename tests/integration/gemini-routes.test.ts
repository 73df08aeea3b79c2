// Gemini's routes as its REST clients use them: keys in the query, paths of every version, streams with and without
// `alt=sse`, and bytes as they came.
import { describe, expect, test } from 'vitest';
import { call } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { mockGemini } from '../kit/mock-gemini.ts';

const harness = useGateway({
  dialects: true,
  models: { fast: { targets: ['ge/ok'] }, either: { targets: ['ge/error-first:503', 'oa/ok'] } },
  rest: { log: { level: 'info' } },
});

const plainText = 'Hello from the mock provider, all is well.';
const hello = '{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}';
const path = (model: string, verb = 'generateContent') => `/v1beta/models/${model}:${verb}`;
const stream = (model: string) => path(model, 'streamGenerateContent');

/** What a client hears that reads the whole answer as one JSON list. */
function heard(text: string): { said: string; last: unknown; list: unknown[] } {
  const list = JSON.parse(text) as unknown[];
  const said = list.map((each) => {
    const parts = pick(each, 'candidates.0.content.parts');
    return Array.isArray(parts) ? parts.map((part) => pick(part, 'text') ?? '').join('') : '';
  });
  return { said: said.join(''), last: list.at(-1), list };
}

describe('a path', () => {
  test.each([
    '/v1beta/models/ge/ok:generateContent',
    '/v1/models/ge/ok:generateContent',
    '/v1beta1/models/ge%2Fok:generateContent',
    '/v1beta/models/ge/ok%3AgenerateContent',
    '/gemini/v1beta/models/ge/ok:generateContent',
    '/genai/v1beta/models/fast:generateContent',
    '/ge/v1beta/models/ok:generateContent',
    '/v1beta1/projects/p/locations/l/publishers/google/models/fast:generateContent',
  ])('%s is answered', async (where) => {
    const answer = await call(harness, where, { body: hello });
    expect(answer.status, answer.text).toBe(200);
    expect(pick(answer.json, 'candidates.0.content.parts.0.text')).toBe(plainText);
    expect(harness.mock.lastRequest().target).toBe('/v1beta/models/ok:generateContent');
  });

  test('of another method is refused in the words of Gemini', async () => {
    const answer = await call(harness, path('fast'));
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
    expect(pick(answer.json, 'error.status')).toBe('UNIMPLEMENTED');
  });

  test('that is none is told so in the words of Gemini, with the id of the request', async () => {
    for (const where of ['/v1beta/nothing', '/v1beta/models/m:batchNothing']) {
      const answer = await call(harness, where, { body: hello });
      expect(pick(answer.json, 'error.code')).toBe(answer.status);
      expect(answer.text).toContain(answer.headers['x-request-id']);
    }
  });
});

describe('a key', () => {
  test.each([
    ['in the query', `?key=${gateKey}`, {}],
    ['in the query, among others', `?prettyPrint=false&key=${gateKey}`, {}],
    ['in its header', '', { 'x-goog-api-key': gateKey }],
  ])('%s is taken, and ends here', async (_, query, headers) => {
    const answer = await call(harness, path('fast') + query, { body: hello, key: null, headers });
    expect(answer.status).toBe(200);
    const { head, target } = harness.mock.lastRequest();
    expect(head).not.toContain(gateKey);
    expect(target).toBe('/v1beta/models/ok:generateContent');
    expect(harness.gateway.output()).not.toContain(gateKey);
  });

  test.each(['?key=wrong-key-of-somebody', '?key=', '?keys=x', ''])('%s is refused', async (query) => {
    const answer = await call(harness, path('fast') + query, { body: hello, key: null });
    expect(answer.status).toBe(401);
    expect(pick(answer.json, 'error.status')).toBe('UNAUTHENTICATED');
    expect(harness.gateway.output()).not.toContain('wrong-key-of-somebody');
  });
});

describe('bytes', () => {
  const odd = ` {\r\n "x_big":12345678901234567890, "contents" : [{"parts":[{"text":"caf\\u00e9 \\/ é 😀"}],"role":"user","x":1.0}] ,"generationConfig":{"temperature": 0.70 }\t}\n`;

  test('of a request arrive as they were written', async () => {
    const answer = await call(harness, path('ge/lax'), { body: odd });
    expect(answer.status).toBe(200);
    expect(harness.mock.lastRequest().body.toString()).toBe(odd);
  });

  test('of an answer and of a stream arrive as they were written', async () => {
    const whole = await call(harness, path('ge/exotic'), { body: hello });
    expect(whole.text).toBe(mockGemini.exoticAnswer);
    const streamed = await call(harness, `${stream('ge/exotic')}?alt=sse`, { body: hello });
    expect(streamed.headers['content-type']).toContain('text/event-stream');
    expect(streamed.text).toBe(mockGemini.exoticStream);
  });

  test('of an error arrive as they were written', async () => {
    const answer = await call(harness, path('ge/status:429:retry-after=3'), { body: hello });
    expect(answer.status).toBe(429);
    expect(answer.json).toEqual({
      error: { code: 429, message: 'mock says 429', status: 'RESOURCE_EXHAUSTED' },
    });
    expect(answer.headers['retry-after']).toBe('3');
  });

  test("of another maker's signature do not go to Gemini", async () => {
    const foreign = Buffer.from('proof:hg1.anthropic.c2ln').toString('base64');
    const body = (signature: string) =>
      `{"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":${signature}},{"text":"a"}]},{"role":"user","parts":[{"text":"n"}]}]}`;
    const answer = await call(harness, path('ge/lax'), { body: body(`"${foreign}"`) });
    expect(answer.headers['x-headgate-adapted']).toBe('contents[].parts[].thoughtSignature');
    expect(harness.mock.lastRequest().body.toString()).toBe(body('null'));
  });
});

describe.each([
  ['a Gemini upstream', 'ge'],
  ['an OpenAI upstream', 'oa'],
])('a stream that nobody asked events for, of %s', (_, provider) => {
  test('is one JSON list, sent in pieces', async () => {
    const answer = await call(harness, stream(`${provider}/ok+pace:10`), { body: hello });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('application/json');
    const { said, last, list } = heard(answer.text);
    expect(said).toBe(plainText);
    expect(list.length).toBeGreaterThan(5);
    expect(last).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: { candidatesTokenCount: 8 },
    });
    if (provider === 'ge')
      expect(harness.mock.lastRequest().target).toContain(':streamGenerateContent?alt=sse');
  });

  test('is one with an error at its end where it broke', async () => {
    for (const fault of ['error-after:3:503', 'cut-fin-after:3', 'cut-rst-after:3', 'garbage-after:3']) {
      const answer = await call(harness, stream(`${provider}/${fault}`), { body: hello });
      const { said, last } = heard(answer.text);
      expect(said).toBe('Hello from the');
      expect(pick(last, 'error.code')).toBeGreaterThanOrEqual(500);
      expect(pick(last, 'error.message')).toBeTruthy();
    }
  });

  test('that fails before it began is an error', async () => {
    const answer = await call(harness, stream(`${provider}/status:503`), { body: hello });
    expect(answer.status).toBe(503);
    expect(pick(answer.json, 'error.code')).toBe(503);
  });

  test('is one where the upstream answered whole', async () => {
    const answer = await call(harness, stream(`${provider}/whole`), { body: hello });
    expect(heard(answer.text).said).toBe(plainText);
  });
});

test('a stream whose first target fails goes on at the next, in one list', async () => {
  const answer = await call(harness, stream('either'), { body: hello });
  expect(heard(answer.text).said).toBe(plainText);
});

test('what a client may send by mistake is a 400 that names the field, never a 500', async () => {
  for (const [body, field] of [
    ['{}', 'contents'],
    ['{"contents":[]}', 'contents'],
    ['{"contents":null}', 'contents'],
    ['{"contents":[null]}', 'contents[0]'],
    ['{"contents":[{"parts":[null]}]}', 'contents[0].parts[0]'],
    ['{"contents":[{"role":"user","parts":[]}]}', 'contents[0].parts'],
    ['{"contents":[{"role":"robot","parts":[{"text":"x"}]}]}', 'contents[0].role'],
    ['{"contents":"x","generation_config":{"max_output_tokens":"x"}}', 'generation_config.max_output_tokens'],
  ] as const) {
    for (const verb of ['generateContent', 'streamGenerateContent?alt=sse', 'streamGenerateContent']) {
      const answer = await call(harness, path('oa/ok', verb), { body });
      expect(answer.status, body).toBe(400);
      expect(pick(answer.json, 'error.status')).toBe('INVALID_ARGUMENT');
      expect(answer.text).toContain(`"field":"${field}"`);
      expect(answer.text).toContain(answer.headers['x-request-id']);
    }
  }
});

describe('models', () => {
  test('are listed as the caller reads them', async () => {
    const headers = { 'x-goog-api-key': gateKey };
    const beta = await call(harness, '/v1beta/models?pageSize=1', { key: null, headers });
    expect(pick(beta.json, 'models.0')).toMatchObject({
      name: 'models/fast',
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    });
    const next = pick(beta.json, 'nextPageToken');
    expect(next).toBe('fast');
    const second = await call(harness, `/v1beta/models?pageToken=${String(next)}`, { key: null, headers });
    expect(second.text).not.toContain('models/fast');
    const stable = await call(harness, '/v1/models', { key: null, headers });
    expect(pick(stable.json, 'models.0.name')).toBe('models/fast');
    expect(stable.text).toContain('models/ge/ok');
    const openai = await call(harness, '/v1/models');
    expect(openai.json).toMatchObject({ object: 'list' });
    const card = await call(harness, '/v1beta/models/fast', { key: null, headers });
    expect(card.json).toMatchObject({ name: 'models/fast' });
    const bad = await call(harness, '/v1beta/models?pageSize=-1', { key: null, headers });
    expect(pick(bad.json, 'error.status')).toBe('INVALID_ARGUMENT');
  });
});
