// Reasoning in OpenAI-shaped messages. There is no standard: `reasoning_content` or `reasoning` hold text,
// `reasoning_details[]` (OpenRouter) and `thinking_blocks[]` (LiteLLM) hold text with the proofs that must return (wire.md 7.7).
import type { Part, ReasoningPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** One entry of `reasoning_details`, read. */
export interface ReasoningDetail {
  text: string;
  signature: string | null;
  /** Opaque data of an encrypted entry. */
  redacted: string | null;
  /** Which block a streamed piece belongs to; null when it does not say. */
  index: number | null;
  /** Whose proof it is; absent when it does not say. */
  maker?: string;
}

/** Beginnings of OpenRouter's `format` of an entry. */
const FORMATS: readonly (readonly [format: string, maker: string])[] = [
  ['anthropic-', 'anthropic'],
  ['google-', 'google'],
  ['openai-', 'openai'],
  ['azure-', 'openai'],
  ['xai-', 'xai'],
];

/** The reasoning text of a message or delta, from whichever field holds it; '' when none does. */
export function reasoningText(message: JsonObject): string {
  return stringAt(message, 'reasoning_content') || stringAt(message, 'reasoning') || '';
}

/** The entries of `reasoning_details` that carry anything. */
export function reasoningDetails(message: JsonObject): ReasoningDetail[] {
  const read: ReasoningDetail[] = [];
  for (const entry of arrayAt(message, 'reasoning_details')) {
    if (!isObject(entry)) continue;
    const text = stringAt(entry, 'text') ?? stringAt(entry, 'summary') ?? '';
    const signature = stringAt(entry, 'signature') || null;
    const redacted = stringAt(entry, 'data') || null;
    if (text === '' && signature === null && redacted === null) continue;
    const detail: ReasoningDetail = { text, signature, redacted, index: numberAt(entry, 'index') };
    const format = stringAt(entry, 'format');
    const maker = FORMATS.find(([beginning]) => format?.startsWith(beginning))?.[1];
    if (maker !== undefined) detail.maker = maker;
    read.push(detail);
  }
  return read;
}

/** All reasoning of a whole message, in order. */
export function readReasoning(message: JsonObject): ReasoningPart[] {
  const blocks = arrayAt(message, 'thinking_blocks')
    .map(thinkingBlock)
    .filter((part) => part !== null);
  if (blocks.length > 0) return blocks;
  const text = reasoningText(message);
  const parts = mergeDetails(reasoningDetails(message));
  if (text === '' || parts.some((part) => part.text !== '')) return parts;
  // Proofs without text beside the text in its own field: they belong together.
  const proof = parts.find((part) => part.redacted === null);
  if (proof === undefined) return [reasoning(text, null, null), ...parts];
  proof.text = text;
  return parts;
}

/** Writes the reasoning of a whole message; nothing when there is none. */
export function writeReasoning(parts: readonly Part[], message: JsonObject): void {
  const reasonings = parts.filter((part) => part.kind === 'reasoning');
  const text = reasonings.map((part) => part.text).join('');
  if (text !== '') message['reasoning_content'] = text;
  if (reasonings.some((part) => part.signature !== null || part.redacted !== null)) {
    message['reasoning_details'] = reasonings.map(writeDetail);
  }
}

/** One `reasoning_details` entry, whole: a client may return it as it is. */
export function writeDetail(part: Omit<ReasoningPart, 'kind'>, index: number): JsonObject {
  if (part.redacted !== null) return { type: 'reasoning.encrypted', data: part.redacted, index };
  const entry: JsonObject = { type: 'reasoning.text', text: part.text };
  if (part.signature !== null) entry['signature'] = part.signature;
  entry['index'] = index;
  return entry;
}

function reasoning(
  text: string,
  signature: string | null,
  redacted: string | null,
  maker?: string,
): ReasoningPart {
  return { kind: 'reasoning', text, signature, redacted, ...(maker !== undefined && { maker }) };
}

/** `thinking_blocks` are Claude's, as LiteLLM hands them on. */
const BLOCKS_MAKER = 'anthropic';

function thinkingBlock(block: Json): ReasoningPart | null {
  if (!isObject(block)) return null;
  const data = stringAt(block, 'data') || null;
  if (block['type'] === 'redacted_thinking')
    return data === null ? null : reasoning('', null, data, BLOCKS_MAKER);
  const text = stringAt(block, 'thinking') ?? '';
  const signature = stringAt(block, 'signature') || null;
  return text === '' && signature === null ? null : reasoning(text, signature, null, BLOCKS_MAKER);
}

// A client that collected a stream may return the pieces as they came: neighbours of one block become one part.
function mergeDetails(details: readonly ReasoningDetail[]): ReasoningPart[] {
  const parts: ReasoningPart[] = [];
  let last: { part: ReasoningPart; index: number | null } | null = null;
  for (const { text, signature, redacted, index, maker } of details) {
    if (redacted !== null) {
      parts.push(reasoning(text, null, redacted, maker));
      last = null;
    } else if (last !== null && last.index === index && continues(last.part, text, index)) {
      last.part.text += text;
      if (signature !== null) last.part.signature = (last.part.signature ?? '') + signature;
    } else {
      const part = reasoning(text, signature, null, maker);
      parts.push(part);
      last = { part, index };
    }
  }
  return parts;
}

// Behind a signature only more of the same signature can follow, and only where the index says so.
function continues(part: ReasoningPart, text: string, index: number | null): boolean {
  return part.signature === null || (text === '' && index !== null);
}
