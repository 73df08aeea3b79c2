// `contents` and `systemInstruction` of a client into turns. Google's SDKs and people by hand write them in many ways: a text,
// one content, one part, a list of either.
import type { Part, TextPart, Turn } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { at, badRequest, isObject, readString, wrongType } from '../read.ts';
import { madeUpCallId } from './call-ids.ts';
import type { Notes } from './notes.ts';
import { decodePart, type PartReader } from './parts-decode.ts';
import { camel } from './spelling.ts';

const CONTENT_FIELDS: ReadonlySet<string> = new Set(['role', 'parts']);

/** Reads `contents`. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the path. */
export function decodeContents(contents: Json | undefined, notes: Notes): Turn[] {
  const path = 'contents';
  if (contents === undefined || contents === null) throw wrongType(path, 'a list of contents', contents);
  const list = Array.isArray(contents) ? contents : [contents];
  if (list.length === 0) throw badRequest(path, `Invalid value: '${path}' must hold at least one content.`);
  const reader = new ContentReader(notes);
  list.forEach((item, index) => {
    reader.take(item, Array.isArray(contents) ? at(path, index) : path);
  });
  return reader.turns;
}

/** Reads `systemInstruction`: only text counts. */
export function decodeSystem(system: Json | undefined, notes: Notes): TextPart[] {
  if (system === undefined || system === null) return [];
  const path = 'systemInstruction';
  const reader = new ContentReader(notes);
  const parts: Part[] = [];
  for (const [index, item] of (Array.isArray(system) ? system : [system]).entries()) {
    parts.push(...reader.parts(item, Array.isArray(system) ? at(path, index) : path, false));
  }
  return parts.filter((part): part is TextPart => {
    if (part.kind === 'text') return true;
    throw badRequest(path, `Invalid value: '${path}' may hold nothing but text.`);
  });
}

class ContentReader implements PartReader {
  readonly turns: Turn[] = [];
  readonly #notes: Notes;
  /** Calls of the last model turn that wait for their results. */
  #open: { id: string; name: string }[] = [];
  #step = 0;
  #index = 0;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  take(item: Json, path: string): void {
    const model = this.#role(item, path) === 'model';
    const last = this.turns.at(-1);
    if (model && last?.role === 'assistant') {
      const before = last.parts.length;
      this.parts(item, path, true, last.parts);
      joinTexts(last.parts, before);
      return;
    }
    if (model) {
      this.#open = [];
      this.#step++;
      this.#index = 0;
    }
    const parts = this.parts(item, path, model);
    if (parts.length > 0) this.turns.push({ role: model ? 'assistant' : 'user', parts, name: null });
  }

  /** The parts of a content, or of what stands for one. @param into what they are added to. */
  parts(item: Json, path: string, model: boolean, into: Part[] = []): Part[] {
    const read = (part: Json, where: string): void => decodePart(part, where, model, this, this.#notes, into);
    if (!isObject(item)) {
      if (typeof item !== 'string') throw wrongType(path, 'a content with parts', item);
      read(item, path);
      return into;
    }
    if (!('parts' in item) && !('role' in item)) {
      read(item, path);
      return into;
    }
    noteLeftOver(item, CONTENT_FIELDS, path, this.#notes.dropped);
    const { parts } = item;
    const where = at(path, 'parts');
    // The SDKs' chats write an answer that held nothing as a model's content without parts.
    if (Array.isArray(parts) && parts.length === 0 && model) return into;
    if (parts === undefined || parts === null || (Array.isArray(parts) && parts.length === 0)) {
      throw badRequest(where, `Invalid value: '${where}' must hold at least one part.`);
    }
    if (!Array.isArray(parts)) read(parts, where);
    else for (const [index, part] of parts.entries()) read(part, at(where, index));
    return into;
  }

  callId(id: string | null, name: string): string {
    const known = id || madeUpCallId(this.#step, this.#index, name);
    this.#index++;
    this.#open.push({ id: known, name });
    return known;
  }

  resultId(id: string | null, name: string, path: string): string {
    const at = this.#open.findIndex((call) => (id ? call.id === id : call.name === name));
    // Some clients write an id into the result that the call had none of.
    const found = at < 0 ? this.#open.findIndex((call) => call.name === name) : at;
    const [call] = found < 0 ? [] : this.#open.splice(found, 1);
    if (call !== undefined) return call.id;
    throw badRequest(
      path,
      `Invalid value: '${path}' answers no function call '${name}' of the model's content before it.`,
    );
  }

  #role(item: Json, path: string): 'user' | 'model' {
    if (!isObject(item)) return 'user';
    const role = readString(camel(item as JsonObject, this.#notes.spelling), 'role', path);
    if (role === null || role === '' || role === 'user' || role === 'function' || role === 'tool')
      return 'user';
    if (role === 'model') return 'model';
    throw badRequest(
      at(path, 'role'),
      `Invalid value: '${at(path, 'role')}' must be one of 'user', 'model'.`,
    );
  }
}

// The SDKs' chats keep each piece of a stream as a content of its own: they are one turn, and their texts one text.
function joinTexts(parts: Part[], at: number): void {
  const [last, next] = [parts[at - 1], parts[at]];
  if (last?.kind !== 'text' || next?.kind !== 'text') return;
  parts.splice(at - 1, 2, { ...last, text: last.text + next.text });
}
