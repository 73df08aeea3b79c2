// How each vendor refuses a prompt that is too long for its model. Programs know the refusal by these words.
import type { DialectName } from '../../src/contracts/dialect.ts';
import type { MockFault } from './mock-dialect.ts';

const WORDS: Partial<Record<DialectName, string>> = {
  'openai-chat':
    "This model's maximum context length is 200000 tokens. However, your messages resulted in 210000 tokens. Please reduce the length of the messages.",
  'openai-responses':
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
  anthropic: 'prompt is too long: 210000 tokens > 200000 maximum',
  gemini: 'The input token count (210000) exceeds the maximum number of tokens allowed (200000).',
  bedrock: 'The model returned the following errors: Input is too long for requested model.',
  cohere: 'too many tokens: size limit exceeded by 10000 tokens. Try using shorter or fewer inputs.',
};

/** @throws for a dialect without such words */
export function tooLong(dialect: DialectName): MockFault {
  const message = WORDS[dialect];
  if (message === undefined) throw new Error(`nobody knows how ${dialect} refuses a prompt that is too long`);
  return {
    status: 400,
    message,
    type: null,
    code: dialect.startsWith('openai') ? 'context_length_exceeded' : null,
  };
}
