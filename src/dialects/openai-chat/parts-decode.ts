// Content parts of a client's messages into neutral parts.
import type { CacheMark, Part, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { decodeFile, decodeImage } from '../media-decode.ts';
import type { Notes } from '../notes.ts';
import {
  asArray,
  asObject,
  at,
  badRequest,
  needObject,
  needString,
  readObject,
  readString,
} from '../read.ts';

export type Role = 'system' | 'user' | 'assistant' | 'tool';

const PART_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'text',
  'image_url',
  'input_audio',
  'file',
  'refusal',
  'prompt_cache_breakpoint',
  'cache_control',
]);

/** `content` of a message: a string or a list of parts; null and absent read as no parts. */
export function decodeContent(content: Json | undefined, role: Role, path: string, notes: Notes): Part[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content, cache: null }];
  if (!Array.isArray(content)) {
    throw badRequest(path, `Invalid type: '${path}' must be a string or an array of content parts.`);
  }
  const parts: Part[] = [];
  asArray(content, path).forEach((item, index) => {
    const part = decodePart(item, role, at(path, index), notes);
    if (part !== null) parts.push(part);
  });
  return parts;
}

/** As decodeContent where only text may stand. */
export function decodeText(content: Json | undefined, path: string, notes: Notes): TextPart[] {
  return decodeContent(content, 'system', path, notes).filter((part) => part.kind === 'text');
}

// null: the part cannot be carried to another provider at all; its path is in notes.mustNotDrop.
function decodePart(item: Json, role: Role, path: string, notes: Notes): Part | null {
  if (typeof item === 'string') return { kind: 'text', text: item, cache: null };
  const part = asObject(item, path);
  const type = needString(part, 'type', path);
  noteLeftOver(part, PART_FIELDS, path, notes.dropped);
  if (type === 'text')
    return { kind: 'text', text: needString(part, 'text', path), cache: cacheMark(part, path) };
  if (role === 'assistant' && type === 'refusal')
    return { kind: 'refusal', text: needString(part, 'refusal', path) };
  if (role === 'user' || role === 'tool') {
    if (type === 'image_url') return decodeImage(part, path, cacheMark(part, path), notes);
    if (type === 'file') return decodeFile(part, path, cacheMark(part, path), notes);
  }
  if (role === 'user' && type === 'input_audio') {
    const audio = needObject(part, 'input_audio', path);
    const where = at(path, 'input_audio');
    return {
      kind: 'audio',
      format: needString(audio, 'format', where),
      data: needString(audio, 'data', where),
    };
  }
  throw badRequest(
    at(path, 'type'),
    `Invalid value: '${type}' is not a content part of a message with this role.`,
  );
}

/** OpenAI's `prompt_cache_breakpoint`, or the `cache_control` that clients write for Claude in this dialect. */
export function cacheMark(object: JsonObject, path: string): CacheMark | null {
  for (const key of ['prompt_cache_breakpoint', 'cache_control']) {
    const mark = readObject(object, key, path);
    if (mark !== null) return { ttl: readString(mark, 'ttl', at(path, key)) };
  }
  return null;
}
