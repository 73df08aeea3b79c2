import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import { listModels, listPublished, profileOf, showModel } from './model-list.ts';

const models = ['a', 'x/b', 'c'].map((id) => ({ id, ownedBy: 'x', displayName: id === 'c' ? 'See' : null }));

/** Names of a page, and the token of the next. */
function page(query: string): string {
  const list = listModels(models, 'gemini', query, 0);
  if (list instanceof GatewayError) return `${list.code} ${list.param}`;
  const { models: listed, nextPageToken } = JSON.parse(list) as {
    models: { name: string }[];
    nextPageToken?: string;
  };
  return `${listed.map(({ name }) => name).join()} ${nextPageToken ?? ''}`.trim();
}

describe('a list of models for clients of Gemini', () => {
  it.each([
    ['', 'models/a,models/x/b,models/c'],
    ['pageSize=0', 'models/a,models/x/b,models/c'],
    ['pageSize=50000', 'models/a,models/x/b,models/c'],
    ['pageSize=2', 'models/a,models/x/b x/b'],
    ['page_size=2&page_token=x%2Fb', 'models/c'],
    ['pageSize=1&pageToken=a&key=k', 'models/x/b x/b'],
    ['pageToken=gone', ''],
    ['pageSize=-1', 'GW_CLIENT_BAD_REQUEST pageSize'],
    ['pageSize=many', 'GW_CLIENT_BAD_REQUEST pageSize'],
  ])('%s: %s', (query, expected) => {
    expect(page(query)).toBe(expected);
  });

  it('shows each as the list does', () => {
    expect(JSON.parse(showModel(models[2]!, 'gemini', 0))).toEqual({
      name: 'models/c',
      version: '001',
      displayName: 'See',
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    });
  });
});

it('is for clients of Vertex AI what makers publish', () => {
  expect(JSON.parse(listPublished(models, 'pageSize=1') as string)).toEqual({
    publisherModels: [
      { name: 'publishers/google/models/a', versionId: 'default', displayName: 'a', launchStage: 'GA' },
    ],
    nextPageToken: 'a',
  });
});

describe('a list of models for clients of Bedrock', () => {
  const list = (query: string) => JSON.parse(listModels(models, 'bedrock', query, 0) as string) as object;

  it('has what may be asked for, by the maker that is wanted', () => {
    const c = { modelArn: 'c', modelId: 'c', modelName: 'See', providerName: 'x' };
    expect(list('')).toMatchObject({ modelSummaries: [{ modelId: 'a' }, { modelId: 'x/b' }, c] });
    expect(list('byProvider=X')).toEqual(list(''));
    expect(list('byProvider=Amazon')).toEqual({ modelSummaries: [] });
    expect(JSON.parse(showModel(models[2]!, 'bedrock', 0))).toMatchObject({ modelDetails: c });
  });

  it('takes any of its names for an inference profile', () => {
    expect(profileOf(models[2]!)).toEqual({
      inferenceProfileName: 'See',
      inferenceProfileArn: 'c',
      inferenceProfileId: 'c',
      models: [{ modelArn: 'c' }],
      status: 'ACTIVE',
      type: 'SYSTEM_DEFINED',
    });
  });
});

describe('a list of models for clients of Cohere', () => {
  const list = (query: string): unknown => {
    const listed = listModels(models, 'cohere', query, 0);
    return listed instanceof GatewayError ? `${listed.code} ${listed.param}` : JSON.parse(listed);
  };
  const model = (name: string) => ({ name, is_deprecated: false, endpoints: ['chat'], finetuned: false });

  it('is paged as theirs', () => {
    expect(list('')).toEqual({ models: [model('a'), model('x/b'), model('c')] });
    expect(list('page_size=2&endpoint=chat')).toEqual({
      models: [model('a'), model('x/b')],
      next_page_token: 'x/b',
    });
    expect(list('page_size=2&page_token=x%2Fb')).toEqual({ models: [model('c')] });
    expect(list('page_size=-1')).toBe('GW_CLIENT_BAD_REQUEST page_size');
  });

  it('shows each as the list does', () => {
    expect(JSON.parse(showModel(models[1]!, 'cohere', 0))).toEqual(model('x/b'));
  });
});

it('tells clients of Mistral’s what kind a model is, which they cannot read it without', () => {
  const list = JSON.parse(listModels(models, 'openai-chat', '', 0, true) as string) as { data: object[] };
  const kind = { object: 'model', type: 'base', capabilities: { completion_chat: true } };
  expect(list.data[0]).toMatchObject({ id: 'a', ...kind });
  expect(JSON.parse(showModel(models[0]!, 'openai-chat', 0, true))).toMatchObject(kind);
  expect(JSON.parse(listModels(models, 'openai-chat', '', 0) as string)).not.toHaveProperty('data.0.type');
});
