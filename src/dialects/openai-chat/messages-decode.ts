// `messages` of a client's request into the system prompt and turns. Every tool call must have its result before the
// conversation goes on, and every result its call: other dialects refuse anything else, and so does OpenAI.
import type { Part, TextPart, ToolCallPart, Turn } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import type { Notes } from '../notes.ts';
import { asObject, at, badRequest, needArray, needString, oneOf, readArray, readString } from '../read.ts';
import { withCallProofs } from './call-proofs.ts';
import { cacheMark, decodeContent, decodeText } from './parts-decode.ts';
import { readReasoning } from './reasoning.ts';
import { decodeToolCalls } from './tools-decode.ts';

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool', 'function'] as const;

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content', 'name', 'cache_control']);
const ASSISTANT_FIELDS: ReadonlySet<string> = new Set([
  ...MESSAGE_FIELDS,
  'refusal',
  'tool_calls',
  'function_call',
  'audio',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
]);
const TOOL_FIELDS: ReadonlySet<string> = new Set([...MESSAGE_FIELDS, 'tool_call_id']);

export interface Conversation {
  system: TextPart[];
  turns: Turn[];
}

/** Reads `messages`. @throws GatewayError naming the field or the id. */
export function decodeMessages(body: JsonObject, notes: Notes): Conversation {
  const messages = needArray(body, 'messages', '');
  if (messages.length === 0)
    throw badRequest('messages', "Invalid value: 'messages' must hold at least one message.");
  const reader = new MessageReader(notes);
  messages.forEach((item, index) => {
    reader.take(item, at('messages', index));
  });
  reader.end();
  return { system: reader.system, turns: reader.turns };
}

class MessageReader {
  readonly system: TextPart[] = [];
  readonly turns: Turn[] = [];
  readonly #notes: Notes;
  /** Calls of the last assistant message that wait for their results, with the path of that message. */
  #pending: ToolCallPart[] = [];
  #pendingPath = '';

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  take(item: Json, path: string): void {
    const message = asObject(item, path);
    const role = oneOf(needString(message, 'role', path), ROLES, at(path, 'role'));
    if (role === 'tool' || role === 'function') {
      this.#result(message, role, path);
      return;
    }
    this.#refusePending();
    if (role === 'assistant') this.#assistant(message, path);
    else if (role === 'user') this.#user(message, path);
    else this.#system(message, path);
  }

  end(): void {
    this.#refusePending();
  }

  #system(message: JsonObject, path: string): void {
    noteLeftOver(message, MESSAGE_FIELDS, path, this.#notes.dropped);
    const parts = decodeText(needContent(message, path), at(path, 'content'), this.#notes);
    markLast(parts, message, path);
    const name = readString(message, 'name', path);
    if (this.turns.length > 0) {
      this.turns.push({ role: 'system', parts, name });
      return;
    }
    if (name !== null) this.#notes.dropped.push(at(path, 'name'));
    this.system.push(...parts);
  }

  #user(message: JsonObject, path: string): void {
    noteLeftOver(message, MESSAGE_FIELDS, path, this.#notes.dropped);
    const parts = decodeContent(needContent(message, path), 'user', at(path, 'content'), this.#notes);
    markLast(parts, message, path);
    this.turns.push({ role: 'user', parts, name: readString(message, 'name', path) });
  }

  #assistant(message: JsonObject, path: string): void {
    noteLeftOver(message, ASSISTANT_FIELDS, path, this.#notes.dropped);
    // Spoken earlier, kept by its provider under an id.
    const spoken = message['audio'] !== undefined && message['audio'] !== null;
    if (spoken) this.#notes.mustNotDrop.push(at(path, 'audio'));
    const parts: Part[] = [...reasoningOf(message, path)];
    parts.push(...decodeContent(message['content'], 'assistant', at(path, 'content'), this.#notes));
    const refusal = readString(message, 'refusal', path);
    if (refusal !== null && refusal !== '') parts.push({ kind: 'refusal', text: refusal });
    const calls = decodeToolCalls(message, path);
    parts.push(...withCallProofs(calls, message, parts));
    markLast(parts, message, path);
    if (parts.length === 0 && !spoken) needContent(message, path);
    this.turns.push({ role: 'assistant', parts, name: readString(message, 'name', path) });
    this.#pending = calls;
    this.#pendingPath = path;
  }

  #result(message: JsonObject, role: 'tool' | 'function', path: string): void {
    noteLeftOver(message, TOOL_FIELDS, path, this.#notes.dropped);
    const field = role === 'tool' ? 'tool_call_id' : 'name';
    const told = needString(message, field, path);
    const call = this.#pending.find((open) => (role === 'tool' ? open.id : open.name) === told);
    if (call === undefined) {
      const text = `No tool call '${told}' precedes this result: a '${role}' message must answer a call of the assistant message before it.`;
      throw badRequest(at(path, field), text);
    }
    this.#pending = this.#pending.filter((open) => open !== call);
    const content = decodeContent(needContent(message, path), 'tool', at(path, 'content'), this.#notes);
    this.turns.push({
      role: 'user',
      parts: [
        { kind: 'tool_result', callId: call.id, content, isError: false, cache: cacheMark(message, path) },
      ],
      name: null,
    });
  }

  #refusePending(): void {
    if (this.#pending.length === 0) return;
    const ids = this.#pending.map((call) => `'${call.id}'`).join(', ');
    const text = `An assistant message with tool calls must be followed by a 'tool' message for each: no result for ${ids}.`;
    throw badRequest(at(this.#pendingPath, 'tool_calls'), text);
  }
}

// Clients that mark a message as a whole (LiteLLM's way) mean its last part.
function markLast(parts: readonly Part[], message: JsonObject, path: string): void {
  const mark = cacheMark(message, path);
  if (mark === null) return;
  const last = parts.findLast((part) => 'cache' in part);
  if (last !== undefined) last.cache ??= mark;
}

function needContent(message: JsonObject, path: string): Json {
  const content = message['content'];
  if (content !== undefined && content !== null) return content;
  throw badRequest(
    at(path, 'content'),
    `Missing value: '${at(path, 'content')}' must be a string or an array of parts.`,
  );
}

function reasoningOf(message: JsonObject, path: string): Part[] {
  readString(message, 'reasoning_content', path);
  readString(message, 'reasoning', path);
  readArray(message, 'reasoning_details', path);
  readArray(message, 'thinking_blocks', path);
  return readReasoning(message);
}
