// What models cost, as the API tells it.
import { get } from './client.ts';

export interface PriceComponent {
  readonly kind: string;
  readonly unit: string;
  readonly usd: number;
  readonly tier: string | null;
  readonly over: number;
  readonly ttl: string | null;
  readonly size: string | null;
}

export interface ModelPrice {
  readonly model: string;
  /** Null: there is no price. */
  readonly source: string | null;
  readonly components: readonly PriceComponent[];
  /** Whose word it is; null = that of the built-in table, or nobody's. */
  readonly managed: 'file' | 'db' | null;
  /** Name that it stands under: `openai/*`. */
  readonly statedAs: string | null;
  /** Names under which the API states one that does not count. */
  readonly shadowed: readonly string[];
  readonly changes: readonly PriceChange[];
}

/** What it is from a time on or at hours. */
export interface PriceChange {
  readonly from: string | null;
  readonly hours: string | null;
  readonly source: string;
  readonly components: readonly PriceComponent[];
}

/** The API takes so many at once. */
const AT_ONCE = 200;

export async function readPrices(
  models: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ModelPrice>> {
  const found = new Map<string, ModelPrice>();
  for (let at = 0; at < models.length; at += AT_ONCE) {
    const asked = encodeURIComponent(models.slice(at, at + AT_ONCE).join(','));
    const { items } = await get<{ items: readonly ModelPrice[] }>(`/api/prices?models=${asked}`, signal);
    for (const item of items) found.set(item.model, item);
  }
  return found;
}
