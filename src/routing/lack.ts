// What a target is known to lack for a request: then another of the plan is asked instead of it. Only what is certain: all else
// the provider itself says better.
import type { BodyFacts } from '../contracts/body.ts';
import type { FallbackKind } from '../contracts/alias-config.ts';
import type { Target } from '../contracts/plan.ts';

/** No text has fewer tokens than one for so many bytes; a prompt of pictures has, and is not judged. */
const MOST_BYTES_PER_TOKEN = 8;

/** The kind of failure that asking the target would end in; null = none is known. */
export function lackOf(target: Target, body: Buffer, facts: BodyFacts): FallbackKind | null {
  const { tools, images, contextTokens } = target.encode.capabilities;
  if (facts.hasTools && tools === 'none') return 'error';
  if (!images && holdsImage(body)) return 'error';
  const long = contextTokens !== null && facts.promptBytes > contextTokens * MOST_BYTES_PER_TOKEN;
  return long && !holdsImage(body) ? 'context_window' : null;
}

/** In any dialect's words. */
const IMAGES: readonly string[] = [
  '"image_url"',
  '"input_image"',
  '"image"',
  '"image/',
  '"inlineData"',
  '"inline_data"',
];

function holdsImage(body: Buffer): boolean {
  return IMAGES.some((word) => body.includes(word));
}
