// Whole answers: facts for the byte path, and chat.completion objects to and from the neutral form.
import type { AnswerFacts, ChatAnswer, Choice, Part, StopReason } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { argumentsOf } from '../argument-shape.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { chatId } from './answer-id.ts';
import { annotationsIn, writeAnnotations } from './annotations.ts';
import { proofOfCall, writeCallProof } from './call-proofs.ts';
import { logprobsIn, writeChances } from './choice-logprobs.ts';
import { contentPieces, mediaPieces } from './content.ts';
import { faultIn, faultOfFinish } from './faults.ts';
import { readReasoning, writeReasoning } from './reasoning.ts';
import { decodeStop, encodeStop, finishReasonOf, isFaultReason } from './stop-reason.ts';
import { newToolCallId } from './tool-ids.ts';
import { findUsage, writeUsage } from './usage.ts';

/** Reads the facts of an answer whose bytes go through. @throws GatewayError when the 200 holds a fault or no answer. */
export function readAnswer(body: JsonObject): AnswerFacts {
  const choice = firstChoice(body);
  const message = objectAt(choice, 'message') ?? {};
  const toolCall = arrayAt(message, 'tool_calls').length > 0 || objectAt(message, 'function_call') !== null;
  const stop = stopOf(choice);
  return {
    usage: findUsage(body),
    stop: stop === null ? null : realStop(stop, { toolCall, refusal: Boolean(stringAt(message, 'refusal')) }),
    model: stringAt(body, 'model') || null,
    id: stringAt(body, 'id') || null,
  };
}

/** Reads a whole answer. @throws GatewayError as readAnswer. */
export function decodeAnswer(body: JsonObject): ChatAnswer {
  const { parts, stop } = readChoice(firstChoice(body));
  const others = arrayAt(body, 'choices').slice(1).filter(isObject).map(readChoice);
  return {
    id: stringAt(body, 'id') ?? '',
    model: stringAt(body, 'model') ?? '',
    created: numberAt(body, 'created'),
    parts,
    stop,
    stopSequence: null,
    usage: findUsage(body),
    ...(others.length > 0 && { others }),
  };
}

function readChoice(choice: JsonObject): Choice {
  const message = objectAt(choice, 'message');
  if (message === null) throw badOutput('A choice has no message.');
  const parts: Part[] = [...readReasoning(message)];
  for (const { kind, text } of [...contentPieces(message['content']), ...mediaPieces(message)]) {
    if (kind === 'reasoning') parts.push({ kind, text, signature: null, redacted: null });
    else if (kind === 'refusal') parts.push({ kind, text });
    else parts.push({ kind, text, cache: null });
  }
  const logprobs = logprobsIn(choice);
  const said = parts.find((part) => part.kind === 'text');
  if (said !== undefined && logprobs.length > 0) said.logprobs = logprobs;
  const citations = annotationsIn(message);
  if (said !== undefined && citations.length > 0) said.citations = citations;
  const refusal = stringAt(message, 'refusal');
  if (refusal) parts.push({ kind: 'refusal', text: refusal });
  for (const call of arrayAt(message, 'tool_calls')) parts.push(toolCall(call));
  const legacy = objectAt(message, 'function_call');
  if (legacy !== null) parts.push(toolCall({ function: legacy }));
  const seen = {
    toolCall: parts.some((part) => part.kind === 'tool_call'),
    refusal: parts.some((part) => part.kind === 'refusal'),
  };
  return { parts, stop: realStop(stopOf(choice), seen) };
}

/** Writes a whole answer as JSON text. */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): string {
  const { usage } = answer;
  const ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  const choices = [answer, ...(answer.others ?? [])].map((choice, index) => writeChoice(choice, index, ids));
  const body: JsonObject = {
    id: chatId(answer.id, context),
    object: 'chat.completion',
    created: answer.created ?? Math.floor(context.now),
    model: answer.model === '' ? context.model : answer.model,
    choices,
  };
  if (usage !== null) body['usage'] = writeUsage(usage);
  return JSON.stringify(body);
}

function writeChoice({ parts, stop }: Choice, index: number, ids: ToolIds): JsonObject {
  const texts = parts.filter((part) => part.kind === 'text').map((part) => part.text);
  const chances = parts.flatMap((part) => (part.kind === 'text' ? (part.logprobs ?? []) : []));
  const refusals = parts.filter((part) => part.kind === 'refusal').map((part) => part.text);
  const calls = parts.flatMap((part, place): JsonObject[] => {
    if (part.kind !== 'tool_call') return [];
    const { name, arguments: text, custom } = part;
    const id = ids.take(part.id);
    const call: JsonObject =
      custom === true
        ? { id, type: 'custom', custom: { name, input: text } }
        : { id, type: 'function', function: { name, arguments: text } };
    writeCallProof(call, proofOfCall(parts, place));
    return [call];
  });
  const silent = texts.length === 0 && (calls.length > 0 || refusals.length > 0);
  const message: JsonObject = {
    role: 'assistant',
    content: silent ? null : texts.join(''),
    refusal: refusals.length === 0 ? null : refusals.join(''),
  };
  const annotations = writeAnnotations(parts);
  if (annotations.length > 0) message['annotations'] = annotations;
  writeReasoning(parts, message);
  if (calls.length > 0) message['tool_calls'] = calls;
  const finish = stop === null ? null : encodeStop(stop, refusals.length > 0);
  return { index, message, logprobs: writeChances(chances), finish_reason: finish };
}

function firstChoice(body: JsonObject): JsonObject {
  const choice = arrayAt(body, 'choices')[0];
  if (body['error'] || choice === undefined) {
    const fault = faultIn(body, JSON.stringify(body));
    if (fault !== null) throw faultError(fault);
  }
  if (!isObject(choice)) throw badOutput('The answer has no choices.');
  return choice;
}

function stopOf(choice: JsonObject): StopReason | null {
  const reason = finishReasonOf(choice);
  if (reason === null) return null;
  if (isFaultReason(reason)) throw faultError(faultOfFinish(reason));
  return decodeStop(reason);
}

function toolCall(call: Json): Part {
  const fn = isObject(call) ? objectAt(call, 'function') : null;
  const custom = isObject(call) ? objectAt(call, 'custom') : null;
  const name = stringAt(fn ?? custom ?? {}, 'name');
  if (!isObject(call) || !name) throw badOutput('A tool call has no name.');
  const id = stringAt(call, 'id') || newToolCallId();
  if (fn !== null)
    return { kind: 'tool_call', id, name, arguments: argumentsOf(fn['arguments']), cache: null };
  const text = stringAt(custom ?? {}, 'input') ?? '';
  return { kind: 'tool_call', id, name, arguments: text, cache: null, custom: true };
}
