// The byte path of a request: the path names the model, so nothing changes in the body but the gateway's own `fallbacks`,
// which is taken out.
import type { BodyFacts, Edit } from '../../contracts/body.ts';

/** Edits in rising order; mostly none. */
export function splice({ fallbacksMember }: BodyFacts): Edit[] {
  return fallbacksMember === null ? [] : [{ ...fallbacksMember.cut, text: '' }];
}
