// Whether a model departs from what its dialect allows, so that the byte path must look into requests for it. Decided
// when a target is compiled.
import { type Capabilities, UNKNOWN_CAPABILITIES } from '../contracts/capability.ts';
import type { DialectName } from '../contracts/dialect-name.ts';

/** What dialects' `fit` reads. The rest (media, context, prefill, …) is the translation's, or told by the vendor better. */
const FITTED = [
  'sampling',
  'thinking',
  'efforts',
  'thinkingOff',
  'offBy',
  'effortWithTools',
  'forcedTool',
  'maxTokensField',
  'maxTokensCap',
  'stops',
  'instructionsRole',
  'refuses',
  'renames',
  'messageRefuses',
] as const satisfies readonly (keyof Capabilities)[];

/** True when some field differs from what is taken of a model nobody described. */
export function isParticular(capabilities: Capabilities, dialect: DialectName): boolean {
  const plain = UNKNOWN_CAPABILITIES[dialect];
  if (capabilities === plain) return false;
  return FITTED.some((field) => JSON.stringify(capabilities[field]) !== JSON.stringify(plain[field]));
}
