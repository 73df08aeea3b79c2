// A whole answer: checked, read for usage, and turned into the client's dialect where that differs.

import type { ToolMemory } from '../../contracts/body.ts';
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts, ChatAnswer } from '../../contracts/chat.ts';
import type { CreateDeltaQueue } from '../../contracts/delta-filter.ts';
import type { ChatCodec, Dialect, StreamDecoder } from '../../contracts/dialect.ts';
import type { Target } from '../../contracts/plan.ts';
import { parseAnswer, scanAnswer } from '../../dialects/answer-json.ts';
import { sealAnswer } from '../../dialects/proofs.ts';
import { cutAnswer, cutsOf } from '../../dialects/stop-cut.ts';
import { restoreAnswer, turnsBack } from '../../dialects/tool-memory.ts';
import { streamAnswer } from './answer-stream.ts';
import { filterAnswer, filterAside } from './filter-deltas.ts';
import { gatherStream } from './gather-stream.ts';
import {
  answerContext,
  choicesAsked,
  cutDecoder,
  clientFrames,
  makerAt,
  organizationOf,
  rememberRequest,
} from './open-relay.ts';
import { turnOf } from './turn-codec.ts';

const JSON_TYPE = 'application/json';

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
  const contentType = JSON_TYPE;
  const asked = turnOf(client, call.operation!.name);
  const source = turnOf(target.dialect, target.operation);
  const streamed = source.framing.kindOf(body) === 'events';
  if (call.operation!.answer === 'events') {
    return streamed
      ? { facts: null, contentType: source.framing.contentType, body }
      : { facts: asked.readAnswer(scanAnswer(body)), contentType, body };
  }
  const { filters } = call;
  const asItCame = !call.translated && !call.stream && !streamed && filters.length === 0;
  if (asItCame && !isCut(asked, body, cutsOf(tools))) {
    const facts = asked.readAnswer(scanAnswer(body));
    const told = call.builtOn === null ? body : (asked.builtOn?.(body, call.builtOn) ?? body);
    if (call.kept !== null) {
      call.kept.id = facts.id ?? call.kept.id;
      call.kept.answer = told;
    }
    return { facts, contentType, body: told };
  }
  const { facts, answer } = readAnswer(call, client, target, tools, body);
  return inDialect(call, client, target, tools, facts, answer, wall);
}

/** As `deliverAnswer` of what is said, where `create` makes somebody who looks at it and takes his time. Rejects as that throws. */
export async function deliverAside(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  body: Buffer,
  wall: number,
  create: CreateDeltaQueue,
): Promise<Delivery> {
  const { facts, answer } = await readAside(call, client, target, tools, body, create);
  return inDialect(call, client, target, tools, facts, answer, wall);
}

/** As `readAnswer`, where `create` makes somebody who looks at it and takes his time. Rejects as that throws. */
export async function readAside(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  body: Buffer,
  create: CreateDeltaQueue,
): Promise<{ facts: AnswerFacts; answer: ChatAnswer }> {
  const { facts, restored } = readPlain(call, target, tools, body);
  const filters = call.filters.map((make) => make(call));
  return { facts, answer: sealed(call, client, target, await filterAside(restored, create, filters)) };
}

function inDialect(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  facts: AnswerFacts,
  answer: ChatAnswer,
  wall: number,
): Delivery {
  const asked = turnOf(client, call.operation!.name);
  const context = answerContext(call, target, wall, tools);
  if (!call.translated) rememberRequest(call, asked, context);
  if (!call.stream) {
    const text = asked.encodeAnswer(answer, context);
    if (call.kept !== null) call.kept.answer = text;
    return { facts, contentType: JSON_TYPE, body: text };
  }
  const frames = clientFrames(call, client);
  const events = streamAnswer(answer, asked.createEncoder(context), frames);
  return { facts, contentType: frames.contentType, body: events };
}

/** What a whole answer says to its client. @throws GatewayError as `deliverAnswer`. */
export function readAnswer(
  call: Call,
  client: Dialect,
  target: Target,
  tools: ToolMemory | null,
  body: Buffer,
): { facts: AnswerFacts; answer: ChatAnswer } {
  const { filters } = call;
  const { facts, restored } = readPlain(call, target, tools, body);
  const filtered =
    filters.length === 0
      ? restored
      : filterAnswer(
          restored,
          filters.map((create) => create(call)),
        );
  return { facts, answer: sealed(call, client, target, filtered) };
}

/** What an answer says, whoever looks at it then. */
function readPlain(
  call: Call,
  target: Target,
  tools: ToolMemory | null,
  body: Buffer,
): { facts: AnswerFacts; restored: ChatAnswer } {
  const source = turnOf(target.dialect, target.operation);
  const streamed = source.framing.kindOf(body) === 'events';
  const { facts, decoded } = streamed
    ? fromEvents(body, source, cutDecoder(source.createDecoder(choicesAsked(call, tools)), call, tools))
    : fromJson(body, source, cutsOf(tools));
  return { facts, restored: tools === null || !turnsBack(tools) ? decoded : restoreAnswer(decoded, tools) };
}

function sealed(call: Call, client: Dialect, target: Target, answer: ChatAnswer): ChatAnswer {
  if (!call.translated) return answer;
  return sealAnswer(answer, client.manner, makerAt(target), organizationOf(call));
}

/** Whether stop sequences end a whole answer before its time; null = there are none. @throws GatewayError as `deliverAnswer`. */
function isCut(codec: ChatCodec, body: Buffer, stops: readonly string[] | null): boolean {
  if (stops === null) return false;
  const answer = codec.decodeAnswer(parseAnswer(body, true));
  return cutAnswer(answer, stops) !== answer;
}

/** @param stops end it before its time; null = none. */
function fromJson(
  body: Buffer,
  codec: ChatCodec,
  stops: readonly string[] | null,
): { facts: AnswerFacts; decoded: ChatAnswer } {
  const json = parseAnswer(body, true);
  const facts = codec.readAnswer(json);
  const decoded = codec.decodeAnswer(json);
  if (stops === null) return { facts, decoded };
  const cut = cutAnswer(decoded, stops);
  return { facts: { ...facts, stop: cut.stop }, decoded: cut };
}

// Not asked for, but an answer all the same.
function fromEvents(
  body: Buffer,
  codec: ChatCodec,
  decoder: StreamDecoder,
): { facts: AnswerFacts; decoded: ChatAnswer } {
  const decoded = gatherStream(body, codec.framing, decoder);
  return { facts: decoder.facts, decoded };
}
