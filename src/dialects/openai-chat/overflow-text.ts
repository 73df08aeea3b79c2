// A prompt that is too long, in the words of OpenAI: clients that shorten it look for them, or for the code.
import type { ContextOverflow } from '../context-overflow.ts';

/** @param told the vendor's own message, kept where the numbers do not say it all. */
export function overflowText({ prompt, answer, max }: ContextOverflow, told: string): string {
  if (max === null) return `Your input exceeds the context window of this model. The provider says: ${told}`;
  const limit = `This model's maximum context length is ${max} tokens.`;
  if (prompt === null) return `${limit} Please reduce the length of the messages. The provider says: ${told}`;
  return answer === null
    ? `${limit} However, your messages resulted in ${prompt} tokens. Please reduce the length of the messages.`
    : `${limit} However, you requested ${prompt + answer} tokens (${prompt} in the messages, ${answer} in the completion). Please reduce the length of the messages or completion.`;
}
