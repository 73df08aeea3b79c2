// A whole Messages answer: read for its facts, decoded, and written.
import { stringifyJson } from '../../body/lossless.ts';
import type { AnswerFacts, ChatAnswer, Part } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { argumentsOf } from '../argument-shape.ts';
import { faultError } from '../fault-error.ts';
import { stringAt } from '../lenient.ts';
import { mediaNote } from '../media-note.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { ToolIds } from '../tool-ids.ts';
import { encodeInput, encodeReasoning } from './blocks-encode.ts';
import { readCitations, writeCitation } from './citations.ts';
import { faultIn } from './faults.ts';
import { messageId } from './message-start.ts';
import { decodeStop, encodeStop } from './stop-reason.ts';
import { CLIENT_TOOL_ID, clientIds } from './tool-id-rule.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { fromWireName } from './wire-names.ts';

/** @throws GatewayError with the fault when the 200 holds an error, GW_UPSTREAM_BAD_OUTPUT when it is no answer. */
export function readAnswer(body: JsonObject): AnswerFacts {
  const toolCall = checkAnswer(body).some((block) => isObject(block) && block.type === 'tool_use');
  const stop = decodeStop(stringAt(body, 'stop_reason'));
  return {
    usage: decodeUsage(body.usage),
    stop: stop === null ? null : realStop(stop, { toolCall, refusal: false }),
    model: stringAt(body, 'model'),
    id: stringAt(body, 'id'),
  };
}

/** @throws GatewayError as readAnswer. */
export function decodeAnswer(body: JsonObject): ChatAnswer {
  const content = checkAnswer(body);
  const parts: Part[] = [];
  for (const block of content) {
    const part = isObject(block) ? decodeBlock(block) : null;
    if (part !== null) parts.push(part);
  }
  const toolCall = parts.some((part) => part.kind === 'tool_call');
  return {
    id: stringAt(body, 'id') ?? '',
    model: stringAt(body, 'model') ?? '',
    created: null,
    parts,
    stop: realStop(decodeStop(stringAt(body, 'stop_reason')), { toolCall, refusal: false }),
    stopSequence: stringAt(body, 'stop_sequence'),
    usage: decodeUsage(body.usage),
  };
}

/** A `message` as JSON text. */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): string {
  const calledTool = answer.parts.some((part) => part.kind === 'tool_call');
  return stringifyJson({
    id: messageId(answer.id, context),
    type: 'message',
    role: 'assistant',
    model: answer.model || context.model,
    content: encodeContent(answer.parts, new ToolIds(CLIENT_TOOL_ID, clientIds(context))),
    stop_reason: answer.stop === null ? null : encodeStop(answer.stop, calledTool),
    stop_sequence: answer.stopSequence,
    usage: encodeUsage(answer.usage),
  });
}

function checkAnswer(body: JsonObject): NonNullable<JsonObject[string]>[] {
  if (body.type === 'error') throw faultError(faultIn(body, stringifyJson(body)));
  if (Array.isArray(body.content)) return body.content as NonNullable<JsonObject[string]>[];
  throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
}

// Blocks of tools that ran at the provider have no neutral form; their fruit is in the text around them.
function decodeBlock(block: JsonObject): Part | null {
  switch (block.type) {
    case 'text':
      return textPart(block);
    case 'thinking':
      return {
        kind: 'reasoning',
        text: stringAt(block, 'thinking') ?? '',
        signature: stringAt(block, 'signature') || null,
        redacted: null,
      };
    case 'redacted_thinking':
      return { kind: 'reasoning', text: '', signature: null, redacted: stringAt(block, 'data') ?? '' };
    case 'tool_use':
      return {
        kind: 'tool_call',
        id: stringAt(block, 'id') ?? '',
        name: fromWireName(stringAt(block, 'name') ?? ''),
        arguments: argumentsOf(block.input),
        cache: null,
      };
    case 'image':
    case 'document':
      return { kind: 'text', text: mediaNote(block), cache: null };
    default:
      return null;
  }
}

function textPart(block: JsonObject): Part {
  const text = stringAt(block, 'text') ?? '';
  const citations = readCitations(block);
  return { kind: 'text', text, cache: null, ...(citations.length > 0 && { citations }) };
}

// Text without text beside a tool call is what OpenAI-like answers hold and Anthropic's never do; the whole of an answer
// stays, as its reader may look into content[0]. A proof that has no words and stands behind text is left out at the end, as in
// streams (stream-encode.ts).
function encodeContent(parts: readonly Part[], ids: ToolIds): JsonObject[] {
  const blocks = parts.map((part) => encodePart(part, ids)).filter((block) => block !== null);
  const filled = blocks.filter((block) => block.type !== 'text' || block.text !== '');
  if (filled.length === 0) return blocks.slice(0, 1);
  const said = filled.findLastIndex((block) => block.type !== 'thinking' || block.thinking !== '');
  return filled[said]?.type === 'text' ? filled.slice(0, said + 1) : filled;
}

function encodePart(part: Part, ids: ToolIds): JsonObject | null {
  switch (part.kind) {
    case 'text': {
      const citations = (part.citations ?? []).map(writeCitation).filter((citation) => citation !== null);
      return { type: 'text', text: part.text, ...(citations.length > 0 && { citations }) };
    }
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'reasoning':
      return encodeReasoning(part);
    case 'tool_call':
      return {
        type: 'tool_use',
        id: ids.take(part.id),
        name: part.name,
        input: encodeInput(part.arguments).input,
      };
    default:
      return null;
  }
}
