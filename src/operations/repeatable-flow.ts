import type { StageName } from '../contracts/operation.ts';

const BEFORE: readonly StageName[] = [
  'identify', // the model
  'plugins', // what is asked, and for which model, may be another than its client said
  'files', // those it refers to are the caller's, or are answered as if they were not there
  'plan', // names the targets
  'permit', // what the caller may use of it, before anything is counted
  'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
  'idempotency', // an answer that its key was given before
  'coalesce', // one that an equal call is about to get
  'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
  'lookup', // an answer that was given before
];

const AFTER: readonly StageName[] = [
  'admit', // limits on the key and the caller
  'shadow', // a copy for another model, which nobody waits for
  'dispatch', // asks them in turn
];

/** Of one request whose answer equal requests may have as well, and no more to it than that. */
export const repeatableFlow: readonly StageName[] = [...BEFORE, ...AFTER];

/** The same, where `stage` may make several calls of one request, whose answers are one: none of them counts twice. */
export function repeatableInParts(stage: 'parts' | 'prompts'): readonly StageName[] {
  return [...BEFORE, stage, ...AFTER];
}
