// Lists whose pages are asked for by a number (Mistral) or by how many come before (Cohere): of such a page that others' objects were
// taken out of neither its length nor the count of all says anything to its caller.
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';
import type { PagePlace } from './object-pages.ts';

/** Which page is asked for. */
export interface Numbering {
  readonly name: 'page' | 'offset';
  /** Objects of the caller's that come before it. */
  readonly from: number;
  readonly size: number;
}

/** Members that say how many objects there are in all: of every key's. */
const TOTALS = ['total', 'total_count', 'total_size', 'total_items', 'totalSize', 'totalCount'] as const;
const PAGINATION = 'pagination';

/**
 * How a list is paged, by what its client asks and by what it says; null = not by numbers.
 * @param list null = a bare one. @param count objects of the page, others' too.
 */
export function numberingOf(
  query: URLSearchParams,
  list: JsonObject | null,
  count: number,
): Numbering | null {
  const said = (name: string): number => Math.max(0, Math.trunc(Number(query.get(name))) || 0);
  if (query.has('offset')) return { name: 'offset', from: said('offset'), size: said('limit') || count };
  const pages = query.has('page_size') || /^\d+$/.test(query.get('page') ?? '') || isPaged(list);
  if (!pages) return null;
  const size = said('page_size') || count;
  return { name: 'page', from: said('page') * size, size };
}

function isPaged(list: JsonObject | null): boolean {
  return list !== null && (isObject(list[PAGINATION]) || typeof list['total'] === 'number');
}

/** Page `at` of all there are, from 0, as the provider is asked for it. */
export function placeOfPage({ name, size }: Numbering, at: number): PagePlace {
  return { name, value: String(name === 'page' ? at : at * size) };
}

/** `list` with counts that are the caller's own. @param total its objects, as far as anybody looked. @param whole that was all. */
export function withOwnTotals(
  list: JsonObject,
  total: number,
  { from, size }: Numbering,
  whole: boolean,
): JsonObject {
  const counted = ownTotals(list, total);
  const pagination = list[PAGINATION];
  if (!isObject(pagination)) return counted;
  const own = ownTotals(pagination, total);
  if ('total_pages' in own) own['total_pages'] = size > 0 ? Math.ceil(total / size) : 0;
  if ('has_more' in own) own['has_more'] = !whole || total > from + size;
  return { ...counted, [PAGINATION]: own };
}

/** `list` with `total` wherever it counts objects. */
export function ownTotals(list: JsonObject, total: number): JsonObject {
  const counted = { ...list };
  for (const name of TOTALS) if (typeof counted[name] === 'number') counted[name] = total;
  return counted;
}
