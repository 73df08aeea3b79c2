// Whole answers: facts for the byte path, and chat answers to and from the neutral form.
import type { AnswerFacts, ChatAnswer, Part, StopReason, TokenLogprob } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { argumentsOf } from '../argument-shape.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { readCitation, writeCitation } from './citations.ts';
import { faultIn, faultOfFinish } from './faults.ts';
import { readLogprob, writeLogprob } from './logprobs.ts';
import { decodeStop, encodeStop, isFaultReason } from './stop-reason.ts';
import { readUsage, writeUsage } from './usage.ts';

/** Reads the facts of an answer whose bytes go through. @throws GatewayError when the 200 holds a fault or no answer. */
export function readAnswer(body: JsonObject): AnswerFacts {
  checkAnswer(body);
  return {
    usage: readUsage(objectAt(body, 'usage')),
    stop: stopOf(body),
    // Cohere never says which model answered.
    model: stringAt(body, 'model'),
    id: stringAt(body, 'id') || null,
  };
}

/** Reads a whole answer. @throws GatewayError as readAnswer. */
export function decodeAnswer(body: JsonObject): ChatAnswer {
  const message = checkAnswer(body);
  const parts = contentParts(message['content']);
  const logprobs = arrayAt(body, 'logprobs').filter(isObject).map(readLogprob);
  addLogprobs(parts, logprobs);
  addCitations(parts, message);
  const plan = stringAt(message, 'tool_plan');
  if (plan) parts.push({ kind: 'text', text: plan, cache: null });
  for (const call of arrayAt(message, 'tool_calls')) parts.push(toolCall(call));
  const held = { toolCall: parts.some((part) => part.kind === 'tool_call'), refusal: false };
  return {
    id: stringAt(body, 'id') ?? '',
    model: stringAt(body, 'model') ?? '',
    created: null,
    parts,
    stop: realStop(stopOf(body), held),
    stopSequence: null,
    usage: readUsage(objectAt(body, 'usage')),
  };
}

/** Writes a whole answer as JSON text. */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): string {
  const ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  const message: JsonObject = { role: 'assistant' };
  const content = answer.parts.map(contentBlock).filter((block) => block !== null);
  const calls = answer.parts.filter((part) => part.kind === 'tool_call');
  // An answer has one text at least, be it empty, unless it calls tools.
  if (content.length > 0) message['content'] = content;
  else if (calls.length === 0) message['content'] = [{ type: 'text', text: '' }];
  const citations = answer.parts
    .filter((part) => contentBlock(part) !== null)
    .flatMap((part, at) =>
      part.kind === 'text'
        ? (part.citations ?? []).map((citation) => ({ citation, text: part.text, at }))
        : [],
    )
    .map(({ citation, text, at }, number) => ({
      ...writeCitation(citation, 0, text, number),
      content_index: at,
    }));
  if (citations.length > 0) message['citations'] = citations;
  if (calls.length > 0) {
    message['tool_calls'] = calls.map(({ id, name, arguments: text }) => ({
      id: ids.take(id),
      type: 'function',
      function: { name, arguments: text || '{}' },
    }));
  }
  const body: JsonObject = {
    id: answer.id === '' ? context.requestId : answer.id,
    finish_reason: encodeStop(answer.stop ?? 'end'),
    message,
  };
  if (answer.usage !== null) body['usage'] = writeUsage(answer.usage);
  const logprobs = answer.parts.flatMap((part) => (part.kind === 'text' ? (part.logprobs ?? []) : []));
  if (logprobs.length > 0) body['logprobs'] = logprobs.map(writeLogprob);
  return JSON.stringify(body);
}

function checkAnswer(body: JsonObject): JsonObject {
  const fault = faultIn(body, JSON.stringify(body));
  if (fault !== null) throw faultError(fault);
  const message = objectAt(body, 'message');
  if (message === null) throw badOutput('The answer has no message.');
  return message;
}

function stopOf(body: JsonObject): StopReason | null {
  const reason = stringAt(body, 'finish_reason');
  if (!reason) return null;
  if (isFaultReason(reason)) throw faultError(faultOfFinish(reason, stringAt(body, 'error')));
  return decodeStop(reason);
}

function contentParts(content: Json | undefined): Part[] {
  if (typeof content === 'string')
    return content === '' ? [] : [{ kind: 'text', text: content, cache: null }];
  if (!Array.isArray(content)) return [];
  return content.flatMap((block): Part[] => {
    if (!isObject(block)) return [];
    const text = stringAt(block, 'text');
    const thinking = stringAt(block, 'thinking');
    if (thinking !== null) return [{ kind: 'reasoning', text: thinking, signature: null, redacted: null }];
    return text === null ? [] : [{ kind: 'text', text, cache: null }];
  });
}

// They are of the text as a whole: the first text has them.
function addLogprobs(parts: readonly Part[], logprobs: TokenLogprob[]): void {
  const text = parts.find((part) => part.kind === 'text');
  if (text !== undefined && logprobs.length > 0) text.logprobs = logprobs;
}

// Of the text that they say, else of the first.
function addCitations(parts: readonly Part[], message: JsonObject): void {
  const told = arrayAt(message, 'citations').filter(isObject);
  if (told.length === 0) return;
  const contents = parts.filter((part) => part.kind === 'text' || part.kind === 'reasoning');
  const first = contents.find((part) => part.kind === 'text');
  for (const citation of told) {
    const named = contents[numberAt(citation, 'content_index') ?? -1];
    const text = named?.kind === 'text' ? named : first;
    const read = readCitation(citation);
    if (text !== undefined && read.length > 0) text.citations = [...(text.citations ?? []), ...read];
  }
}

function toolCall(call: Json): Part {
  const fn = isObject(call) ? objectAt(call, 'function') : null;
  const name = stringAt(fn ?? {}, 'name');
  if (!isObject(call) || fn === null || !name) throw badOutput('A tool call has no name.');
  const id = stringAt(call, 'id');
  if (!id) throw badOutput('A tool call has no id.');
  return { kind: 'tool_call', id, name, arguments: argumentsOf(fn['arguments']), cache: null };
}

function contentBlock(part: Part): JsonObject | null {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text === '' ? null : { type: 'text', text: part.text };
    case 'reasoning':
      // What is only a proof has no place here.
      return part.text === '' ? null : { type: 'thinking', thinking: part.text };
    default:
      return null;
  }
}
