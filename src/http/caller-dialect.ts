// Who reads an answer of a path that belongs to no vendor (`/v1/models`, a route that does not exist): by what only
// Anthropic's clients send. A path of a vendor's is always answered in that vendor's shape.
import type { HeaderBag } from '../contracts/headers.ts';

/** Anthropic's SDKs always say their API version. Calls by hand show their key as Anthropic takes it, and nowhere else. */
export function isAnthropicCaller(headers: HeaderBag): boolean {
  if (headers.get('anthropic-version') !== undefined || headers.get('anthropic-beta') !== undefined)
    return true;
  return headers.get('x-api-key') !== undefined && headers.get('authorization') === undefined;
}
