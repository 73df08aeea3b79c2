// What a guardrail is to look for in a thread, and what it found.
import type { GuardrailConfig } from './guardrail.ts';
import type { Place } from './remote-check.ts';

export interface GuardLook {
  readonly what: 'places' | 'whole';
  readonly config: GuardrailConfig;
  readonly texts: readonly string[];
}

/** One entry for each text. */
export type GuardFinds =
  | { what: 'places'; places: readonly (readonly Place[])[] }
  | { what: 'whole'; faults: readonly boolean[] };
