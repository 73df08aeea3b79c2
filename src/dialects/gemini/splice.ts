// The byte path of a request: the model stands in the path, so that of the body only the gateway's own `fallbacks` goes.
import type { BodyFacts, Edit } from '../../contracts/body.ts';

const NONE: Edit[] = [];

/** One edit, or none. */
export function splice({ fallbacksMember }: BodyFacts): Edit[] {
  return fallbacksMember === null ? NONE : [{ ...fallbacksMember.cut, text: '' }];
}
