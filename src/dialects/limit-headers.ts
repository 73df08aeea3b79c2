// Rate-limit headers under the other vendor's names. Limit and remaining counts mean the same at both; a reset is a
// duration at OpenAI and a date at Anthropic, and is left out (wire.md 11.3).
import type { LimitHeaderStyle } from '../contracts/manner.ts';

const AT_OPENAI = /^x-ratelimit-(limit|remaining)-(requests|tokens)$/;
const AT_ANTHROPIC = /^anthropic-ratelimit-(requests|tokens)-(limit|remaining)$/;

/** The name a client that knows the style `to` reads this header of another vendor by; null when it has no twin there. */
export function limitHeaderFor(to: LimitHeaderStyle, name: string): string | null {
  if (to === 'none') return null;
  if (to === 'anthropic-ratelimit') {
    const found = AT_OPENAI.exec(name);
    return found === null ? null : `anthropic-ratelimit-${found[2]}-${found[1]}`;
  }
  const found = AT_ANTHROPIC.exec(name);
  return found === null ? null : `x-ratelimit-${found[2]}-${found[1]}`;
}
