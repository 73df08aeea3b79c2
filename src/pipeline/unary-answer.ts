// A whole answer: checked, read for usage, and turned into the client's dialect where that differs.

import type { ToolMemory } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts, ChatAnswer } from '../contracts/chat.ts';
import type { AnswerContext, Dialect } from '../contracts/dialect.ts';
import type { Target } from '../contracts/plan.ts';
import { parseAnswer, scanAnswer } from '../dialects/answer-json.ts';
import { sealAnswer } from '../dialects/proofs.ts';
import { restoreAnswer, turnsBack } from '../dialects/tool-memory.ts';
import { streamAnswer } from './answer-stream.ts';
import { filterAnswer } from './filter-deltas.ts';
import { gatherStream } from './gather-stream.ts';
import { answerContext, clientFrames, makerAt, organizationOf } from './open-relay.ts';

export interface Delivery {
  facts: AnswerFacts | null;
  contentType: string;
  body: Buffer | string;
}

/**
 * @param tools what the request's translation changed of its tools; null when nothing.
 * @param wall ms since 1970.
 * @returns the bytes for the client: the upstream's own in the same dialect, events where it asked for a stream.
 * @throws GatewayError when it is no answer: broken JSON, or an error behind a 200.
 */
export function deliverAnswer(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  body: Buffer,
  wall: number,
): Delivery {
  const contentType = 'application/json';
  const streamed = target.dialect.chat.framing.kindOf(body) === 'events';
  const { filters } = call.flow;
  if (!call.translated && !call.stream && !streamed && filters.length === 0) {
    return { facts: client.chat.readAnswer(scanAnswer(body)), contentType, body };
  }
  const { facts, decoded } = streamed ? fromEvents(body, target, tools?.choices) : fromJson(body, target);
  const restored = tools === null || !turnsBack(tools) ? decoded : restoreAnswer(decoded, tools);
  const filtered =
    filters.length === 0
      ? restored
      : filterAnswer(
          restored,
          filters.map((create) => create(call)),
        );
  const answer = call.translated
    ? sealAnswer(filtered, client.manner.maker, makerAt(target), organizationOf(call))
    : filtered;
  const context = answerContext(call, target, wall, tools);
  if (!call.translated) remember(call, client, context);
  if (!call.stream) return { facts, contentType, body: client.chat.encodeAnswer(answer, context) };
  const frames = clientFrames(call, client);
  const events = streamAnswer(answer, client.chat.createEncoder(context), frames);
  return { facts, contentType: frames.contentType, body: events };
}

// In its own dialect a request is not decoded; only an answer that is written anew asks what it said.
function remember(call: Call, { chat }: Dialect, context: AnswerContext): void {
  if (chat.remember !== undefined && call.body !== null)
    context.remembered = chat.remember(scanAnswer(call.body));
}

function fromJson(body: Buffer, { dialect }: Target): { facts: AnswerFacts; decoded: ChatAnswer } {
  const json = parseAnswer(body, true);
  return { facts: dialect.chat.readAnswer(json), decoded: dialect.chat.decodeAnswer(json) };
}

// Not asked for, but an answer all the same.
function fromEvents(
  body: Buffer,
  { dialect }: Target,
  choices: number | undefined,
): { facts: AnswerFacts; decoded: ChatAnswer } {
  const decoder = dialect.chat.createDecoder(choices);
  const decoded = gatherStream(body, dialect.chat.framing, decoder);
  return { facts: decoder.facts, decoded };
}
