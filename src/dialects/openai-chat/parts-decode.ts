// Content parts of a client's messages into neutral parts.
import type { CacheMark, DocumentPart, ImagePart, Part, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
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
import { parseDataUrl } from './data-url.ts';
import { noteLeftOver } from './left-over.ts';

/** What a decoder found on its way that has no neutral form. */
export interface Notes {
  dropped: string[];
  mustNotDrop: string[];
  adapted: string[];
}

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
    if (type === 'image_url') return image(part, path);
    if (type === 'file') return file(part, path, notes);
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

function image(part: JsonObject, path: string): ImagePart {
  const where = at(path, 'image_url');
  // A bare string instead of {url} is what several clients send and providers take.
  const value = part['image_url'];
  const object: JsonObject = typeof value === 'string' ? { url: value } : needObject(part, 'image_url', path);
  const url = needString(object, 'url', where);
  const detail = readString(object, 'detail', where);
  const cache = cacheMark(part, path);
  if (/^https?:\/\//i.test(url)) return { kind: 'image', source: { kind: 'url', url }, detail, cache };
  const data = parseDataUrl(url);
  if (data === null || !data.mediaType.startsWith('image/')) {
    const message = `Invalid value: '${at(where, 'url')}' must be an http(s) URL or a base64 data URL of an image.`;
    throw badRequest(at(where, 'url'), message);
  }
  return { kind: 'image', source: { kind: 'base64', ...data }, detail, cache };
}

function file(part: JsonObject, path: string, notes: Notes): DocumentPart | null {
  const object = needObject(part, 'file', path);
  const where = at(path, 'file');
  const name = readString(object, 'filename', where);
  if (readString(object, 'file_id', where) !== null) {
    notes.mustNotDrop.push(at(where, 'file_id'));
    return null;
  }
  const data = needString(object, 'file_data', where);
  // The documented form is a data URL; plain base64 is taken as the PDF it nearly always is.
  const read = /^data:/i.test(data)
    ? parseDataUrl(data)
    : parseDataUrl(`data:application/pdf;base64,${data}`);
  if (read === null) {
    throw badRequest(
      at(where, 'file_data'),
      `Invalid value: '${at(where, 'file_data')}' must be a base64 data URL.`,
    );
  }
  const cache = cacheMark(part, path);
  if (read.mediaType.startsWith('text/')) {
    const text = Buffer.from(read.data, 'base64').toString('utf8');
    return { kind: 'document', source: { kind: 'text', text }, name, cache };
  }
  return { kind: 'document', source: { kind: 'base64', ...read }, name, cache };
}

/** OpenAI's `prompt_cache_breakpoint`, or the `cache_control` that clients write for Claude in this dialect. */
export function cacheMark(object: JsonObject, path: string): CacheMark | null {
  for (const key of ['prompt_cache_breakpoint', 'cache_control']) {
    const mark = readObject(object, key, path);
    if (mark !== null) return { ttl: readString(mark, 'ttl', at(path, key)) };
  }
  return null;
}
