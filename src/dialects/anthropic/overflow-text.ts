// A prompt that is too long, in the words of Anthropic. Claude Code compacts a conversation when it reads "prompt is too
// long", and asks for a shorter answer when it reads the sum.
import type { ContextOverflow } from '../context-overflow.ts';

const OWN_WORDS = /prompt is too long|input length and `max_tokens` exceed context limit/i;

/** @param told the vendor's own message: it stands if it is in these words already, or where numbers are missing. */
export function overflowText({ prompt, answer, max }: ContextOverflow, told: string): string {
  if (prompt !== null && max !== null) {
    return answer === null || prompt > max
      ? `prompt is too long: ${prompt} tokens > ${max} maximum`
      : `input length and \`max_tokens\` exceed context limit: ${prompt} + ${answer} > ${max}, decrease input length or \`max_tokens\` and try again`;
  }
  return OWN_WORDS.test(told) ? told : `prompt is too long: ${told}`;
}

/** Whether clients of Anthropic know what the message says. */
export function hasOwnWords(message: string): boolean {
  return OWN_WORDS.test(message);
}
