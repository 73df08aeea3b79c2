// The parts of an answer, of all answers where it holds several.
import type { ChatAnswer, Part } from '../contracts/chat.ts';

/** The answer with every part as `change` makes it. */
export function mapParts(answer: ChatAnswer, change: (part: Part) => Part): ChatAnswer {
  const mapped: ChatAnswer = { ...answer, parts: answer.parts.map(change) };
  if (answer.others !== undefined)
    mapped.others = answer.others.map((other) => ({ ...other, parts: other.parts.map(change) }));
  return mapped;
}
