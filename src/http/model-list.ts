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
  return JSON.stringify(dialect === 'anthropic' ? anthropicModel(model, since) : openaiModel(model, since));
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
