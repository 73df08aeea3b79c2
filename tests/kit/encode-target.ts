// A model that nobody described, as encoders of tests are told of it.
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';

export function encodeTarget(dialect: DialectName, model = 'm'): EncodeTarget {
  return {
    model,
    provider: 'p',
    capabilities: UNKNOWN_CAPABILITIES[dialect],
    streamUsage: true,
    defaultMaxTokens: 4096,
    legacyMaxTokens: false,
    strict: false,
  };
}
