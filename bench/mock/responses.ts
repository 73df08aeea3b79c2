// OpenAI Responses: numbered, named events from response.created to response.completed. The `done` of the text, which repeats it,
// is left out: the deltas are stamped as they are sent, and a gateway that compares the two would rightly find them different.
import { deltaText, stampOffset } from './delta-text.ts';
import { openai } from './openai.ts';
import { answerText, CREATED, type DialectScript, MODEL, PROMPT_TOKENS } from './script.ts';

const ID = 'resp_bench0000000000000000000000000000';
const ITEM = 'msg_bench00000000000000000000000000000';
/** Bytes of a delta's text. */
const DELTA_BYTES = 18;

const message = (text: string, status: string): object => ({
  id: ITEM,
  type: 'message',
  status,
  content: text === '' ? [] : [{ type: 'output_text', annotations: [], logprobs: [], text }],
  role: 'assistant',
});

const response = (status: string, output: readonly object[], tokens: number | null): object => ({
  id: ID,
  object: 'response',
  created_at: CREATED,
  status,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model: MODEL,
  output,
  parallel_tool_calls: true,
  temperature: 0.7,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  usage:
    tokens === null
      ? null
      : {
          input_tokens: PROMPT_TOKENS,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: tokens,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: PROMPT_TOKENS + tokens,
        },
});

const event = (type: string, sequence: number, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...more })}\n\n`;

const place = { item_id: ITEM, output_index: 0, content_index: 0 };

export const responses = {
  answer: (text) => JSON.stringify(response('completed', [message(text, 'completed')], 48)),

  stream: (deltas) => {
    const head = [
      event('response.created', 0, { response: response('in_progress', [], null) }),
      event('response.in_progress', 1, { response: response('in_progress', [], null) }),
      event('response.output_item.added', 2, { output_index: 0, item: message('', 'in_progress') }),
      event('response.content_part.added', 3, {
        ...place,
        part: { type: 'output_text', annotations: [], logprobs: [], text: '' },
      }),
    ];
    const item = message(answerText(deltas * DELTA_BYTES), 'completed');
    const next = head.length + deltas;
    const tail = Buffer.from(
      event('response.output_item.done', next, { output_index: 0, item }) +
        event('response.completed', next + 1, { response: response('completed', [item], deltas) }),
    );
    return {
      contentType: 'text/event-stream',
      head: Buffer.from(head.join('')),
      deltas: Array.from({ length: deltas }, (_, i) => {
        const delta = { ...place, delta: deltaText(i), logprobs: [] };
        const bytes = Buffer.from(event('response.output_text.delta', head.length + i, delta));
        return { bytes, stamp: stampOffset(bytes) };
      }),
      tail,
      tailWithUsage: tail, // usage always comes
      seal: null,
    };
  },

  failure: openai.failure,
} as const satisfies DialectScript;
