// GET /v1/models and /v1/models/{id} in the shape of the dialect that asks.
import type { DialectName } from '../contracts/dialect-name.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { ListedModel } from '../contracts/snapshot.ts';
import { readPage } from './model-page.ts';

/**
 * @param query of the request, without `?`.
 * @param since ms since 1970 stated as the creation time where nobody knows better: the vendors' fields are required.
 * @returns the answer's body, or what is wrong with the page that was asked for.
 */
export function listModels(
  models: readonly ListedModel[],
  dialect: DialectName,
  query: string,
  since: number,
): string | GatewayError {
  if (dialect === 'gemini') return geminiList(models, query);
  // OpenAI's list has no pages.
  if (dialect !== 'anthropic') {
    return JSON.stringify({ object: 'list', data: models.map((model) => openaiModel(model, since)) });
  }
  const page = readPage(models, query);
  if (page instanceof GatewayError) return page;
  const data = page.models.map((model) => anthropicModel(model, since));
  return JSON.stringify({
    data,
    has_more: page.hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
}

export function showModel(model: ListedModel, dialect: DialectName, since: number): string {
  if (dialect === 'gemini') return JSON.stringify(geminiModel(model));
  return JSON.stringify(dialect === 'anthropic' ? anthropicModel(model, since) : openaiModel(model, since));
}

// Pages as Google's APIs cut them: `pageSize`, of which 0 is none stated and 1000 the most, and `pageToken` of the page before.
function geminiList(models: readonly ListedModel[], query: string): string | GatewayError {
  const asked = new URLSearchParams(query);
  const size = asked.get('pageSize') ?? asked.get('page_size') ?? '';
  const token = asked.get('pageToken') ?? asked.get('page_token') ?? '';
  if (!/^\d*$/.test(size)) {
    const message = '`pageSize` must be a number of 0 or more.';
    return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param: 'pageSize' });
  }
  const params = new URLSearchParams();
  if (Number(size) > 0) params.set('limit', String(Math.min(Number(size), 1000)));
  if (token !== '') params.set('after_id', token);
  const page = readPage(models, params.toString());
  if (page instanceof GatewayError) return page;
  const list = { models: page.models.map(geminiModel) };
  return JSON.stringify(page.hasMore ? { ...list, nextPageToken: page.models.at(-1)?.id } : list);
}

function geminiModel({ id, displayName }: ListedModel) {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: displayName ?? id,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}

function openaiModel(model: ListedModel, since: number) {
  const created = Math.floor((model.createdMs ?? since) / 1000);
  return { id: model.id, object: 'model', created, owned_by: model.ownedBy };
}

function anthropicModel(model: ListedModel, since: number) {
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName ?? model.id,
    lifecycle: 'active',
    created_at: new Date(model.createdMs ?? since).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
