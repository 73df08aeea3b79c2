// Neutral turns as Anthropic's `messages`: user and assistant in turn, all results of one assistant message first in
// the one user message behind it.
import type { Part, Turn } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { Losses } from '../losses.ts';
import type { ToolIdRule } from '../tool-ids.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { encodeAssistantParts, encodeToolResult, encodeUserParts } from './blocks-encode.ts';

interface Message {
  role: 'user' | 'assistant';
  results: JsonObject[];
  blocks: JsonObject[];
}

/** @throws GatewayError GW_CLIENT_UNSUPPORTED for a call without its result, a result without its call, and media. */
export function encodeMessages(turns: readonly Turn[], rule: ToolIdRule, losses: Losses): JsonObject[] {
  const paired = pairToolCalls(turns, rule, () => losses.adapt('messages[].tool_call_id'));
  const messages: Message[] = [];
  for (const turn of paired) {
    if (turn.name !== null) losses.drop('messages[].name');
    if (turn.role === 'assistant') addAssistant(messageOf(messages, 'assistant'), turn.parts, losses);
    else if (turn.role === 'user') addUser(messageOf(messages, 'user'), turn.parts, losses);
    else addLateSystem(messageOf(messages, 'user'), turn.parts, losses);
  }
  return merge(messages, losses);
}

function messageOf(messages: Message[], role: Message['role']): Message {
  const last = messages.at(-1);
  if (last?.role === role) return last;
  const message: Message = { role, results: [], blocks: [] };
  messages.push(message);
  return message;
}

function addAssistant(message: Message, parts: readonly Part[], losses: Losses): void {
  append(message.blocks, encodeAssistantParts(parts, losses));
}

function addUser(message: Message, parts: readonly Part[], losses: Losses): void {
  const rest: Part[] = [];
  for (const part of parts) {
    if (part.kind !== 'tool_result') rest.push(part);
    else message.results.push(encodeToolResult(part, losses));
  }
  append(message.blocks, encodeUserParts(rest, losses));
}

// Not every Claude takes role `system` inside the list, and none says which: a marked user text works for all.
function addLateSystem(message: Message, parts: readonly Part[], losses: Losses): void {
  losses.adapt('messages[].role');
  for (const part of parts) {
    if (part.kind !== 'text' || part.text === '') continue;
    const text = `<system>${part.text}</system>`;
    append(message.blocks, encodeUserParts([{ kind: 'text', text, cache: part.cache }], losses));
  }
}

// A message that ended up empty (its text was '') is left out, and its neighbours, now of one role, become one.
function merge(messages: readonly Message[], losses: Losses): JsonObject[] {
  const merged: { role: string; content: JsonObject[] }[] = [];
  for (const { role, results, blocks } of messages) {
    const content = [...results, ...blocks];
    if (content.length === 0) continue;
    const last = merged.at(-1);
    if (last?.role === role) append(last.content, content);
    else merged.push({ role, content });
  }
  trimPrefill(merged.at(-1)?.content ?? [], merged.at(-1)?.role, losses);
  return merged.map(({ role, content }) => ({ role, content: simplest(content) }));
}

// The beginning of an answer may not end in white space: `final assistant content cannot end with trailing whitespace`.
function trimPrefill(content: JsonObject[], role: string | undefined, losses: Losses): void {
  const last = content.at(-1);
  if (role !== 'assistant' || last?.type !== 'text') return;
  const text = (last.text as string).trimEnd(); // pushText writes nothing but strings with something in them
  if (text === last.text) return;
  losses.adapt('messages[].content');
  last.text = text;
}

// Not push(...more): a client may send more blocks than a call takes arguments.
function append(list: JsonObject[], more: readonly JsonObject[]): void {
  for (const block of more) list.push(block);
}

// One plain text is written as a string, as people write it.
function simplest(content: JsonObject[]): Json {
  const only = content.length === 1 ? content[0] : undefined;
  const plain = only?.type === 'text' && only.cache_control === undefined ? only.text : undefined;
  return plain ?? content;
}
