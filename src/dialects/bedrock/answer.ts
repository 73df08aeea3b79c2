// A whole Converse answer: read for its facts, decoded, and written.
import { stringifyJson } from '../../body/lossless.ts';
import type { AnswerFacts, ChatAnswer, Part } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { encodeInput } from '../anthropic/blocks-encode.ts';
import { CLIENT_TOOL_ID, clientIds } from '../anthropic/tool-id-rule.ts';
import { fromWireName } from '../anthropic/wire-names.ts';
import { argumentsOf } from '../argument-shape.ts';
import { badOutput } from '../bad-output.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { ToolIds } from '../tool-ids.ts';
import { encodeReasoning } from './blocks-encode.ts';
import { readCitations, writeCitation } from './citations.ts';
import { decodeRedacted } from './redacted.ts';
import { decodeStop, encodeStop } from './stop-reason.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** @throws GatewayError with a fault when the model's output was broken, GW_UPSTREAM_BAD_OUTPUT when it is no answer. */
export function readAnswer(body: JsonObject): AnswerFacts {
  contentOf(body);
  return {
    usage: decodeUsage(body['usage'], body['serviceTier']),
    stop: decodeStop(stringAt(body, 'stopReason')),
    model: null,
    id: null,
  };
}

/** @throws GatewayError as readAnswer. */
export function decodeAnswer(body: JsonObject): ChatAnswer {
  const parts: Part[] = [];
  for (const block of contentOf(body)) {
    const part = isObject(block) ? decodeBlock(block) : null;
    if (part !== null) parts.push(part);
  }
  const toolCall = parts.some((part) => part.kind === 'tool_call');
  return {
    id: '',
    model: '',
    created: null,
    parts,
    stop: realStop(decodeStop(stringAt(body, 'stopReason')), { toolCall, refusal: false }),
    stopSequence: null,
    usage: decodeUsage(body['usage'], body['serviceTier']),
  };
}

/** A Converse answer as JSON text. The time it took is a number that clients read: we do not know the model's, so it is 0. */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): string {
  const ids = new ToolIds(CLIENT_TOOL_ID, clientIds(context));
  const content = answer.parts.map((part) => encodePart(part, ids)).filter((block) => block !== null);
  const calledTool = answer.parts.some((part) => part.kind === 'tool_call');
  return stringifyJson({
    output: { message: { role: 'assistant', content } },
    stopReason: encodeStop(answer.stop ?? 'end', calledTool),
    usage: encodeUsage(answer.usage),
    metrics: { latencyMs: 0 },
  });
}

function contentOf(body: JsonObject): Json[] {
  const message = objectAt(objectAt(body, 'output') ?? {}, 'message');
  const content = message?.['content'];
  if (Array.isArray(content)) return content;
  throw badOutput('The answer has no message.');
}

// What ran at the provider has no neutral form; its fruit is in the text around it.
function decodeBlock(block: JsonObject): Part | null {
  const text = stringAt(block, 'text');
  if (text !== null) return { kind: 'text', text, cache: null };
  const use = objectAt(block, 'toolUse');
  if (use !== null) return stringAt(use, 'type') === null ? decodeToolUse(use) : null;
  const reasoning = objectAt(block, 'reasoningContent');
  if (reasoning !== null) return decodeReasoning(reasoning);
  const cited = objectAt(block, 'citationsContent');
  if (cited !== null)
    return { kind: 'text', text: citedText(cited), cache: null, citations: readCitations(cited) };
  const image = objectAt(block, 'image');
  if (image === null) return null;
  const note = `[The model answered with a picture (${stringAt(image, 'format') ?? 'of an unknown format'}), which this API cannot carry.]`;
  return { kind: 'text', text: note, cache: null };
}

function decodeToolUse(use: JsonObject): Part {
  const name = stringAt(use, 'name');
  if (!name) throw badOutput('The provider sent a tool call without a name.');
  return {
    kind: 'tool_call',
    id: fromWireName(stringAt(use, 'toolUseId') ?? ''),
    name,
    arguments: argumentsOf(use['input']),
    cache: null,
  };
}

function decodeReasoning(reasoning: JsonObject): Part {
  const redacted = stringAt(reasoning, 'redactedContent');
  if (redacted !== null)
    return { kind: 'reasoning', text: '', signature: null, redacted: decodeRedacted(redacted) };
  const told = objectAt(reasoning, 'reasoningText') ?? {};
  return {
    kind: 'reasoning',
    text: stringAt(told, 'text') ?? '',
    signature: stringAt(told, 'signature') || null,
    redacted: null,
  };
}

function citedText(cited: JsonObject): string {
  return arrayAt(cited, 'content')
    .map((piece) => (isObject(piece) ? (stringAt(piece, 'text') ?? '') : ''))
    .join('');
}

function encodePart(part: Part, ids: ToolIds): JsonObject | null {
  switch (part.kind) {
    case 'text':
      if (part.citations === undefined || part.citations.length === 0) return { text: part.text };
      return {
        citationsContent: { content: [{ text: part.text }], citations: part.citations.map(writeCitation) },
      };
    case 'refusal':
      return { text: part.text };
    case 'reasoning':
      return encodeReasoning(part);
    case 'tool_call': {
      const { input } = encodeInput(part.arguments);
      return { toolUse: { toolUseId: ids.take(part.id), name: part.name, input } };
    }
    default: // media and results do not stand in answers
      return null;
  }
}
