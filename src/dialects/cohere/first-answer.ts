// Answers of the second API in the words of the first one, whole and streamed: POST /v1/chat and /v1/generate. Pure.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import type { FirstAsked } from './first-request.ts';

interface Said {
  id: string;
  text: string;
  calls: JsonObject[];
  citations: JsonObject[];
  finish: string;
  usage: JsonObject | null;
}

/** A whole answer. */
export function firstAnswer(body: JsonObject, asked: FirstAsked): JsonObject {
  const message = objectAt(body, 'message') ?? {};
  const texts = arrayAt(message, 'content').map((part) =>
    isObject(part) ? (stringAt(part, 'text') ?? '') : '',
  );
  return answerOf(
    {
      id: stringAt(body, 'id') ?? '',
      text: texts.join('') || (stringAt(message, 'tool_plan') ?? ''),
      calls: arrayAt(message, 'tool_calls').filter(isObject).map(callOf),
      citations: arrayAt(message, 'citations').filter(isObject),
      finish: stringAt(body, 'finish_reason') ?? '',
      usage: objectAt(body, 'usage'),
    },
    asked,
  );
}

/** Events of the first API out of those of the second. */
export class FirstStream {
  readonly #asked: FirstAsked;
  readonly #said: Said = { id: '', text: '', calls: [], citations: [], finish: '', usage: null };
  /** Of the call that is being told. */
  #name = '';
  #arguments = '';

  constructor(asked: FirstAsked) {
    this.#asked = asked;
  }

  /** @param event its data. */
  take(event: JsonObject): JsonObject[] {
    const delta = objectAt(event, 'delta') ?? {};
    const message = objectAt(delta, 'message') ?? {};
    const index = numberAt(event, 'index') ?? 0;
    switch (stringAt(event, 'type')) {
      case 'message-start':
        this.#said.id = stringAt(event, 'id') ?? '';
        if (this.#asked.prompt !== undefined) return [];
        return [{ is_finished: false, event_type: 'stream-start', generation_id: this.#said.id }];
      case 'content-delta': {
        const text = stringAt(objectAt(message, 'content') ?? {}, 'text');
        if (!text) return [];
        this.#said.text += text;
        return [{ is_finished: false, event_type: 'text-generation', text }];
      }
      case 'tool-plan-delta': {
        const text = stringAt(message, 'tool_plan');
        if (!text) return [];
        this.#said.text += text;
        return [{ is_finished: false, event_type: 'tool-calls-chunk', text }];
      }
      case 'tool-call-start': {
        const fn = functionIn(message);
        this.#name = stringAt(fn, 'name') ?? '';
        this.#arguments = stringAt(fn, 'arguments') ?? '';
        return [chunkOf({ index, name: this.#name })];
      }
      case 'tool-call-delta': {
        const text = stringAt(functionIn(message), 'arguments') ?? '';
        this.#arguments += text;
        return [chunkOf({ index, parameters: text })];
      }
      case 'tool-call-end':
        this.#said.calls.push(callOf({ function: { name: this.#name, arguments: this.#arguments } }));
        return [];
      case 'citation-start': {
        const citation = objectAt(message, 'citations');
        if (citation === null) return [];
        this.#said.citations.push(citation);
        return [{ is_finished: false, event_type: 'citation-generation', citations: [citationOf(citation)] }];
      }
      case 'message-end':
        this.#said.finish = stringAt(delta, 'finish_reason') ?? '';
        this.#said.usage = objectAt(delta, 'usage');
        return this.#end(stringAt(delta, 'error'));
      default:
        return [];
    }
  }

  #end(error: string | null): JsonObject[] {
    const { calls, text } = this.#said;
    const response = answerOf(this.#said, this.#asked);
    const end = {
      is_finished: true,
      event_type: 'stream-end',
      finish_reason: finishOf(this.#said),
      ...(error !== null && { error }),
      response,
    };
    if (calls.length === 0) return [end];
    return [{ is_finished: false, event_type: 'tool-calls-generation', text, tool_calls: calls }, end];
  }
}

function answerOf(said: Said, asked: FirstAsked): JsonObject {
  return asked.prompt === undefined ? chatOf(said, asked) : generationOf(said, asked.prompt);
}

function generationOf({ id, text, finish, usage }: Said, prompt: string): JsonObject {
  return {
    id,
    prompt,
    generations: [{ id, text, index: 0, finish_reason: finishOf({ finish }) }],
    meta: { api_version: { version: '1' }, ...usage },
  };
}

function chatOf(
  { id, text, calls, citations, finish, usage }: Said,
  { history, documents }: FirstAsked,
): JsonObject {
  const spoken: JsonObject = {
    role: 'CHATBOT',
    message: text,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  const cited = new Set(citations.flatMap((citation) => idsOf(citation)));
  const shown = documents.map(
    (document, index): JsonObject => ({ ...document, id: document['id'] ?? `doc_${index}` }),
  );
  const used = shown.filter((document) => cited.has(String(document['id'])));
  return {
    response_id: id,
    text,
    generation_id: id,
    chat_history: [...history, spoken],
    finish_reason: finishOf({ finish }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(citations.length > 0 && { citations: citations.map(citationOf) }),
    ...(used.length > 0 && { documents: used }),
    meta: { api_version: { version: '1' }, ...usage },
  };
}

/** A call is an answer that is complete. */
function finishOf({ finish }: Pick<Said, 'finish'>): string {
  return finish === 'TOOL_CALL' || finish === '' ? 'COMPLETE' : finish;
}

function callOf(call: JsonObject): JsonObject {
  const fn = objectAt(call, 'function') ?? {};
  return { name: stringAt(fn, 'name') ?? '', parameters: parametersOf(stringAt(fn, 'arguments') ?? '') };
}

/** What is no object has no place in it: it is told as it was said. */
function parametersOf(text: string): Json {
  try {
    const read: unknown = JSON.parse(text || '{}');
    return isObject(read) ? read : { value: text };
  } catch {
    return { value: text };
  }
}

function citationOf(citation: JsonObject): JsonObject {
  return {
    start: numberAt(citation, 'start') ?? 0,
    end: numberAt(citation, 'end') ?? 0,
    text: stringAt(citation, 'text') ?? '',
    document_ids: idsOf(citation),
  };
}

function idsOf(citation: JsonObject): string[] {
  return arrayAt(citation, 'sources').flatMap((source) => {
    const id = isObject(source) ? stringAt(source, 'id') : null;
    return id === null ? [] : [id];
  });
}

function functionIn(message: JsonObject): JsonObject {
  return objectAt(objectAt(message, 'tool_calls') ?? {}, 'function') ?? {};
}

function chunkOf(delta: JsonObject): JsonObject {
  return { is_finished: false, event_type: 'tool-calls-chunk', tool_call_delta: delta };
}
