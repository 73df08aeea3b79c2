// A kept answer in the form that this call's client wants: the bytes as they were, or a stream told whole, or the reverse, by the
// client's own dialect. Nothing of it goes through another dialect.
import type { CachedAnswer } from '../../contracts/cache.ts';
import type { Call } from '../../contracts/call.ts';
import type { ChatAnswer } from '../../contracts/chat.ts';
import type { ChatCodec, Dialect } from '../../contracts/dialect.ts';
import type { Frames } from '../../contracts/framing.ts';
import { parseAnswer } from '../../dialects/answer-json.ts';
import { streamAnswer } from '../answer/answer-stream.ts';
import { gatherStream } from '../answer/gather-stream.ts';
import { tellsUsageApart } from '../answer/client-habits.ts';
import { answerContext, clientFrames, rememberRequest } from '../answer/open-relay.ts';
import { turnOf } from '../answer/turn-codec.ts';

export interface InForm {
  stream: boolean;
  contentType: string;
  body: Buffer | string;
  /** Of bytes as they were; null otherwise. */
  pace: readonly number[] | null;
}

/**
 * @param wallMs since 1970, for what is written anew.
 * @throws GatewayError when the kept bytes cannot be read: the entry is of no use.
 */
export function inForm(call: Call, client: Dialect, entry: CachedAnswer, wallMs: number): InForm {
  const { contentType, body, pace } = entry;
  if (call.operation!.answer !== 'deltas') return { stream: false, contentType, body, pace: null };
  const codec = turnOf(client, call.operation!.name);
  const frames = call.stream ? clientFrames(call, client) : null;
  if (frames === null) {
    if (entry.form === 'whole')
      return keptTurn(call, entry, { stream: false, contentType, body, pace: null });
  } else if (
    entry.form === 'events' &&
    contentType === frames.contentType &&
    entry.includeUsage === tellsUsageApart(call)
  ) {
    return keptTurn(call, entry, { stream: true, contentType, body, pace });
  }
  return told(call, codec, frames, entry, wallMs);
}

function told(
  call: Call,
  codec: ChatCodec,
  frames: Frames | null,
  entry: CachedAnswer,
  wallMs: number,
): InForm {
  const answer = answerOf(codec, entry);
  const context = answerContext(call, call.plan!.targets[0]!, wallMs, null);
  rememberRequest(call, codec, context);
  if (call.kept !== null && entry.turnId !== null) call.kept.id = entry.turnId;
  if (frames === null) {
    const text = codec.encodeAnswer(answer, context);
    if (call.kept !== null) call.kept.answer = text;
    return { stream: false, contentType: 'application/json', body: text, pace: null };
  }
  const body = streamAnswer(answer, codec.createEncoder(context), frames);
  return { stream: true, contentType: frames.contentType, body, pace: null };
}

/** What a kept answer says, in neutral form. @throws GatewayError */
export function answerOf(codec: ChatCodec, { form, body, usage }: CachedAnswer): ChatAnswer {
  const answer =
    form === 'whole'
      ? codec.decodeAnswer(parseAnswer(body, true))
      : gatherStream(body, codec.framing, codec.createDecoder());
  // A stream tells it to whom asks for it alone.
  return { ...answer, usage: answer.usage ?? usage };
}

/** Later turns may build on an answer that was given again as on any other. */
function keptTurn(call: Call, { turnId, body }: CachedAnswer, form: InForm): InForm {
  const { kept } = call;
  if (kept === null) return form;
  if (turnId !== null) kept.id = turnId;
  kept.answer = form.stream ? lastEvent(body) : body;
  return form;
}

/** The event that holds the whole response is the last one that says anything. */
function lastEvent(body: Buffer): Buffer | null {
  const at = body.lastIndexOf('data: {');
  if (at < 0) return null;
  const end = body.indexOf('\n', at);
  return body.subarray(at + 6, end < 0 ? body.length : end);
}
