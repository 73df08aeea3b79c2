// A provider's whole list of models, page by page, within bounds.
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { ModelListCodec, ProviderModel } from '../contracts/model-list.ts';
import { askPage, PageFault } from './ask-page.ts';

/** More models than any provider lists; behind them the list ends. */
const MAX_MODELS = 5_000;
const MAX_PAGES = 20;

export interface AskModelsInput {
  lane: Lane;
  codec: ModelListCodec;
  /** Path of the dialect below the provider's base URL. */
  below: string;
  /** Path and query of the list, in place of the dialect's own below `below`. */
  list?: string | undefined;
  /** Headers of a request with that key; null where the provider needs none. */
  headers(key: RingKey | null): Record<string, string>;
  /** For all pages together. */
  timeoutMs: number;
  /** Monotonic ms. */
  now(): number;
}

/**
 * Asked beside the lane's queue: it is no call of a client, and a full lane must not hide what it has. The key is one of
 * those that may be used for any model where there is one, since a list is of all.
 *
 * @throws PageFault
 */
export async function askModels({
  lane,
  codec,
  below,
  list,
  headers,
  timeoutMs,
  now,
}: AskModelsInput): Promise<ProviderModel[]> {
  const key = keyOf(lane);
  if (key === null && lane.provider.keys.length > 0) throw new PageFault('no_key');
  const until = now() + timeoutMs;
  const models = new Map<string, ProviderModel>();
  let after: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const left = until - now();
    if (left <= 0) throw new PageFault('timeout');
    const page = codec.read(
      await askPage(lane.upstream, list ?? below + codec.address(after), headers(key), left),
    );
    if (page === null) throw new PageFault('not_a_list');
    const before = models.size;
    for (const model of page.models)
      if (models.size < MAX_MODELS && !models.has(model.id)) models.set(model.id, model);
    // A server that does not know `after` gives its first page for ever.
    if (page.next === null || models.size === before || models.size === MAX_MODELS) break;
    after = page.next;
  }
  return [...models.values()];
}

function keyOf(lane: Lane): RingKey | null {
  const any = lane.keys.pick('', []);
  if (any !== null) return any;
  for (const { models } of lane.provider.keys) {
    const name = models[0];
    const key = name === undefined ? null : lane.keys.pick(name.replace(/\*$/, ''), []);
    if (key !== null) return key;
  }
  return null;
}
