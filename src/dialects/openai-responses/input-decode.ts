// `instructions` and `input` of a client's request into the system prompt and turns. What one answer was made of (reasoning,
// a message, calls) is one turn again; every call must have its output in the conversation, and every output its call.
import type { Part, ReasoningPart, TextPart, Turn } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { Notes } from '../notes.ts';
import { asObject, at, badRequest, needString, oneOf, readArray, readString, wrongType } from '../read.ts';
import { decodeCall, decodeResult } from './calls-decode.ts';
import { decodeContent, decodeText, textPart } from './parts-decode.ts';
import { readReasoning } from './reasoning.ts';

const ROLES = ['user', 'assistant', 'system', 'developer'] as const;

/** Ids of reasoning items as we make them: ResponseWriter.itemId(). */
const OWN_REASONING = /^rs_[0-9a-f]{44}$/;

export interface Conversation {
  system: TextPart[];
  turns: Turn[];
}

/** Reads the conversation. @throws GatewayError naming the field, the id or the call. */
export function decodeInput(body: JsonObject, notes: Notes): Conversation {
  const instructions = readString(body, 'instructions', '');
  const reader = new InputReader(notes, instructions ? [textPart(instructions)] : []);
  const { input } = body;
  if (typeof input === 'string') reader.say('user', [textPart(input)]);
  else if (Array.isArray(input)) {
    input.forEach((item, index) => {
      reader.take(item, at('input', index));
    });
  } else if (input !== undefined && input !== null) throw wrongType('input', 'a string or an array', input);
  reader.end();
  const { system, turns } = reader;
  if (turns.length === 0 && (system.length === 0 || input === undefined || input === null)) {
    throw badRequest('input', "Missing value: 'input' must hold a text or at least one item.");
  }
  return { system, turns };
}

class InputReader {
  readonly system: TextPart[];
  readonly turns: Turn[] = [];
  readonly #notes: Notes;
  /** Calls that wait for their output. */
  readonly #pending = new Set<string>();

  constructor(notes: Notes, system: TextPart[]) {
    this.#notes = notes;
    this.system = system;
  }

  take(value: Json, path: string): void {
    const item = asObject(value, path);
    const type = readString(item, 'type', path) ?? 'message';
    switch (type) {
      case 'message':
        this.#message(item, path);
        return;
      case 'reasoning':
        this.#reasoning(item, path);
        return;
      case 'item_reference':
        this.#reference(needString(item, 'id', path), path);
        return;
      default:
        this.#tool(type, item, path);
    }
  }

  /** Adds a turn. */
  say(role: Turn['role'], parts: Part[]): void {
    this.turns.push({ role, parts, name: null });
  }

  end(): void {
    const [lone] = this.#pending;
    if (lone !== undefined) throw badRequest('input', `No tool output found for function call ${lone}.`);
  }

  #message(item: JsonObject, path: string): void {
    const role = oneOf(needString(item, 'role', path), ROLES, at(path, 'role'));
    const where = at(path, 'content');
    if (item['content'] === undefined || item['content'] === null) {
      throw badRequest(where, `Missing value: '${where}' must be a string or an array of content parts.`);
    }
    if (readString(item, 'phase', path) !== null) this.#notes.dropped.push('input[].phase');
    if (role === 'system' || role === 'developer') {
      const parts = decodeText(item['content'], where, this.#notes);
      if (this.turns.length === 0) this.system.push(...parts);
      else this.say('system', parts);
      return;
    }
    const parts = decodeContent(item['content'], where, this.#notes);
    if (role === 'user') this.say('user', parts);
    else this.#answer(parts, true);
  }

  #reasoning(item: JsonObject, path: string): void {
    for (const member of ['summary', 'content']) {
      readArray(item, member, path)?.forEach((piece, index) => {
        const where = at(at(path, member), index);
        readString(asObject(piece, where), 'text', where);
      });
    }
    readString(item, 'encrypted_content', path);
    const part: ReasoningPart | null = readReasoning(item);
    if (part !== null) this.#answer([part], false);
  }

  // The AI SDK refers to reasoning it was shown, and sends all else whole: an answer does without it, as with a maker's of
  // another model.
  #reference(id: string, path: string): void {
    if (!OWN_REASONING.test(id)) throw itemNotFound(id);
    this.#notes.adapted.push(path);
  }

  #tool(type: string, item: JsonObject, path: string): void {
    const call = decodeCall(type, item, path);
    if (call !== null) {
      this.#pending.add(call.id);
      this.#answer([call], false);
      return;
    }
    const result = decodeResult(type, item, path, this.#notes);
    if (result === null) {
      // Items of hosted tools, of a compaction, and what comes after this was written.
      this.#notes.mustNotDrop.push(path);
      return;
    }
    if (!this.#pending.delete(result.callId)) {
      const text = `No tool call found for function call output with call_id ${result.callId}.`;
      throw badRequest('input', text);
    }
    this.say('user', [result]);
  }

  // What an answer was made of stands in items of its own: they are one turn, up to the next message.
  #answer(parts: Part[], isMessage: boolean): void {
    const last = this.turns.at(-1);
    const joins =
      last?.role === 'assistant' && !(isMessage && last.parts.some(({ kind }) => kind !== 'reasoning'));
    if (joins) last.parts.push(...parts);
    else this.say('assistant', parts);
  }
}

function itemNotFound(id: string): GatewayError {
  return new GatewayError('GW_CLIENT_ITEM_NOT_FOUND', {
    message: `Item with id '${id}' not found. Items are not kept for this model: send them whole.`,
    param: 'input',
  });
}
