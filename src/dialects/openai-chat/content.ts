// Message content as upstreams write it: a string, or a list of chunks (Mistral, Databricks) in which thinking may stand.
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { mediaNote } from '../media-note.ts';
import { isObject } from '../read.ts';

export interface ContentPiece {
  kind: 'text' | 'reasoning' | 'refusal';
  text: string;
}

/** The pieces of an answer's `content`, in order, empty ones left out. */
export function contentPieces(content: Json | undefined): ContentPiece[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map(piece).filter((found) => found.text !== '');
}

/** What stands beside `content` and is no text: pictures of models that draw, and what a model spoke. */
export function mediaPieces(message: JsonObject): ContentPiece[] {
  const notes = arrayAt(message, 'images').map(mediaNote);
  const audio = objectAt(message, 'audio');
  if (audio !== null) notes.push(stringAt(audio, 'transcript') ?? mediaNote({ type: 'audio' }));
  return notes.filter((text) => text !== '').map((text) => ({ kind: 'text', text }));
}

function piece(chunk: Json): ContentPiece {
  if (!isObject(chunk)) return { kind: 'text', text: typeof chunk === 'string' ? chunk : '' };
  switch (chunk['type']) {
    case 'thinking':
      return { kind: 'reasoning', text: stringAt(chunk, 'thinking') ?? joined(arrayAt(chunk, 'thinking')) };
    case 'reasoning':
      return { kind: 'reasoning', text: stringAt(chunk, 'text') ?? joined(arrayAt(chunk, 'summary')) };
    case 'refusal':
      return { kind: 'refusal', text: stringAt(chunk, 'refusal') ?? '' };
    default:
      return { kind: 'text', text: stringAt(chunk, 'text') ?? mediaNote(chunk) };
  }
}

function joined(chunks: readonly Json[]): string {
  return chunks.map((chunk) => (isObject(chunk) ? (stringAt(chunk, 'text') ?? '') : '')).join('');
}
