// Pages of a list of models as Anthropic's API cuts them: `limit`, and `after_id` or `before_id` of a model known from
// the page before or behind.
import { GatewayError } from '../../contracts/errors.ts';
import type { ListedModel } from '../../contracts/snapshot.ts';

/** The vendor's most, and what we give who states none (the vendor: 20): who reads no pages gets the whole list. */
const MAX_LIMIT = 1000;

const NOTHING: Page = { models: [], hasMore: false };

export interface Page {
  models: readonly ListedModel[];
  /** In the direction that was asked for. */
  hasMore: boolean;
}

/** @param query without `?`. */
export function readPage(all: readonly ListedModel[], query: string): Page | GatewayError {
  if (query === '') return pageAfter(all, 0, MAX_LIMIT);
  const params = new URLSearchParams(query);
  const stated = params.get('limit');
  const limit = stated === null ? MAX_LIMIT : /^\d{1,4}$/.test(stated) ? Number(stated) : 0;
  if (limit < 1 || limit > MAX_LIMIT)
    return bad('limit', `\`limit\` must be a number from 1 to ${MAX_LIMIT}.`);
  const after = params.get('after_id');
  const before = params.get('before_id');
  // A name that is in the list no more ends the reading: from the beginning again, a reader of pages would never end.
  const last = after === null ? -1 : placeOf(all, after);
  const end = before === null ? all.length : placeOf(all, before);
  if ((after !== null && last < 0) || end < 0) return NOTHING;
  if (after !== null || before === null) return pageAfter(all.slice(0, end), last + 1, limit);
  const from = Math.max(0, end - limit);
  return { models: all.slice(from, end), hasMore: from > 0 };
}

function placeOf(all: readonly ListedModel[], name: string): number {
  return all.findIndex(({ id }) => id === name);
}

function pageAfter(all: readonly ListedModel[], start: number, limit: number): Page {
  return { models: all.slice(start, start + limit), hasMore: all.length > start + limit };
}

function bad(param: string, message: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message, param });
}
