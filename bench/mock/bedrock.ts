// Bedrock Converse and ConverseStream: JSON, and binary event-stream messages.
import { deltaText, stampOffset } from './delta-text.ts';
import { encodeMessage, sealMessage } from './event-stream.ts';
import { type DialectScript, PROMPT_TOKENS } from './script.ts';

const usage = (output: number): object => ({
  inputTokens: PROMPT_TOKENS,
  outputTokens: output,
  totalTokens: PROMPT_TOKENS + output,
});

const event = (type: string, payload: object): Buffer =>
  encodeMessage(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    Buffer.from(JSON.stringify(payload)),
  );

export const bedrock = {
  answer: (text) =>
    JSON.stringify({
      output: { message: { role: 'assistant', content: [{ text }] } },
      stopReason: 'end_turn',
      usage: usage(48),
      metrics: { latencyMs: 1 },
    }),

  stream: (deltas) => {
    const tail = Buffer.concat([
      event('contentBlockStop', { contentBlockIndex: 0 }),
      event('messageStop', { stopReason: 'end_turn' }),
      event('metadata', { usage: usage(deltas), metrics: { latencyMs: 1 } }),
    ]);
    return {
      contentType: 'application/vnd.amazon.eventstream',
      head: event('messageStart', { role: 'assistant' }),
      deltas: Array.from({ length: deltas }, (_, i) => {
        const bytes = event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: deltaText(i) } });
        return { bytes, stamp: stampOffset(bytes) };
      }),
      tail,
      tailWithUsage: tail, // usage always comes
      seal: sealMessage,
    };
  },

  failure: () => JSON.stringify({ message: 'The bench wants this call to fail.' }),
} as const satisfies DialectScript;
