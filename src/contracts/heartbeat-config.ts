// What is said to clients whose stream is silent.

/** Dialects whose clients read past a sign of life. */
export const HEARTBEAT_DIALECTS = [
  'openai-chat',
  'openai-responses',
  'anthropic',
  'gemini',
  'cohere',
] as const;

export interface HeartbeatConfig {
  /** A stream that says nothing for so long says that it lives; 0 = never. */
  intervalMs: number;
  /** Of clients that are told. */
  dialects: (typeof HEARTBEAT_DIALECTS)[number][];
  /** Also before there is an answer, whose status is 200 then. */
  beforeAnswer: boolean;
}
