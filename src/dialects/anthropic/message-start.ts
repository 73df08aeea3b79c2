// How a Messages stream begins.
import type { Usage } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { encodeUsage } from './usage.ts';

type Context = Pick<AnswerContext, 'requestId' | 'model' | 'promptEstimate'>;

const UNKNOWN: Usage = {
  input: null,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  output: null,
  reasoning: null,
};

/** `usage` with our estimate of the prompt where it says nothing: clients read how full the context is from its start. */
export function knownUsage(usage: Usage | null, { promptEstimate }: Context): Usage | null {
  if (promptEstimate === undefined || (usage !== null && usage.input !== null)) return usage;
  return { ...(usage ?? UNKNOWN), input: promptEstimate };
}

/** The upstream's id under Anthropic's prefix, else one made of the request's. */
export function messageId(id: string, context: Context): string {
  const known = id === '' ? context.requestId : id;
  return known.startsWith('msg_') ? known : `msg_${known}`;
}

/** Data of the `message_start` event. @param id and @param model '' = the upstream did not tell. */
export function messageStart(context: Context, id = '', model = '', usage: Usage | null = null): string {
  const message: JsonObject = {
    id: messageId(id, context),
    type: 'message',
    role: 'assistant',
    model: model || context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: encodeUsage(knownUsage(usage, context)),
  };
  return JSON.stringify({ type: 'message_start', message });
}
