// How an answer is to be read, by its head and its first bytes: the operation, the status and what it is labelled as say it.
import type { Call } from '../../contracts/call.ts';
import type { Target } from '../../contracts/plan.ts';
import { holdsObjects } from '../forwarded-objects.ts';

/**
 * `bytes`: handed on as they come. `events`: a stream of the dialect, which its first bytes may belie. `unsure`: a stream was asked
 * for and the label is another one, which its first bytes may belie, too. `whole`: read to its end, as refusals are.
 */
export type AnswerKind = 'bytes' | 'events' | 'unsure' | 'whole';

/** @param type the `content-type` */
export function answerKind(
  call: Call,
  target: Target,
  status: number,
  type: string | string[] | undefined,
): AnswerKind {
  const { answer, raw } = call.operation!;
  if ((status < 200 || status >= 300) && raw?.verbatim !== true) return 'whole';
  if (answer === 'bytes' && !holdsObjects(call, status, type)) return 'bytes';
  if (!call.stream) return 'whole';
  return typeof type === 'string' && type.startsWith(target.dialect.chat.framing.mediaType)
    ? 'events'
    : 'unsure';
}

/** Nothing but white space, as some send while there is no answer. */
export function isBlank(chunk: Buffer): boolean {
  for (const byte of chunk) if (byte > 0x20) return false;
  return true;
}
