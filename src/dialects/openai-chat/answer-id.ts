// Ids of answers in the words of OpenAI's clients, some of which look at how they begin.
import type { AnswerContext } from '../../contracts/answer-context.ts';

const CHAT = 'chatcmpl-';
const COMPLETION = 'cmpl-';

type Context = Pick<AnswerContext, 'requestId' | 'marks'>;

/**
 * The upstream's id under the prefix of Chat Completions, else one made of the request's. A stream that is gone on with keeps the one
 * that its client has.
 *
 * @param id '' = it told none.
 */
export function chatId(id: string, { requestId, marks }: Context): string {
  const known = id === '' ? requestId : id;
  return known.startsWith(CHAT) || (marks !== undefined && id !== '') ? known : CHAT + known;
}

/** As `chatId`, under the prefix of Completions. */
export function completionId(id: string, context: Context): string {
  if (id.startsWith(COMPLETION) || (context.marks !== undefined && id !== '')) return id;
  return COMPLETION + chatId(id, context).slice(CHAT.length);
}
