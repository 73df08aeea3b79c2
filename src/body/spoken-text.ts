// Of a request for speech: how long the text is that is to be said, which vendors charge by its characters.
import type { BodyFacts } from '../contracts/body.ts';
import { memberSpan } from './member-edits.ts';

/** Sets `facts.characters`, where the body has a text as its `input`. */
export function countSpoken(body: Buffer, facts: BodyFacts): void {
  const span = memberSpan(body, facts.members, 'input');
  if (span === null || body[span.start] !== 0x22) return;
  const text = JSON.parse(body.toString('utf8', span.start, span.end)) as string;
  let characters = 0;
  // Two halves of one are one.
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) characters++;
  facts.characters = characters;
}
