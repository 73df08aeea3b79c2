// Further pages of a list of objects at a provider: of a page that is full of others' a caller would get nothing, and think that was all.
import type { Call } from '../../contracts/call.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Target } from '../../contracts/plan.ts';
import type { RingKey } from '../../contracts/lane.ts';
import { askKeeper, keyFor } from '../../responses/ask-keeper.ts';
import { filled, forwardedQuery } from './raw-address.ts';

/** Where a page begins, as the query says it. */
export interface PagePlace {
  readonly name: string;
  readonly value: string;
}

/** The page at `place`, as it came; null = there is none to be had. Never rejects. */
export type ObjectPages = (call: Call, provider: string, place: PagePlace) => Promise<Buffer | null>;

/** Behind the object `edge`, or, `back`, before it: of a list that its client reads backwards. */
export function placeAt({ route }: Pick<Call, 'route'>, edge: string, back: boolean): PagePlace {
  return { name: back ? 'before_id' : route.dialect === 'anthropic' ? 'after_id' : 'after', value: edge };
}

/** What says in a page where the next one begins, and what that is called in a query: Google, AWS, Cohere, Anthropic and xAI. */
const TOKENS: readonly (readonly [member: string, name: string])[] = [
  ['nextPageToken', 'pageToken'],
  ['nextToken', 'nextToken'],
  ['next_page_token', 'page_token'],
  ['next_page', 'page'],
  ['pagination_token', 'pagination_token'],
];

/** The place that a page names for the next one; null = it is the last, or says it otherwise. */
export function placeIn(page: JsonObject): PagePlace | null {
  for (const [member, name] of TOKENS) {
    const value = page[member];
    if (typeof value === 'string' && value !== '') return { name, value };
  }
  return null;
}

/** Conditions of the request are those of its own page. */
const OF_ONE_PAGE = ['if-none-match', 'if-modified-since', 'range', 'if-range'];

/** @param headersOf what a provider is asked with for a path, its signature among them. */
export function createObjectPages(
  headersOf: (call: Call, target: Target, key: RingKey | null, path: string) => Record<string, string>,
): ObjectPages {
  return async (call, provider, place) => {
    const { route, params, head, plan } = call;
    const target = plan?.targets.find((one) => one.provider.name === provider);
    const { address, fromOrigin } = call;
    if (target === undefined || route.kind !== 'model') return null;
    // By a provider's own path, or by one of ours.
    const at =
      route.forward === undefined ? address : filled(route.forward, params) + forwardedQuery(head.query);
    if (at === null) return null;
    const key = keyFor(target.lane, '');
    if (key === null && target.provider.keys.length > 0) return null;
    const mark = `${at}?`.indexOf('?');
    const query = new URLSearchParams(at.slice(mark + 1));
    query.set(place.name, place.value);
    // Some who check signatures do not take `+` for a blank.
    const path = `${fromOrigin ? '' : target.below}${at.slice(0, mark)}?${String(query).replaceAll('+', '%20')}`;
    try {
      const headers = { ...headersOf(call, target, key, path) };
      for (const name of OF_ONE_PAGE) delete headers[name];
      const asked = { method: 'GET' as const, path, fromOrigin, headers };
      const { status, body } = await askKeeper(target.lane.upstream, asked);
      return status === 200 ? body : null;
    } catch {
      return null;
    }
  };
}
