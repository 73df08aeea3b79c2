// Anthropic Messages: named events from message_start to message_stop.
import { deltaText, stampOffset } from './delta-text.ts';
import { type DialectScript, MODEL, PROMPT_TOKENS } from './script.ts';

const ID = 'msg_bench00000000000000000000';

const event = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

export const anthropic = {
  answer: (text) =>
    JSON.stringify({
      id: ID,
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: PROMPT_TOKENS,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 48,
      },
    }),

  stream: (deltas) => {
    const start = event('message_start', {
      message: {
        id: ID,
        type: 'message',
        role: 'assistant',
        model: MODEL,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: PROMPT_TOKENS, output_tokens: 1 },
      },
    });
    const block = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    const tail = Buffer.from(
      event('content_block_stop', { index: 0 }) +
        event('message_delta', {
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: deltas },
        }) +
        event('message_stop', {}),
    );
    return {
      contentType: 'text/event-stream',
      head: Buffer.from(start + block + event('ping', {})),
      deltas: Array.from({ length: deltas }, (_, i) => {
        const delta = { type: 'text_delta', text: deltaText(i) };
        const bytes = Buffer.from(event('content_block_delta', { index: 0, delta }));
        return { bytes, stamp: stampOffset(bytes) };
      }),
      tail,
      tailWithUsage: tail, // usage always comes
      seal: null,
    };
  },

  failure: (status) => {
    const types: Record<number, string> = { 429: 'rate_limit_error', 529: 'overloaded_error' };
    const type = types[status] ?? 'api_error';
    return JSON.stringify({ type: 'error', error: { type, message: 'The bench wants this call to fail.' } });
  },
} as const satisfies DialectScript;
