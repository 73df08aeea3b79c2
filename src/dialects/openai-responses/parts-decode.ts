// Content parts of a client's items into neutral parts.
import type { Part, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import { fileFrom, imageAt } from '../media-decode.ts';
import type { Notes } from '../notes.ts';
import { cacheMark } from '../openai-chat/parts-decode.ts';
import { asObject, at, badRequest, needObject, needString, readArray, readString } from '../read.ts';

const PART_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'text',
  'refusal',
  'image_url',
  'file_id',
  'detail',
  'file_data',
  'file_url',
  'filename',
  'input_audio',
  'annotations',
  'logprobs',
  'prompt_cache_breakpoint',
  'cache_control',
]);

/** `content` of a message or `output` of a call: a string or a list of parts; null and absent read as no parts. */
export function decodeContent(content: Json | undefined, path: string, notes: Notes): Part[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [textPart(content)];
  if (!Array.isArray(content)) {
    throw badRequest(path, `Invalid type: '${path}' must be a string or an array of content parts.`);
  }
  return content.flatMap((item, index) => {
    const part = decodePart(item, at(path, index), notes);
    return part === null ? [] : [part];
  });
}

/** As decodeContent where only text may stand. @throws GatewayError GW_CLIENT_BAD_REQUEST for anything else. */
export function decodeText(content: Json | undefined, path: string, notes: Notes): TextPart[] {
  return decodeContent(content, path, notes).map((part, index) => {
    if (part.kind === 'text') return part;
    throw badRequest(at(path, index), `'${at(path, index)}': instructions hold text alone.`);
  });
}

/** A text part without a cache mark. */
export function textPart(text: string): TextPart {
  return { kind: 'text', text, cache: null };
}

// null: the part cannot be carried to another provider at all; its path is in notes.mustNotDrop.
function decodePart(item: Json, path: string, notes: Notes): Part | null {
  if (typeof item === 'string') return textPart(item);
  const part = asObject(item, path);
  const type = needString(part, 'type', path);
  noteLeftOver(part, PART_FIELDS, path, notes.dropped);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text':
    case 'reasoning_text':
      if (readArray(part, 'annotations', path)?.length) notes.dropped.push('input[].content[].annotations');
      return { kind: 'text', text: needString(part, 'text', path), cache: cacheMark(part, path) };
    case 'refusal':
      return { kind: 'refusal', text: needString(part, 'refusal', path) };
    case 'input_image':
      return decodeImage(part, path, notes);
    case 'input_file':
      return decodeFile(part, path, notes);
    case 'input_audio': {
      const where = at(path, 'input_audio');
      const audio = needObject(part, 'input_audio', path);
      const format = needString(audio, 'format', where);
      return { kind: 'audio', format, data: needString(audio, 'data', where) };
    }
    default:
      throw badRequest(at(path, 'type'), `Invalid value: '${type}' is no content part of this item.`);
  }
}

function decodeImage(part: JsonObject, path: string, notes: Notes): Part | null {
  if (isFileOfTheirs(part, path, notes)) return null;
  const detail = readString(part, 'detail', path);
  const url = needString(part, 'image_url', path).trim();
  return imageAt(url, detail, at(path, 'image_url'), cacheMark(part, path), notes);
}

function decodeFile(part: JsonObject, path: string, notes: Notes): Part | null {
  if (isFileOfTheirs(part, path, notes)) return null;
  const name = readString(part, 'filename', path);
  const member = readString(part, 'file_url', path) === null ? 'file_data' : 'file_url';
  const given = needString(part, member, path).trim();
  return fileFrom(given, name, at(path, member), cacheMark(part, path), notes);
}

// Kept by its provider under an id, which is nothing to another.
function isFileOfTheirs(part: JsonObject, path: string, notes: Notes): boolean {
  if (readString(part, 'file_id', path) === null) return false;
  notes.mustNotDrop.push(at(path, 'file_id'));
  return true;
}
