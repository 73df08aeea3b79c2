// GET /v1/models and /v1/models/{id}: from memory, in the shape of the dialect that asks.
import type { RequestHead } from '../contracts/call.ts';
import type { ListedModel, ModelTable } from '../contracts/snapshot.ts';

/** Anthropic's SDKs always say their API version; nobody else does. */
export function wantsAnthropicShape(head: RequestHead): boolean {
  return head.headers.get('anthropic-version') !== undefined;
}

/** @param since ms since 1970 stated as the creation time: the vendors' fields are required and we know no better. */
export function listModels(models: ModelTable, head: RequestHead, since: number): string {
  if (!wantsAnthropicShape(head)) {
    return JSON.stringify({ object: 'list', data: models.list.map((model) => openaiModel(model, since)) });
  }
  const query = new URLSearchParams(head.query);
  const limit = Math.min(1000, Math.max(1, Number.parseInt(query.get('limit') ?? '1000', 10) || 1000));
  const after = query.get('after_id');
  const before = query.get('before_id');
  let all = models.list;
  if (after !== null) all = all.slice(all.findIndex((model) => model.id === after) + 1);
  if (before !== null) {
    const end = all.findIndex((model) => model.id === before);
    all = end === -1 ? all : all.slice(Math.max(0, end - limit), end);
  }
  const data = all.slice(0, limit).map((model) => anthropicModel(model, since));
  return JSON.stringify({
    data,
    has_more: all.length > limit,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
}

export function showModel(model: ListedModel, head: RequestHead, since: number): string {
  return JSON.stringify(wantsAnthropicShape(head) ? anthropicModel(model, since) : openaiModel(model, since));
}

function openaiModel(model: ListedModel, since: number) {
  return { id: model.id, object: 'model', created: Math.floor(since / 1000), owned_by: model.ownedBy };
}

function anthropicModel(model: ListedModel, since: number) {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    lifecycle: 'active',
    created_at: new Date(since).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
