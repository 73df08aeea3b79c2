// `messages` (and `documents`, which are for the last question) into the system prompt and turns.

import { stringifyJson } from '../../body/lossless.ts';
import type { DocumentPart, Part, TextPart, ToolCallPart, Turn } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { decodeImage } from '../media-decode.ts';
import type { Notes } from '../notes.ts';
import {
  asArray,
  asObject,
  at,
  badRequest,
  isObject,
  needArray,
  needObject,
  needString,
  oneOf,
  readArray,
  readString,
} from '../read.ts';

const ROLES = ['system', 'user', 'assistant', 'tool'] as const;
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content']);
const ASSISTANT_FIELDS: ReadonlySet<string> = new Set([...MESSAGE_FIELDS, 'tool_plan', 'tool_calls']);
const TOOL_FIELDS: ReadonlySet<string> = new Set([...MESSAGE_FIELDS, 'tool_call_id']);
const PART_FIELDS: ReadonlySet<string> = new Set(['type', 'text', 'thinking', 'image_url', 'document']);

export interface Conversation {
  system: TextPart[];
  turns: Turn[];
}

/** Reads the conversation. @throws GatewayError naming the field. */
export function decodeMessages(body: JsonObject, notes: Notes): Conversation {
  const messages = needArray(body, 'messages', '');
  if (messages.length === 0)
    throw badRequest('messages', "Invalid value: 'messages' must hold at least one message.");
  const system: TextPart[] = [];
  const turns: Turn[] = [];
  messages.forEach((item, index) => {
    const path = at('messages', index);
    const message = asObject(item, path);
    const role = oneOf(needString(message, 'role', path).toLowerCase(), ROLES, at(path, 'role'));
    if (role === 'assistant') turns.push(turn('assistant', assistantParts(message, path, notes)));
    else if (role === 'tool') turns.push(turn('user', [toolResult(message, path, notes)]));
    else {
      noteLeftOver(message, MESSAGE_FIELDS, path, notes.dropped);
      const parts = decodeContent(message['content'], role, at(path, 'content'), notes);
      if (role === 'user' || turns.length > 0) turns.push(turn(role, parts));
      else system.push(...parts.filter((part) => part.kind === 'text'));
    }
  });
  const documents = decodeDocuments(body, notes);
  if (documents.length > 0) addDocuments(turns, documents);
  return { system, turns };
}

function turn(role: Turn['role'], parts: Part[]): Turn {
  return { role, parts, name: null };
}

function assistantParts(message: JsonObject, path: string, notes: Notes): Part[] {
  noteLeftOver(message, ASSISTANT_FIELDS, path, notes.dropped);
  const { content } = message;
  const parts =
    content === undefined || content === null
      ? []
      : decodeContent(content, 'assistant', at(path, 'content'), notes);
  const plan = readString(message, 'tool_plan', path);
  if (plan) parts.push({ kind: 'text', text: plan, cache: null });
  (readArray(message, 'tool_calls', path) ?? []).forEach((item, index) => {
    parts.push(toolCall(item, at(at(path, 'tool_calls'), index)));
  });
  if (parts.length === 0 && (content === undefined || content === null)) {
    throw badRequest(
      at(path, 'content'),
      `Missing value: '${at(path, 'content')}' or tool_calls must be given.`,
    );
  }
  return parts;
}

function toolCall(item: Json, path: string): ToolCallPart {
  const call = asObject(item, path);
  readString(call, 'type', path);
  const fn = needObject(call, 'function', path);
  const where = at(path, 'function');
  return {
    kind: 'tool_call',
    id: needString(call, 'id', path),
    name: needString(fn, 'name', where),
    arguments: isObject(fn['arguments'])
      ? stringifyJson(fn['arguments'])
      : readString(fn, 'arguments', where) || '{}',
    cache: null,
  };
}

function toolResult(message: JsonObject, path: string, notes: Notes): Part {
  noteLeftOver(message, TOOL_FIELDS, path, notes.dropped);
  return {
    kind: 'tool_result',
    callId: needString(message, 'tool_call_id', path),
    content: decodeContent(message['content'], 'tool', at(path, 'content'), notes),
    isError: false,
    cache: null,
  };
}

type Role = (typeof ROLES)[number];

function decodeContent(content: Json | undefined, role: Role, path: string, notes: Notes): Part[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content, cache: null }];
  if (!Array.isArray(content)) {
    throw badRequest(path, `Invalid type: '${path}' must be a string or an array of content parts.`);
  }
  return asArray(content, path).map((item, index) => decodePart(item, role, at(path, index), notes));
}

function decodePart(item: Json, role: Role, path: string, notes: Notes): Part {
  if (typeof item === 'string') return { kind: 'text', text: item, cache: null };
  const part = asObject(item, path);
  const type = needString(part, 'type', path);
  noteLeftOver(part, PART_FIELDS, path, notes.dropped);
  if (type === 'text') return { kind: 'text', text: needString(part, 'text', path), cache: null };
  if (type === 'thinking' && role === 'assistant') {
    return { kind: 'reasoning', text: needString(part, 'thinking', path), signature: null, redacted: null };
  }
  if (type === 'image_url' && (role === 'user' || role === 'tool'))
    return decodeImage(part, path, null, notes);
  if (type === 'document' && (role === 'user' || role === 'tool')) {
    return documentOf(needObject(part, 'document', path), at(path, 'document'));
  }
  throw badRequest(
    at(path, 'type'),
    `Invalid value: '${type}' is not a content part of a message with this role.`,
  );
}

// Strings, or objects of fields that are shown to the model as they are.
function decodeDocuments(body: JsonObject, notes: Notes): DocumentPart[] {
  const documents = readArray(body, 'documents', '') ?? [];
  if (documents.length > 0) notes.adapted.push('documents');
  return documents.map((item, index) => {
    const path = at('documents', index);
    return typeof item === 'string' ? textDocument(item, null) : documentOf(asObject(item, path), path);
  });
}

function documentOf(document: JsonObject, path: string): DocumentPart {
  const id = readString(document, 'id', path);
  const { data } = document;
  if (typeof data === 'string') return textDocument(data, id);
  const fields = needObject(document, 'data', path);
  const only = Object.keys(fields).length === 1 ? Object.values(fields)[0] : undefined;
  return textDocument(typeof only === 'string' ? only : stringifyJson(fields), id);
}

function textDocument(text: string, name: string | null): DocumentPart {
  return { kind: 'document', source: { kind: 'text', text }, name, cache: null };
}

function addDocuments(turns: Turn[], documents: DocumentPart[]): void {
  const last = turns.findLast(
    ({ role, parts }) => role === 'user' && parts.every((part) => part.kind !== 'tool_result'),
  );
  if (last !== undefined) last.parts.unshift(...documents);
  else turns.push(turn('user', documents));
}
