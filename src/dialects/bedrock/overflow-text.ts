// A prompt that is too long, in the words of Bedrock: agents shorten a conversation when they read them.
import type { ContextOverflow } from '../context-overflow.ts';

const OWN_WORDS = 'Input is too long for requested model.';

/** @param told the vendor's own message, which stands where numbers are missing. */
export function overflowText({ prompt, max }: ContextOverflow, told: string): string {
  if (told.includes(OWN_WORDS)) return told;
  if (prompt === null || max === null) return `${OWN_WORDS} ${told}`;
  return `${OWN_WORDS} prompt is too long: ${prompt} tokens > ${max} maximum`;
}
