// Neutral turns as Converse's `messages`: user and assistant strictly in turn, all results of one assistant message first in
// the one user message behind it.
import type { Capabilities } from '../../contracts/capability.ts';
import type { Part, TextPart, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Losses } from '../losses.ts';
import type { BlockWriter } from './blocks-encode.ts';

/** For a model that takes no beginning of its answer. */
const GO_ON = 'Go on from exactly where your last message ends, without repeating any of it.';
/** A document is taken only with a text beside it. */
const BESIDE_DOCUMENT = 'The document is attached.';

export type ConverseMessage = {
  role: 'user' | 'assistant';
  content: JsonObject[];
};

interface Gathered {
  role: ConverseMessage['role'];
  results: JsonObject[];
  blocks: JsonObject[];
}

/** @param turns with tool ids that Bedrock takes, calls and results paired. */
export function encodeMessages(
  turns: readonly Turn[],
  writer: BlockWriter,
  { prefill }: Capabilities,
  losses: Losses,
): ConverseMessage[] {
  const gathered: Gathered[] = [];
  for (const turn of turns) {
    if (turn.name !== null) losses.drop('messages[].name');
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    let message = gathered.at(-1);
    if (message?.role !== role) gathered.push((message = { role, results: [], blocks: [] }));
    const parts = turn.role === 'system' ? asUserText(turn.parts, losses) : turn.parts;
    const isResult = (part: Part): boolean => part.kind === 'tool_result';
    append(message.results, writer.turn(parts.filter(isResult), role));
    append(
      message.blocks,
      writer.turn(
        parts.filter((part) => !isResult(part)),
        role,
      ),
    );
  }
  const messages = merged(gathered);
  finishPrefill(messages, prefill, losses);
  for (const { role, content } of messages) if (role === 'user') addText(content, losses);
  return messages;
}

// `system` stands before the conversation alone; not every model takes the role inside it.
function asUserText(parts: readonly Part[], losses: Losses): Part[] {
  losses.adapt('messages[].role');
  return parts
    .filter((part): part is TextPart => part.kind === 'text' && part.text.trim() !== '')
    .map((part) => ({ ...part, text: `<system>${part.text}</system>` }));
}

// A message that ended up empty (its text was '') is left out, and its neighbours, now of one role, become one.
function merged(gathered: readonly Gathered[]): ConverseMessage[] {
  const messages: ConverseMessage[] = [];
  for (const { role, results, blocks } of gathered) {
    if (results.length + blocks.length === 0) continue;
    const last = messages.at(-1);
    if (last?.role !== role) messages.push({ role, content: [...results, ...blocks] });
    else {
      append(last.content, results);
      append(last.content, blocks);
    }
  }
  return messages;
}

// The beginning of an answer may not end in white space; some models take none at all, and are asked to go on.
function finishPrefill(messages: ConverseMessage[], prefill: boolean, losses: Losses): void {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return;
  if (!prefill) {
    losses.adapt('messages');
    messages.push({ role: 'user', content: [{ text: GO_ON }] });
    return;
  }
  const block = last.content.at(-1);
  if (typeof block?.['text'] !== 'string') return;
  const text = block['text'].trimEnd();
  if (text === block['text']) return;
  losses.adapt('messages[].content');
  block['text'] = text;
}

function addText(content: JsonObject[], losses: Losses): void {
  const has = (kind: string): boolean => content.some((block) => block[kind] !== undefined);
  if (!has('document') || has('text')) return;
  losses.adapt('messages[].content');
  content.push({ text: BESIDE_DOCUMENT });
}

// Not push(...more): a client may send more blocks than a call takes arguments.
function append(list: JsonObject[], more: readonly JsonObject[]): void {
  for (const block of more) list.push(block);
}
