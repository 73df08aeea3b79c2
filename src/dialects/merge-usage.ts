// Usage told in several places or steps, as one.
import type { Usage } from '../contracts/chat.ts';

/**
 * Later counts over earlier ones: a source that tells usage in pieces is cumulative in each counter. A later 0 says
 * nothing: vendors repeat the object with zeros in events that have nothing to tell.
 */
export function mergeUsage(earlier: Usage | null, later: Usage | null): Usage | null {
  if (earlier === null || later === null) return later ?? earlier;
  const merged: Usage = {
    input: laterCount(earlier.input, later.input),
    cacheRead: laterCount(earlier.cacheRead, later.cacheRead),
    cacheWriteShort: laterCount(earlier.cacheWriteShort, later.cacheWriteShort),
    cacheWriteLong: laterCount(earlier.cacheWriteLong, later.cacheWriteLong),
    output: laterCount(earlier.output, later.output),
    reasoning: laterCount(earlier.reasoning, later.reasoning),
  };
  // Most answers say none of these: they are members only of those that do.
  const [tier, factors] = [later.tier ?? earlier.tier, later.factors ?? earlier.factors];
  const audioInput = later.audioInput ?? earlier.audioInput;
  const audioOutput = later.audioOutput ?? earlier.audioOutput;
  if (audioInput != null) merged.audioInput = audioInput;
  if (audioOutput != null) merged.audioOutput = audioOutput;
  for (const name of ['imageInput', 'imageOutput', 'videoInput', 'webSearches'] as const) {
    const count = later[name] ?? earlier[name];
    if (count !== undefined) merged[name] = count;
  }
  const searchSize = later.searchSize ?? earlier.searchSize;
  if (searchSize !== undefined) merged.searchSize = searchSize;
  if (tier !== undefined) merged.tier = tier;
  if (factors !== undefined) merged.factors = factors;
  return merged;
}

/** The later of two counts of the same thing, unless it says nothing. */
export function laterCount(earlier: number | null, later: number | null): number | null {
  return later === null || (later === 0 && earlier !== null) ? earlier : later;
}
