// Lists of models as the vendors' SDKs read them: of a gateway that knows its providers by their keys alone, and of one
// with aliases and declared models.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

let mock: MockUpstream;
beforeAll(async () => {
  mock = await startMock();
});
afterAll(() => mock?.close());

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

describe('keys in the environment and nothing else', () => {
  let gateway: GatewayProcess;
  let openai: OpenAI;
  let anthropic: Anthropic;
  beforeAll(async () => {
    gateway = await startGateway({
      env: {
        OPENAI_API_KEY: 'sk-from-the-environment-01',
        HEADGATE_OPENAI_BASE_URL: mock.openaiUrl,
        ANTHROPIC_API_KEY: 'sk-ant-from-the-environment-02',
        HEADGATE_ANTHROPIC_BASE_URL: mock.anthropicUrl,
        HEADGATE_HOST: '127.0.0.1',
      },
    });
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
  });
  afterAll(() => gateway?.stop());

  test('the first list already has what the providers list, asked with their own keys and once', async () => {
    const lists = await Promise.all([all(openai.models.list()), all(openai.models.list())]);
    for (const list of lists) {
      expect(list.map(({ id }) => id)).toEqual(['openai/ok', 'anthropic/ok']);
      expect(list[0]).toMatchObject({ object: 'model', created: 1, owned_by: 'openai' });
    }
    await all(anthropic.models.list());
    const asked = mock.requests.filter(({ path }) => path === '/v1/models');
    expect(
      asked.map(({ target, headers }) => [target, headers['authorization'] ?? headers['x-api-key']]).sort(),
    ).toEqual([
      ['/v1/models', 'Bearer sk-from-the-environment-01'],
      ['/v1/models?limit=1000', 'sk-ant-from-the-environment-02'],
    ]);
    expect(asked.find(({ target }) => target.includes('limit'))?.headers['anthropic-version']).toBeTruthy();
  });

  test('every listed model can be called under its listed name', async () => {
    for (const { id } of await all(openai.models.list())) {
      const answer = await openai.chat.completions.create({
        model: id,
        messages: [{ role: 'user', content: 'hi' }],
      });
      expect(answer.choices[0]?.message.content).toBeTruthy();
      expect((await openai.models.retrieve(id)).id).toBe(id);
      expect((await anthropic.models.retrieve(id)).id).toBe(id);
    }
  });

  test('a card answers for what chat would serve, whether it is listed or not', async () => {
    expect(await openai.models.retrieve('gpt-4o')).toMatchObject({
      id: 'gpt-4o',
      object: 'model',
      owned_by: 'openai',
    });
    expect(await anthropic.models.retrieve('claude-sonnet-4-5')).toMatchObject({
      id: 'claude-sonnet-4-5',
      type: 'model',
      display_name: 'claude-sonnet-4-5',
    });
    expect((await openai.models.retrieve('openai/ft:gpt-4o/of/ours')).id).toBe('openai/ft:gpt-4o/of/ours');
    await expect(openai.models.retrieve('nobody-has-this')).rejects.toMatchObject({ status: 404 });
    await expect(anthropic.models.retrieve('nobody-has-this')).rejects.toMatchObject({ status: 404 });
  });

  test('its metrics say how often providers were asked', async () => {
    const line = 'headgate_model_list_asks_total{provider="openai",result="ok"} 1';
    await waitUntil(async () => (await (await fetch(`${gateway.url}/metrics`)).text()).includes(line), line);
  });
});

describe('aliases and declared models', () => {
  const aliases = Object.fromEntries(
    Array.from({ length: 7 }, (_, nth) => [`alias-${nth}`, { targets: ['oa/ok'] }]),
  );
  let gateway: GatewayProcess;
  let anthropic: Anthropic;
  let openai: OpenAI;
  beforeAll(async () => {
    gateway = await startGateway({
      config: testConfig(mock, { models: aliases, provider: { models: ['ok', 'vendor/deep'] } }),
    });
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateKey, maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateKey, maxRetries: 0 });
  });
  afterAll(() => gateway?.stop());

  const names = [...Object.keys(aliases), 'oa/ok', 'oa/vendor/deep', 'an/ok', 'an/vendor/deep'];

  test('the SDK reads them page by page to the end, forwards and backwards', async () => {
    for (const limit of [1, 2, 3, 11, 100]) {
      const list = await all(anthropic.models.list({ limit }));
      expect(list.map(({ id }) => id)).toEqual(names);
    }
    const page = await anthropic.models.list({ limit: 2, before_id: 'alias-4' });
    expect(page.data.map(({ id }) => id)).toEqual(['alias-2', 'alias-3']);
    expect(page).toMatchObject({ has_more: true, first_id: 'alias-2', last_id: 'alias-3' });
    const earlier = await anthropic.models.list({ limit: 3, before_id: 'alias-2' });
    expect(earlier).toMatchObject({ has_more: false, first_id: 'alias-0', last_id: 'alias-1' });
    expect((await all(openai.models.list())).map(({ id }) => id)).toEqual(names);
  });

  test('a page that cannot be is refused by the name of its parameter', async () => {
    for (const query of [{ limit: 0 }, { limit: 1001 }]) {
      const failure = all(anthropic.models.list(query));
      await expect(failure).rejects.toMatchObject({ status: 400 });
      await expect(failure).rejects.toThrow(Object.keys(query)[0]);
    }
  });

  test('a page behind a model that is in the list no more is the last', async () => {
    expect(await all(anthropic.models.list({ after_id: 'nobody' }))).toEqual([]);
    expect(await all(anthropic.models.list({ before_id: 'nobody' }))).toEqual([]);
  });

  test('cards of aliases and of names with slashes', async () => {
    expect(await openai.models.retrieve('alias-3')).toMatchObject({ id: 'alias-3', owned_by: 'headgate' });
    expect(await openai.models.retrieve('oa/vendor/deep')).toMatchObject({
      id: 'oa/vendor/deep',
      owned_by: 'oa',
    });
    expect((await anthropic.models.retrieve('an/vendor/deep')).id).toBe('an/vendor/deep');
    expect((await openai.models.retrieve('vendor/deep')).id).toBe('vendor/deep');
    await expect(openai.models.retrieve('oa/undeclared')).rejects.toMatchObject({ status: 404 });
  });

  test('nobody was asked: the operator wrote the lists', () => {
    const keys = mock.requests
      .filter(({ path }) => path === '/v1/models')
      .map(({ headers }) => JSON.stringify(headers));
    expect(keys.filter((text) => !text.includes('from-the-environment'))).toEqual([]);
  });
});
