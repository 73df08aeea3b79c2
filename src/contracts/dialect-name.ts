/** The wire formats the gateway reads and writes. */
export type DialectName =
  | 'openai-chat'
  | 'anthropic'
  | 'bedrock'
  | 'bedrock-invoke'
  | 'cohere'
  | 'gemini'
  | 'openai-responses';
