// Where each result of a tool is a message of its own, of text alone (Chat, Cohere): results stand directly behind their
// calls, and what such a message cannot hold (images, files) moves into the user message that follows.
import type { Part, TextPart, ToolResultPart, Turn } from '../contracts/chat.ts';
import type { Losses } from './losses.ts';
import { at } from './read.ts';

/** A part and its path in the client's body. */
export interface Placed<P extends Part = Part> {
  readonly part: P;
  readonly path: string;
}

/** A result with the text its message holds. */
export interface ResultMessage {
  readonly result: ToolResultPart;
  readonly text: readonly Placed<TextPart>[];
}

/** Joins neighbours of one role where they split calls from their results. */
export function joinTurns(turns: readonly Turn[]): Turn[] {
  const joined: Turn[] = [];
  for (const turn of turns) {
    const last = joined.at(-1);
    const split =
      last?.role === turn.role &&
      ((turn.role === 'assistant' && last.parts.some((part) => part.kind === 'tool_call')) ||
        (turn.role === 'user' && turn.parts.some((part) => part.kind === 'tool_result')));
    if (last !== undefined && split)
      joined[joined.length - 1] = { ...last, parts: [...last.parts, ...turn.parts] };
    else joined.push(turn);
  }
  return joined;
}

/** The parts of a turn, placed below `path`. */
export function placed(turn: Turn, path: string): Placed[] {
  return turn.parts.map((part, index) => ({ part, path: at(at(path, 'content'), index) }));
}

/** The texts among them. */
export function texts(parts: readonly Placed[]): Placed<TextPart>[] {
  return parts.filter((entry): entry is Placed<TextPart> => entry.part.kind === 'text');
}

/** A user's turn as the results in it and what is left for a message of its own. */
export function splitResults(
  turn: Turn,
  path: string,
  losses: Losses,
): { results: ResultMessage[]; rest: Placed[] } {
  const results: ResultMessage[] = [];
  const moved: Placed[] = [];
  const rest: Placed[] = [];
  for (const entry of placed(turn, path)) {
    const { part } = entry;
    if (part.kind !== 'tool_result') rest.push(entry);
    else {
      // Results must follow their calls at once: what stood before this one now comes behind it.
      if (rest.length > 0) losses.adapt(entry.path);
      results.push({ result: part, text: resultText(part, entry.path, moved, losses) });
    }
  }
  return { results, rest: [...moved, ...rest] };
}

function resultText(
  result: ToolResultPart,
  path: string,
  moved: Placed[],
  losses: Losses,
): Placed<TextPart>[] {
  const written: Placed<TextPart>[] = [];
  let files = 0;
  result.content.forEach((part, index) => {
    const where = at(at(path, 'content'), index);
    if (part.kind === 'text') {
      written.push({ part, path: where });
      return;
    }
    losses.adapt(where);
    if (part.kind === 'document' && part.source.kind === 'text') {
      written.push({ part: plainText(documentText(part.name, part.source.text)), path: where });
      return;
    }
    files++;
    const name = `${part.kind} ${files} of the result of tool call ${result.callId}`;
    written.push({ part: plainText(`[${name}: see the next user message]`), path: where });
    moved.push({ part: plainText(`[${name}]`), path: where }, { part, path: where });
  });
  if (result.isError) {
    // There is no flag for it here; the model reads it.
    losses.adapt(at(path, 'is_error'));
    const [first] = written;
    if (first === undefined) written.push({ part: plainText('Error'), path });
    else written[0] = { part: { ...first.part, text: `Error: ${first.part.text}` }, path: first.path };
  }
  if (result.cache !== null) losses.drop(at(path, 'cache_control'));
  return written;
}

function plainText(text: string): TextPart {
  return { kind: 'text', text, cache: null };
}

/** A document of plain text as a text. */
export function documentText(name: string | null, text: string): string {
  return name === null ? text : `${name}\n\n${text}`;
}
