// OpenAI Chat Completions: role chunk, deltas, finish chunk, usage if asked, [DONE].
import { deltaText, stampOffset } from './delta-text.ts';
import { CREATED, type DialectScript, MODEL, PROMPT_TOKENS } from './script.ts';

const ID = 'chatcmpl-bench00000000000000000000';

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const chunk = (choices: readonly unknown[], more: object = {}): string =>
  event({
    id: ID,
    object: 'chat.completion.chunk',
    created: CREATED,
    model: MODEL,
    system_fingerprint: 'fp_bench',
    choices,
    ...more,
  });

const choice = (delta: unknown, finish: string | null): unknown[] => [
  { index: 0, delta, logprobs: null, finish_reason: finish },
];

const usage = (completion: number): object => ({
  prompt_tokens: PROMPT_TOKENS,
  completion_tokens: completion,
  total_tokens: PROMPT_TOKENS + completion,
});

export const openai = {
  answer: (text) =>
    JSON.stringify({
      id: ID,
      object: 'chat.completion',
      created: CREATED,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: usage(48),
    }),

  stream: (deltas) => {
    const finish = chunk(choice({}, 'stop'));
    const done = 'data: [DONE]\n\n';
    return {
      contentType: 'text/event-stream',
      head: Buffer.from(chunk(choice({ role: 'assistant', content: '' }, null))),
      deltas: Array.from({ length: deltas }, (_, i) => {
        const bytes = Buffer.from(chunk(choice({ content: deltaText(i) }, null)));
        return { bytes, stamp: stampOffset(bytes) };
      }),
      tail: Buffer.from(finish + done),
      tailWithUsage: Buffer.from(finish + chunk([], { usage: usage(deltas) }) + done),
      seal: null,
    };
  },

  failure: (status) =>
    JSON.stringify({
      error: {
        message: 'The bench wants this call to fail.',
        type: status === 429 ? 'rate_limit_error' : 'server_error',
        param: null,
        code: status === 429 ? 'rate_limit_exceeded' : null,
      },
    }),
} as const satisfies DialectScript;
