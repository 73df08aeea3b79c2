// Message content as upstreams write it: a string, or a list of chunks (Mistral, Databricks) in which thinking may stand.
import type { Json } from '../../contracts/json.ts';
import { arrayAt, stringAt } from '../lenient.ts';
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
      return { kind: 'text', text: stringAt(chunk, 'text') ?? '' };
  }
}

function joined(chunks: readonly Json[]): string {
  return chunks.map((chunk) => (isObject(chunk) ? (stringAt(chunk, 'text') ?? '') : '')).join('');
}
