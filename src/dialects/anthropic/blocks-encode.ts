// Neutral parts as Anthropic content blocks, for requests and for answers.
import { parseLossless } from '../../body/lossless.ts';
import type {
  CacheMark,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { argumentsText } from '../argument-shape.ts';
import { type Losses, unsupported } from '../losses.ts';
import { isObject } from '../read.ts';
import { encodeDocument, encodeImage } from './media-encode.ts';
import { toWireName } from './wire-names.ts';

/**
 * Blocks of a user turn or a tool result: text, images, documents.
 *
 * @throws GatewayError GW_CLIENT_UNSUPPORTED for audio and for files Claude cannot read.
 */
export function encodeUserParts(parts: readonly Part[], losses: Losses): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        pushText(blocks, part, losses);
        break;
      case 'refusal':
        losses.adapt('messages[].refusal');
        pushText(blocks, { kind: 'text', text: part.text, cache: null }, losses);
        break;
      case 'image':
        blocks.push(withCache(encodeImage(part, losses), part.cache, losses));
        break;
      case 'document':
        blocks.push(withCache(encodeDocument(part, losses), part.cache, losses));
        break;
      case 'audio':
        throw unsupported(
          'messages[].content[].input_audio',
          'The provider of this model takes no audio input.',
        );
      default:
        throw unsupported('messages[].content', `A ${part.kind} part may not stand here.`);
    }
  }
  return blocks;
}

/**
 * Blocks of an assistant turn, in order. Reasoning goes only with its proof: without a signature the provider refuses it.
 *
 * @throws GatewayError GW_CLIENT_UNSUPPORTED for media, which an assistant turn cannot hold.
 */
export function encodeAssistantParts(parts: readonly Part[], losses: Losses): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        pushText(blocks, part, losses);
        break;
      case 'refusal':
        losses.adapt('messages[].refusal');
        pushText(blocks, { kind: 'text', text: part.text, cache: null }, losses);
        break;
      case 'reasoning':
        if (part.signature === null && part.redacted === null) losses.adapt('messages[].reasoning_content');
        else blocks.push(encodeReasoning(part));
        break;
      case 'tool_call':
        blocks.push(encodeToolUse(part, losses));
        break;
      default:
        throw unsupported('messages[].content', `An assistant message cannot hold a ${part.kind} part.`);
    }
  }
  return blocks;
}

/** A tool's result: its content as a string when it is one plain text. */
export function encodeToolResult(part: ToolResultPart, losses: Losses): JsonObject {
  const only = part.content.length === 1 ? part.content[0] : undefined;
  const plain = only?.kind === 'text' && only.cache === null ? only.text : null;
  const block: JsonObject = {
    type: 'tool_result',
    tool_use_id: part.callId,
    content: plain ?? encodeUserParts(part.content, losses),
  };
  if (part.isError) block.is_error = true;
  return withCache(block, part.cache, losses);
}

/** `thinking` or `redacted_thinking`; a client that gets reasoning without proof sees an empty signature. */
export function encodeReasoning(part: ReasoningPart): JsonObject {
  if (part.redacted !== null) return { type: 'redacted_thinking', data: part.redacted };
  return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' };
}

/** Arguments as the object `input` must be: no text is `{}`, text that is no JSON object stays readable as `_raw`. */
export function encodeInput(text: string): { input: JsonObject; valid: boolean } {
  if (text.trim() === '') return { input: {}, valid: true };
  try {
    const value = parseLossless(argumentsText(text), true);
    if (isObject(value)) return { input: value, valid: true };
  } catch {
    // Models do write broken JSON: said below.
  }
  return { input: { _raw: text }, valid: false };
}

/** Adds `cache_control`. OpenAI's lifetimes become the next longer one of the two there are. */
export function withCache(block: JsonObject, cache: CacheMark | null, losses: Losses): JsonObject {
  if (cache === null) return block;
  const { ttl } = cache;
  if (ttl === null) block.cache_control = { type: 'ephemeral' };
  else {
    const known = ttl === '5m' || ttl === '1h';
    if (!known) losses.adapt('messages[].content[].prompt_cache_breakpoint');
    block.cache_control = { type: 'ephemeral', ttl: known ? ttl : '1h' };
  }
  return block;
}

// Anthropic refuses text blocks without text.
function pushText(blocks: JsonObject[], part: TextPart, losses: Losses): void {
  if (part.text.trim() !== '') blocks.push(withCache({ type: 'text', text: part.text }, part.cache, losses));
  else if (part.text !== '') losses.adapt('messages[].content');
}

function encodeToolUse(part: ToolCallPart, losses: Losses): JsonObject {
  const { input, valid } = encodeInput(part.arguments);
  if (!valid) losses.adapt('messages[].tool_calls[].function.arguments');
  const name = toWireName(part.name);
  if (name !== part.name) losses.adapt('messages[].tool_calls[].function.name');
  const block: JsonObject = { type: 'tool_use', id: part.id, name, input };
  return withCache(block, part.cache, losses);
}
