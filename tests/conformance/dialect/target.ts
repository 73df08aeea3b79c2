// Targets that a request is written for.
import type { EncodeTarget } from '../../../src/contracts/body.ts';
import { type Capabilities, UNKNOWN_CAPABILITIES } from '../../../src/contracts/capability.ts';
import type { Dialect } from '../../../src/contracts/dialect.ts';

/** A model that nobody described. */
export function targetOf({ name }: Dialect, change: Partial<EncodeTarget> = {}): EncodeTarget {
  return {
    model: 'upstream-model',
    provider: 'some-provider',
    capabilities: UNKNOWN_CAPABILITIES[name],
    streamUsage: true,
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict: false,
    ...change,
  };
}

/** A model that takes as little as one can: no sampling, no reasoning, few tokens, nor the members `refuses`. */
export function stingyTarget(dialect: Dialect, refuses: readonly string[], strict: boolean): EncodeTarget {
  const capabilities: Capabilities = {
    ...UNKNOWN_CAPABILITIES[dialect.name],
    sampling: 'none',
    thinking: 'none',
    efforts: [],
    forcedTool: false,
    // What is refused has no limit.
    maxTokensCap: refuses.length > 0 ? null : 16,
    stops: 0,
    instructionsRole: 'system',
    refuses,
  };
  return targetOf(dialect, { capabilities, strict });
}
