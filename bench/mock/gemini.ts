// Gemini generateContent and streamGenerateContent?alt=sse: whole answers as events, CRLF between them, no end marker.
import { deltaText, stampOffset } from './delta-text.ts';
import { type DialectScript, MODEL, PROMPT_TOKENS } from './script.ts';

const answer = (text: string, tokens: number, finish: string | null): string =>
  JSON.stringify({
    candidates: [
      {
        content: { parts: [{ text }], role: 'model' },
        ...(finish === null ? {} : { finishReason: finish }),
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: PROMPT_TOKENS,
      candidatesTokenCount: tokens,
      totalTokenCount: PROMPT_TOKENS + tokens,
    },
    modelVersion: MODEL,
    responseId: 'bench000000000000000',
  });

const event = (data: string): string => `data: ${data}\r\n\r\n`;

export const gemini = {
  answer: (text) => answer(text, 48, 'STOP'),

  stream: (deltas) => {
    const tail = Buffer.from(event(answer('', deltas, 'STOP')));
    return {
      contentType: 'text/event-stream',
      head: Buffer.alloc(0),
      deltas: Array.from({ length: deltas }, (_, i) => {
        const bytes = Buffer.from(event(answer(deltaText(i), i + 1, null)));
        return { bytes, stamp: stampOffset(bytes) };
      }),
      tail,
      tailWithUsage: tail, // usage always comes
      seal: null,
    };
  },

  failure: (status) => {
    const names: Record<number, string> = { 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL' };
    const error = {
      code: status,
      message: 'The bench wants this call to fail.',
      status: names[status] ?? 'UNAVAILABLE',
    };
    return JSON.stringify({ error });
  },
} as const satisfies DialectScript;
