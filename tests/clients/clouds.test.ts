// The vendors' own packages through the gateway to models in clouds, which the gateway signs in to: Claude and Gemini on Vertex by a
// service account, GPT on Azure by Entra, all of Databricks as a service principal. The mock takes only what the clouds take.
import { generateKeyPairSync } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asVertex } from '../kit/as-vertex.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { startTokenServer, type TokenServer } from '../kit/token-server.ts';

const plainText = 'Hello from the mock provider, all is well.';
const hello = [{ role: 'user' as const, content: 'hello' }];
const CLAUDE = 'vertex/claude-sonnet-4-5@20250929';
const GEMINI = 'gemini-2.5-flash';

let mock: MockUpstream;
let tokens: TokenServer;
let gateway: GatewayProcess;
let openai: OpenAI;
let anthropic: Anthropic;
let gemini: GoogleGenAI;

beforeAll(async () => {
  [mock, tokens] = await Promise.all([startMock(), startTokenServer()]);
  const at = (name: string): string => `http://127.0.0.1:${mock.port}/at/${name}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    project_id: 'my-project',
    client_email: 'gate@my-project.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: `${tokens.url}/token`,
  };
  const retries = { max: 0 };
  gateway = await startGateway({
    config: {
      auth: { keys: [gateKey] },
      providers: {
        // The project is that of the account.
        vertex: {
          region: 'europe-west4',
          baseUrl: at('vertex'),
          keys: [{ google: { credentials: JSON.stringify(account) } }],
          retries,
        },
        azure: {
          baseUrl: at('azure'),
          keys: [
            { azure: { tenantId: 't', clientId: 'c', clientSecret: 'of-the-app', authority: tokens.url } },
          ],
          retries,
        },
        databricks: {
          baseUrl: at('databricks'),
          keys: [{ oauth: { tokenUrl: `${tokens.url}/oidc/v1/token`, clientId: 'c', clientSecret: 's' } }],
          retries,
        },
      },
    },
  });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateKey, maxRetries: 0 });
  gemini = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: `${gateway.url}/vertex` } });
});
afterAll(async () => {
  await gateway?.stop();
  await Promise.all([mock?.close(), tokens?.close()]);
});

const bearer = (): string | undefined => mock.lastRequest().headers['authorization'];

describe('the openai package', () => {
  test.each(['azure/my-gpt', 'databricks/my-endpoint', CLAUDE, `vertex/${GEMINI}`, 'vertex/meta/llama-maas'])(
    'has a chat with %s, whole and streamed',
    async (model) => {
      const whole = await openai.chat.completions.create({ model, messages: hello });
      expect(whole.choices[0]?.message.content).toBe(plainText);
      let text = '';
      for await (const chunk of await openai.chat.completions.create({
        model,
        messages: hello,
        stream: true,
      }))
        text += chunk.choices[0]?.delta.content ?? '';
      expect(text).toBe(plainText);
      expect(bearer()).toMatch(/^Bearer token-\d+$/);
    },
  );

  test('gets Responses from Azure as they are', async () => {
    const answer = await openai.responses.create({ model: 'azure/my-gpt', input: 'hello', store: false });
    expect(answer.output_text).toBe(plainText);
    expect(mock.lastRequest().path).toBe('/v1/responses');
  });
});

describe('the anthropic package', () => {
  test.each([CLAUDE, 'azure/my-gpt', 'databricks/databricks-claude-x', `vertex/${GEMINI}`])(
    'has a turn with %s, whole and streamed',
    async (model) => {
      const request = { model, max_tokens: 100, messages: hello };
      const whole = await anthropic.messages.create(request);
      expect(whole.content[0]).toMatchObject({ type: 'text', text: plainText });
      const streamed = await anthropic.messages.stream(request).finalMessage();
      expect(streamed.content[0]).toMatchObject({ type: 'text', text: plainText });
    },
  );

  test('marks a beta call, which Vertex would not know in its query', async () => {
    const whole = await anthropic.beta.messages.create({
      model: CLAUDE,
      max_tokens: 100,
      messages: hello,
      betas: ['x-1'],
    });
    expect(whole.content[0]).toMatchObject({ type: 'text', text: plainText });
    expect(mock.lastRequest().headers['anthropic-beta']).toContain('x-1');
  });

  test('counts tokens by Vertex’s own counter', async () => {
    const { input_tokens: count } = await anthropic.messages.countTokens({ model: CLAUDE, messages: hello });
    expect(count).toBe(42);
    expect(mock.lastRequest().json).toMatchObject({ model: CLAUDE.slice('vertex/'.length) });
  });

  test('gets there as a client of Vertex, by the name that the model has there', async () => {
    const vertex = new Anthropic({
      baseURL: `${gateway.url}/vertex`,
      authToken: gateKey,
      apiKey: null,
      maxRetries: 0,
      fetch: asVertex,
    });
    const model = CLAUDE.slice('vertex/'.length);
    const request = { model, max_tokens: 100, messages: hello };
    const whole = await vertex.messages.create(request);
    expect(whole.content[0]).toMatchObject({ type: 'text', text: plainText });
    const streamed = await vertex.messages.stream(request).finalMessage();
    expect(streamed.content[0]).toMatchObject({ type: 'text', text: plainText });
    expect((await vertex.messages.countTokens({ model, messages: hello })).input_tokens).toBe(42);
  });

  test('hears what Claude refuses in Claude’s words', async () => {
    const asked = anthropic.messages.create({
      model: 'vertex/claude-x+status:429',
      max_tokens: 9,
      messages: hello,
    });
    await expect(asked).rejects.toMatchObject({ status: 429 });
  });
});

test('the genai package has Gemini on Vertex as it is', async () => {
  const request = { model: GEMINI, contents: 'hello' };
  expect((await gemini.models.generateContent(request)).text).toBe(plainText);
  let text = '';
  for await (const chunk of await gemini.models.generateContentStream(request)) text += chunk.text ?? '';
  expect(text).toBe(plainText);
});

test('each cloud was signed in to once for all of it', () => {
  expect(tokens.seen.map(({ path }) => path).sort()).toEqual([
    '/oidc/v1/token',
    '/t/oauth2/v2.0/token',
    '/token',
  ]);
});
