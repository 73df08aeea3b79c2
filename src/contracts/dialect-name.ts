/** The wire formats the gateway reads and writes. */
export type DialectName = 'openai-chat' | 'anthropic' | 'cohere' | 'gemini' | 'openai-responses';
