// Whole answers: facts for the byte path, and `response` objects to and from the neutral form.
import { stringifyJson } from '../../body/lossless.ts';
import type { AnswerFacts, ChatAnswer, Part } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import type { Held } from '../real-stop.ts';
import { readAnnotation, writeAnnotations } from '../citations.ts';
import { readLogprobs, writeLogprobs } from '../token-logprobs.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { readCall } from './answer-calls.ts';
import { callItem, callShape } from './call-items.ts';
import { faultOfAnswer } from './faults.ts';
import { readReasoning, writeReasoning } from './reasoning.ts';
import { rememberedIn } from './remembered.ts';
import { ResponseWriter } from './response-object.ts';
import { endingOf, stopOf } from './stop-reason.ts';
import { isCall } from './stream-facts.ts';
import { usageOf } from './usage.ts';

/** Reads the facts of an answer whose bytes go through. @throws GatewayError when the 200 holds a fault or no answer. */
export function readAnswer(body: JsonObject): AnswerFacts {
  const output = outputOf(body);
  return {
    usage: usageOf(body),
    stop: stopOf(body, heldIn(output)),
    model: stringAt(body, 'model') || null,
    id: stringAt(body, 'id') || null,
  };
}

/** Reads a whole answer. @throws GatewayError as readAnswer. */
export function decodeAnswer(body: JsonObject): ChatAnswer {
  const output = outputOf(body);
  const parts = output.flatMap((item) => (isObject(item) ? partsOf(item) : []));
  return {
    id: stringAt(body, 'id') ?? '',
    model: stringAt(body, 'model') ?? '',
    created: numberAt(body, 'created_at'),
    parts,
    stop: stopOf(body, heldIn(output)),
    stopSequence: null,
    usage: usageOf(body),
  };
}

/** Writes a whole answer as JSON text. */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): string {
  const writer = new ResponseWriter(context, answer.id, answer.model, answer.created);
  const refused = answer.parts.some((part) => part.kind === 'refusal');
  const ending = endingOf(answer.stop, refused);
  const output = new OutputWriter(writer, context, ending.status).write(answer.parts);
  return writer.ended(ending, output, answer.usage);
}

class OutputWriter {
  readonly #writer: ResponseWriter;
  readonly #context: AnswerContext;
  readonly #status: 'completed' | 'incomplete';
  readonly #ids: ToolIds;
  readonly #items: JsonObject[] = [];

  constructor(writer: ResponseWriter, context: AnswerContext, status: 'completed' | 'incomplete') {
    this.#writer = writer;
    this.#context = context;
    this.#status = status;
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  }

  write(parts: readonly Part[]): string[] {
    let message: JsonObject[] | null = null;
    for (const part of parts) {
      if (part.kind === 'text' || part.kind === 'refusal') {
        if (message === null) message = this.#message();
        message.push(contentPart(part));
        continue;
      }
      message = null;
      this.#item(part);
    }
    // Only the last item can have been cut short.
    const last = this.#items.at(-1);
    if (last !== undefined && last['status'] !== undefined) last['status'] = this.#status;
    return this.#items.map((item) => stringifyJson(item));
  }

  #message(): JsonObject[] {
    const content: JsonObject[] = [];
    const id = this.#writer.itemId('msg', this.#items.length);
    this.#items.push({ id, type: 'message', status: 'completed', content, role: 'assistant' });
    return content;
  }

  #item(part: Part): void {
    const at = this.#items.length;
    if (part.kind === 'reasoning') this.#items.push(writeReasoning(part, this.#writer.itemId('rs', at)));
    if (part.kind !== 'tool_call') return;
    const shape = callShape(part.name, part.custom === true, rememberedIn(this.#context));
    const id = this.#writer.itemId(shape.prefix, at);
    this.#items.push(callItem(shape, id, this.#ids.take(part.id), part.arguments, 'completed'));
  }
}

function contentPart(part: Extract<Part, { kind: 'text' | 'refusal' }>): JsonObject {
  if (part.kind === 'refusal') return { type: 'refusal', refusal: part.text };
  const annotations = writeAnnotations(part.citations, part.text.length);
  return { type: 'output_text', annotations, logprobs: writeLogprobs(part.logprobs), text: part.text };
}

function outputOf(body: JsonObject): Json[] {
  const fault = faultOfAnswer(body);
  if (fault !== null) throw faultError(fault);
  if (!Array.isArray(body['output'])) throw badOutput('The answer has no output.');
  return body['output'];
}

function heldIn(output: readonly Json[]): Held {
  const items = output.filter(isObject);
  return {
    toolCall: items.some((item) => isCall(stringAt(item, 'type'))),
    refusal: items.some((item) =>
      arrayAt(item, 'content').some((part) => isObject(part) && part['type'] === 'refusal'),
    ),
  };
}

// Items of tools that ran at the provider have no neutral form; their fruit is in the text around them.
function partsOf(item: JsonObject): Part[] {
  switch (item['type']) {
    case 'message':
      return arrayAt(item, 'content').flatMap(messagePart);
    case 'reasoning': {
      const part = readReasoning(item);
      return part === null ? [] : [part];
    }
    default: {
      const call = readCall(item);
      return call === null ? [] : [call];
    }
  }
}

function messagePart(part: Json): Part[] {
  if (!isObject(part)) return [];
  if (part['type'] === 'refusal') return [{ kind: 'refusal', text: stringAt(part, 'refusal') ?? '' }];
  const text = stringAt(part, 'text');
  if (text === null) return [];
  const logprobs = readLogprobs(arrayAt(part, 'logprobs'));
  const citations = arrayAt(part, 'annotations')
    .filter(isObject)
    .map(readAnnotation)
    .filter((citation) => citation !== null);
  return [
    {
      kind: 'text',
      text,
      cache: null,
      ...(logprobs.length > 0 ? { logprobs } : {}),
      ...(citations.length > 0 && { citations }),
    },
  ];
}
