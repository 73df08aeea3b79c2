// Neutral parts as Converse content blocks, for requests and for answers.
import type { Capabilities } from '../../contracts/capability.ts';
import type { CacheMark, Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { encodeInput } from '../anthropic/blocks-encode.ts';
import { type Losses, unsupported } from '../losses.ts';
import { DocumentNames } from './document-names.ts';
import { encodeAudio, encodeDocument, encodeImage, encodeVideo } from './media-encode.ts';
import { encodeRedacted } from './redacted.ts';
import type { WireNames } from './tool-names.ts';

/** Writes the blocks of one request. */
export class BlockWriter {
  readonly #capabilities: Capabilities;
  readonly #names: WireNames;
  readonly #losses: Losses;
  readonly #documents = new DocumentNames();

  constructor(capabilities: Capabilities, names: WireNames, losses: Losses) {
    this.#capabilities = capabilities;
    this.#names = names;
    this.#losses = losses;
  }

  /** Blocks of a turn. @throws GatewayError GW_CLIENT_UNSUPPORTED for what may not stand there, or is not read. */
  turn(parts: readonly Part[], role: 'user' | 'assistant'): JsonObject[] {
    const blocks: JsonObject[] = [];
    for (const part of parts) {
      switch (part.kind) {
        case 'reasoning':
          // Without its proof it is refused.
          if (part.signature === null && part.redacted === null)
            this.#losses.adapt('messages[].reasoning_content');
          else blocks.push(encodeReasoning(part));
          break;
        case 'tool_call':
          blocks.push(this.#toolUse(part));
          this.mark(blocks, part.cache);
          break;
        case 'tool_result':
          blocks.push(this.#toolResult(part));
          this.mark(blocks, part.cache);
          break;
        case 'text':
        case 'refusal':
          this.#said(part, blocks);
          break;
        default:
          if (role === 'assistant') {
            const message = `An assistant message cannot hold a ${part.kind} part.`;
            throw unsupported('messages[].content', message);
          }
          this.#said(part, blocks);
      }
    }
    return blocks;
  }

  /** Puts a cache point behind the last block. OpenAI's lifetimes become the next longer one of the two there are. */
  mark(blocks: JsonObject[], cache: CacheMark | null): void {
    if (cache === null) return;
    if (this.#capabilities.cacheMarks !== 'cache_point') {
      this.#losses.drop('messages[].content[].cache_control');
      return;
    }
    const { ttl } = cache;
    const known = ttl === null || ttl === '5m' || ttl === '1h';
    if (!known) this.#losses.adapt('messages[].content[].prompt_cache_breakpoint');
    blocks.push({
      cachePoint: ttl === null ? { type: 'default' } : { type: 'default', ttl: known ? ttl : '1h' },
    });
  }

  /** Text, images, documents, videos and sound: what a user says, and a tool. */
  #said(part: Part, blocks: JsonObject[]): void {
    switch (part.kind) {
      case 'text':
      case 'refusal':
        if (part.kind === 'refusal') this.#losses.adapt('messages[].refusal');
        // A text block without text is refused.
        if (part.text.trim() !== '') blocks.push({ text: part.text });
        else if (part.text !== '') this.#losses.adapt('messages[].content');
        break;
      case 'image':
        blocks.push(encodeImage(part, this.#losses));
        break;
      case 'document':
        blocks.push(encodeDocument(part, this.#documents, this.#losses));
        break;
      case 'video':
        blocks.push(encodeVideo(part));
        break;
      case 'audio':
        blocks.push(encodeAudio(part, this.#capabilities.audio));
        break;
      default:
        throw unsupported('messages[].content', `A ${part.kind} part may not stand here.`);
    }
    if ('cache' in part && blocks.length > 0) this.mark(blocks, part.cache);
  }

  #toolUse(part: ToolCallPart): JsonObject {
    const { input, valid } = encodeInput(part.arguments);
    if (!valid) this.#losses.adapt('messages[].tool_calls[].function.arguments');
    const name = this.#names.take(part.name);
    if (name !== part.name) this.#losses.adapt('messages[].tool_calls[].function.name');
    return { toolUse: { toolUseId: part.id, name, input } };
  }

  #toolResult({ callId, content: parts, isError }: ToolResultPart): JsonObject {
    const content: JsonObject[] = [];
    for (const part of parts) {
      // A mark goes behind the result as a whole: none may stand in it.
      if ('cache' in part && part.cache !== null)
        this.#losses.drop('messages[].content[].content[].cache_control');
      this.#said('cache' in part ? { ...part, cache: null } : part, content);
    }
    // A result must hold something.
    if (content.length === 0) content.push({ json: {} });
    const result: JsonObject = { toolUseId: callId, content };
    // `success` is what is meant without a word, and not every model takes the word.
    if (isError) result['status'] = 'error';
    return { toolResult: result };
  }
}

/** `reasoningContent`. */
export function encodeReasoning({ text, signature, redacted }: ReasoningPart): JsonObject {
  if (redacted !== null) return { reasoningContent: { redactedContent: encodeRedacted(redacted) } };
  const reasoningText: JsonObject = signature === null ? { text } : { text, signature };
  return { reasoningContent: { reasoningText } };
}
