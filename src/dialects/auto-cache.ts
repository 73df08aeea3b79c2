// Cache marks for vendors that cache no prompt unless they are told where (Claude, wherever it runs): put behind what stays the
// same from call to call, where the client set none of its own. A prompt that is too short for a cache gets none.
import type { ChatRequest, Part } from '../contracts/chat.ts';

/** Claude caches from 1,024 tokens on, some models from more: some four bytes each. What is too short is not cached, and costs nothing. */
export const MIN_CACHED_BYTES = 4_096;

/** Marks the end of the tools, of the system prompt and of the last turn. Changes the request in place. @returns whether it did. */
export function markPrompt(request: ChatRequest): boolean {
  if (isMarked(request) || sizeOf(request) < MIN_CACHED_BYTES) return false;
  const tool = request.tools.at(-1);
  if (tool !== undefined) tool.cache = { ttl: null };
  const system = request.system.at(-1);
  if (system !== undefined) system.cache = { ttl: null };
  const last = request.turns.at(-1)?.parts.findLast(canBeMarked);
  if (last !== undefined) last.cache = { ttl: null };
  return true;
}

type Markable = Extract<Part, { cache: unknown }>;

function canBeMarked(part: Part): part is Markable {
  return 'cache' in part;
}

function isMarked({ system, tools, turns }: ChatRequest): boolean {
  return (
    system.some(({ cache }) => cache !== null) ||
    tools.some(({ cache }) => cache !== null) ||
    turns.some(({ parts }) => parts.some((part) => canBeMarked(part) && part.cache !== null))
  );
}

function sizeOf({ system, tools, turns }: ChatRequest): number {
  let size = 0;
  for (const { text } of system) size += text.length;
  for (const tool of tools) size += JSON.stringify(tool).length;
  for (const { parts } of turns) for (const part of parts) if (part.kind === 'text') size += part.text.length;
  return size;
}
