// A client's body with turns behind its conversation, every other byte as it came: how a model is asked to go on with an
// answer that another broke off.
import type { BodyFacts, Edit } from '../contracts/body.ts';

const OPEN_LIST = 0x5b;
const PER_MEMBER = 4;

/** One more turn of a conversation, as JSON text. */
export type WriteTurn = (role: 'assistant' | 'user', text: string) => string;

/**
 * @param member holds the list of turns. @param write one turn in the dialect's words.
 * @returns null when the body has no such list.
 */
export function appendTurns(
  member: string,
  write: WriteTurn,
  body: Buffer,
  facts: BodyFacts,
  said: string,
  instruction: string | null,
): Edit[] | null {
  const value = memberValue(member, body, facts);
  if (value === null || body[value.start] !== OPEN_LIST) return null;
  const at = value.end - 1;
  const empty = body.toString('latin1', value.start + 1, at).trim() === '';
  if (empty) return null;
  return [{ start: at, end: at, text: `,${turns(write, said, instruction).join(',')}` }];
}

/** What is said, turn by turn. */
export function turns(write: WriteTurn, said: string, instruction: string | null): string[] {
  const list = [write('assistant', said)];
  if (instruction !== null) list.push(write('user', instruction));
  return list;
}

/** Where a top-level member's value stands; null when there is none. */
export function memberValue(
  member: string,
  body: Buffer,
  { members }: BodyFacts,
): { start: number; end: number } | null {
  for (let at = 0; at < members.length; at += PER_MEMBER) {
    if (body.toString('latin1', members[at]! + 1, members[at + 1]! - 1) !== member) continue;
    return { start: members[at + 2]!, end: members[at + 3]! };
  }
  return null;
}

/** A turn whose content is a text: Chat, Messages, Cohere. */
export const plainTurn: WriteTurn = (role, content) => JSON.stringify({ role, content });
