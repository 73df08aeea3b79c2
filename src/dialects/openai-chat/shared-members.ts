// Members of a request that OpenAI's two dialects write alike and no other vendor has (`ChatRequest.openai`).
import type { JsonObject } from '../../contracts/json.ts';
import { saysNothing } from '../defaults.ts';
import { readBoolean, readObject, readString } from '../read.ts';

/** Their names; `verbosity` besides, which stands inside `text` in Responses. */
export const SHARED_MEMBERS = [
  'metadata',
  'service_tier',
  'store',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'moderation',
] as const;

/** Those of a request that say something, as written. @throws GatewayError GW_CLIENT_BAD_REQUEST for one of another type. */
export function readShared(body: JsonObject, more: readonly string[] = []): JsonObject {
  for (const name of ['service_tier', 'prompt_cache_key', 'verbosity']) readString(body, name, '');
  for (const name of ['metadata', 'prompt_cache_options']) readObject(body, name, '');
  readBoolean(body, 'store', '');
  const shared: JsonObject = {};
  for (const name of [...SHARED_MEMBERS, ...more]) {
    const value = body[name];
    // What a project's own setting may differ from (`default`) is no wish of a client's that another provider could miss.
    if (value !== undefined && !saysNothing(name, value) && value !== 'default') shared[name] = value;
  }
  return shared;
}
