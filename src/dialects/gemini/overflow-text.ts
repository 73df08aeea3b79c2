// A prompt that is too long, in the words of Gemini: clients that shorten it look for them.
import type { ContextOverflow } from '../context-overflow.ts';

/** @param told the vendor's own message, kept where the numbers do not say it all. */
export function overflowText({ prompt, answer, max }: ContextOverflow, told: string): string {
  const asked = prompt === null ? null : prompt + (answer ?? 0);
  const count = asked === null ? '' : ` (${asked})`;
  const limit = max === null ? '' : ` (${max})`;
  const text = `The input token count${count} exceeds the maximum number of tokens allowed${limit}.`;
  return asked === null || max === null ? `${text} The provider says: ${told}` : text;
}
