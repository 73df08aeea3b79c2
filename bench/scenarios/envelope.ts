// Whether an answer is in the dialect the client speaks: a gateway that hands the provider's own body through has not
// translated anything, however fast it is.
import type { Answer } from './single-call.ts';

export type Translated = 'openai' | 'anthropic';

/** @returns what is wrong with an answer that is not streamed, or null. */
export function envelopeFault(dialect: Translated, { status, body }: Answer): string | null {
  if (status !== 200) return `status ${status}`;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'the answer is no JSON';
  }
  if (dialect === 'anthropic') {
    if (field(value, 'type') !== 'message' || field(value, 'role') !== 'assistant') return foreign(dialect);
    const first = field(field(value, 'content'), 0);
    if (field(first, 'type') !== 'text') return 'no text block in `content`';
    if (!filled(field(first, 'text'))) return 'the text is empty';
    if (typeof field(field(value, 'usage'), 'output_tokens') !== 'number') return 'no `usage.output_tokens`';
    return typeof field(value, 'stop_reason') === 'string' ? null : 'no `stop_reason`';
  }
  if (field(value, 'object') !== 'chat.completion') return foreign(dialect);
  const choice = field(field(value, 'choices'), 0);
  if (!filled(field(field(choice, 'message'), 'content'))) return 'the message is empty';
  if (typeof field(field(value, 'usage'), 'completion_tokens') !== 'number')
    return 'no `usage.completion_tokens`';
  return typeof field(choice, 'finish_reason') === 'string' ? null : 'no `finish_reason`';
}

/** @returns what is wrong with a streamed answer, or null. */
export function streamFault(dialect: Translated, { status, body }: Answer): string | null {
  if (status !== 200) return `status ${status}`;
  const types = dataOf(body).map((data) =>
    data === '[DONE]' ? data : field(parsed(data), dialect === 'anthropic' ? 'type' : 'object'),
  );
  if (dialect === 'anthropic') {
    if (types[0] !== 'message_start') return foreign(dialect);
    if (!types.includes('content_block_delta')) return 'no `content_block_delta`';
    if (types.some((type) => type === '[DONE]' || type === undefined))
      return 'events of another dialect in it';
    return types.at(-1) === 'message_stop' ? null : 'no `message_stop` at the end';
  }
  if (types[0] !== 'chat.completion.chunk') return foreign(dialect);
  if (types.at(-1) !== '[DONE]') return 'no [DONE] at the end';
  return types.slice(0, -1).every((type) => type === 'chat.completion.chunk')
    ? null
    : 'events of another dialect in it';
}

const foreign = (dialect: Translated): string => `the answer is not in the dialect of ${dialect}`;

const filled = (value: unknown): boolean => typeof value === 'string' && value !== '';

function field(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of each event of the text, its data. */
function dataOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim());
}
