// Usage as Converse counts it: `inputTokens` is without cache. Neutral usage counts cache inside input (wire.md 7.9).
import type { Usage } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { withTier } from '../served-tier.ts';

/** A `usage` member; null when it is none. @param served the `serviceTier` beside it */
export function decodeUsage(value: Json | undefined, served?: Json): Usage | null {
  if (!isObject(value)) return null;
  const fresh = numberAt(value, 'inputTokens');
  const cacheRead = numberAt(value, 'cacheReadInputTokens');
  const written = numberAt(value, 'cacheWriteInputTokens');
  // The split by lifetime is told beside the total, and the total is what counts.
  const long = written === null ? null : Math.min(longWrites(value), written);
  const usage: Usage = {
    input: fresh === null ? null : fresh + (cacheRead ?? 0) + (written ?? 0),
    cacheRead,
    cacheWriteShort: written === null ? null : written - (long ?? 0),
    cacheWriteLong: long === 0 ? null : long,
    output: numberAt(value, 'outputTokens'),
    reasoning: null,
  };
  return withTier(usage, isObject(served) ? stringAt(served, 'type') : null);
}

function longWrites(usage: JsonObject): number {
  let sum = 0;
  for (const detail of arrayAt(usage, 'cacheDetails')) {
    if (isObject(detail) && stringAt(detail, 'ttl') === '1h') sum += numberAt(detail, 'inputTokens') ?? 0;
  }
  return sum;
}

/** Usage in Converse's form. Its clients read the three sums without asking, so these are 0 when nobody told them. */
export function encodeUsage(usage: Usage | null): JsonObject {
  const { input, output, cacheRead = null, cacheWriteShort = null, cacheWriteLong = null } = usage ?? {};
  const written = (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  const out: JsonObject = {
    inputTokens: Math.max(0, (input ?? 0) - (cacheRead ?? 0) - written),
    outputTokens: output ?? 0,
    totalTokens: (input ?? 0) + (output ?? 0),
  };
  if (cacheRead !== null) out['cacheReadInputTokens'] = cacheRead;
  if (cacheWriteShort === null && cacheWriteLong === null) return out;
  out['cacheWriteInputTokens'] = written;
  if (cacheWriteLong !== null) {
    out['cacheDetails'] = [
      { ttl: '5m', inputTokens: cacheWriteShort ?? 0 },
      { ttl: '1h', inputTokens: cacheWriteLong },
    ];
  }
  return out;
}
