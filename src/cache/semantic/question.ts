// What a chat asks, where it is a question by itself.
import type { ChatRequest, Turn } from '../../contracts/chat.ts';

/** A longer text is a document to work on: no other is alike. */
export const MAX_QUESTION_CHARS = 4_000;

/** The text of the last turn, where it and nothing else asks; else null. @param maxMessages so many turns at most. */
export function questionIn({ turns, tools }: ChatRequest, maxMessages: number): string | null {
  const last = turns.at(-1);
  if (last === undefined || last.role !== 'user' || tools.length > 0 || turns.length > maxMessages)
    return null;
  if (!turns.every(isText)) return null;
  const text = last.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n');
  return text.trim() === '' || text.length > MAX_QUESTION_CHARS ? null : text;
}

function isText({ parts }: Turn): boolean {
  return parts.every(({ kind }) => kind === 'text');
}
