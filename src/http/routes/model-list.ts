// GET /v1/models and /v1/models/{id} in the shape of the dialect that asks.
import type { DialectName } from '../../contracts/dialect-name.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { ListedModel } from '../../contracts/snapshot.ts';
import { readPage } from './model-page.ts';

/**
 * @param query of the request, without `?`.
 * @param since ms since 1970 stated as the creation time where nobody knows better: the vendors' fields are required.
 * @param mistral for clients of Mistral's, who tell kinds of models apart by what OpenAI's list does not have.
 * @returns the answer's body, or what is wrong with the page that was asked for.
 */
export function listModels(
  models: readonly ListedModel[],
  dialect: DialectName,
  query: string,
  since: number,
  mistral = false,
): string | GatewayError {
  if (dialect === 'gemini') return geminiList(models, query);
  if (dialect === 'cohere') return cohereList(models, query);
  // Nor has Bedrock's.
  if (dialect === 'bedrock') return bedrockList(models, query);
  // OpenAI's list has no pages.
  if (dialect !== 'anthropic') {
    return JSON.stringify({
      object: 'list',
      data: models.map((model) => (mistral ? mistralModel(model, since) : openaiModel(model, since))),
    });
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

export function showModel(model: ListedModel, dialect: DialectName, since: number, mistral = false): string {
  if (dialect === 'gemini') return JSON.stringify(geminiModel(model));
  if (dialect === 'cohere') return JSON.stringify(cohereModel(model));
  if (dialect === 'bedrock') return JSON.stringify({ modelDetails: bedrockModel(model) });
  if (mistral) return JSON.stringify(mistralModel(model, since));
  return JSON.stringify(dialect === 'anthropic' ? anthropicModel(model, since) : openaiModel(model, since));
}

/** As Vertex AI lists what makers publish. */
export function listPublished(models: readonly ListedModel[], query: string): string | GatewayError {
  const page = tokenPage(models, query, 'pageSize', 'pageToken');
  if (page instanceof GatewayError) return page;
  const publisherModels = page.models.map(({ id, displayName }) => ({
    name: `publishers/google/models/${id}`,
    versionId: 'default',
    displayName: displayName ?? id,
    launchStage: 'GA',
  }));
  return JSON.stringify(
    page.next === null ? { publisherModels } : { publisherModels, nextPageToken: page.next },
  );
}

function geminiList(models: readonly ListedModel[], query: string): string | GatewayError {
  const page = tokenPage(models, query, 'pageSize', 'pageToken');
  if (page instanceof GatewayError) return page;
  const list = { models: page.models.map(geminiModel) };
  return JSON.stringify(page.next === null ? list : { ...list, nextPageToken: page.next });
}

function cohereList(models: readonly ListedModel[], query: string): string | GatewayError {
  const page = tokenPage(models, query, 'page_size', 'page_token');
  if (page instanceof GatewayError) return page;
  const list = { models: page.models.map(cohereModel) };
  return JSON.stringify(page.next === null ? list : { ...list, next_page_token: page.next });
}

function bedrockList(models: readonly ListedModel[], query: string): string {
  const maker = new URLSearchParams(query).get('byProvider')?.toLowerCase();
  const seen = maker === undefined ? models : models.filter(({ ownedBy }) => ownedBy.toLowerCase() === maker);
  return JSON.stringify({ modelSummaries: seen.map(bedrockModel) });
}

/** Its ARN is its name: that is what may be asked for here. */
function bedrockModel({ id, displayName, ownedBy }: ListedModel) {
  return {
    modelArn: id,
    modelId: id,
    modelName: displayName ?? id,
    providerName: ownedBy,
    inputModalities: ['TEXT'],
    outputModalities: ['TEXT'],
    responseStreamingSupported: true,
    customizationsSupported: [],
    inferenceTypesSupported: ['ON_DEMAND'],
    modelLifecycle: { status: 'ACTIVE' },
  };
}

/** As AWS shows the profile by which a model is asked in several regions: here any name is as good as one. */
export function profileOf({ id, displayName }: ListedModel) {
  return {
    inferenceProfileName: displayName ?? id,
    inferenceProfileArn: id,
    inferenceProfileId: id,
    models: [{ modelArn: id }],
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
  };
}

// Pages as Google and Cohere cut them: a size, of which 0 is none stated and 1000 the most, and the token of the page before.
function tokenPage(
  models: readonly ListedModel[],
  query: string,
  sizeName: string,
  tokenName: string,
): { models: readonly ListedModel[]; next: string | null } | GatewayError {
  const asked = new URLSearchParams(query);
  const size = asked.get(sizeName) ?? asked.get('page_size') ?? '';
  const token = asked.get(tokenName) ?? asked.get('page_token') ?? '';
  if (!/^\d*$/.test(size)) {
    const message = `\`${sizeName}\` must be a number of 0 or more.`;
    return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param: sizeName });
  }
  const params = new URLSearchParams();
  if (Number(size) > 0) params.set('limit', String(Math.min(Number(size), 1000)));
  if (token !== '') params.set('after_id', token);
  const page = readPage(models, params.toString());
  if (page instanceof GatewayError) return page;
  return { models: page.models, next: page.hasMore ? (page.models.at(-1)?.id ?? null) : null };
}

function cohereModel({ id }: ListedModel) {
  return { name: id, is_deprecated: false, endpoints: ['chat'], finetuned: false };
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

function mistralModel(model: ListedModel, since: number) {
  return { ...openaiModel(model, since), type: 'base', capabilities: { completion_chat: true } };
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
