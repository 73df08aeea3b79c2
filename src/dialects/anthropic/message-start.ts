// How a Messages stream begins.
import type { Usage } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { encodeUsage } from './usage.ts';

type Context = Pick<AnswerContext, 'requestId' | 'model'>;

/** The upstream's id under Anthropic's prefix, else one made of the request's. */
export function messageId(id: string, context: Context): string {
  const known = id === '' ? context.requestId : id;
  return known.startsWith('msg_') ? known : `msg_${known}`;
}

/** The `message_start` event. @param id and @param model '' = the upstream did not tell. */
export function messageStart(context: Context, id = '', model = '', usage: Usage | null = null): string {
  const message: JsonObject = {
    id: messageId(id, context),
    type: 'message',
    role: 'assistant',
    model: model || context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: encodeUsage(usage),
  };
  return `event: message_start\ndata: ${JSON.stringify({ type: 'message_start', message })}\n\n`;
}
