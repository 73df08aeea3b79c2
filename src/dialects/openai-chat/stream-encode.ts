// Neutral deltas into chat.completion.chunk messages: one role chunk first, the same id, created and model in all, the
// usage chunk only for a client that asked, and exactly `data: [DONE]` at the end.
import type { Delta, Usage } from '../../contracts/chat.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { mergeUsage } from '../merge-usage.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { writeDetail } from './reasoning.ts';
import { encodeStop } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

/** A block that is open: what its deltas become. */
type Block =
  | { kind: 'text' }
  | { kind: 'refusal' }
  | { kind: 'tool'; call: number; custom: boolean }
  | { kind: 'reasoning'; text: string; signature: string };

/** An encoder for one stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new ChatEncoder(context);
}

class ChatEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #blocks = new Map<number, Block>();
  /** `"id":…,"object":…,"created":…,"model":…,` of every chunk; '' before the start. */
  #head = '';
  readonly #tail: string;
  readonly #ids: ToolIds;
  #calls = 0;
  #details = 0;
  #usage: Usage | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
    this.#tail = context.includeUsage ? ',"usage":null}\n\n' : '}\n\n';
  }

  encode(delta: Delta): string {
    switch (delta.kind) {
      case 'start':
        return this.#start(delta.id, delta.model, delta.created, delta.usage);
      case 'open':
        return this.#begin() + this.#open(delta);
      case 'text':
        return this.#text(delta.index, delta.text);
      case 'signature': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'reasoning') block.signature += delta.signature;
        return '';
      }
      case 'arguments': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind !== 'tool') return '';
        const text = JSON.stringify(delta.text);
        const piece = block.custom ? `"custom":{"input":${text}}` : `"function":{"arguments":${text}}`;
        return this.#chunk(`{"tool_calls":[{"index":${block.call},${piece}}]}`);
      }
      case 'close':
        return this.#close(delta.index);
      case 'stop':
        return this.#begin() + this.#chunk('{}', `"${encodeStop(delta.reason)}"`);
      case 'usage':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return '';
      case 'ping': // comments broke known clients of this dialect (wire.md 7.11)
        return '';
      case 'end':
        return `${this.#usageChunk()}data: [DONE]\n\n`;
    }
  }

  #start(id: string, model: string, created: number | null, usage: Usage | null): string {
    this.#usage = mergeUsage(this.#usage, usage);
    if (this.#head !== '') return '';
    const { requestId, model: asked, now } = this.#context;
    const names = JSON.stringify({
      id: id === '' ? `chatcmpl-${requestId}` : id,
      object: 'chat.completion.chunk',
      created: created ?? Math.floor(now),
      model: model === '' ? asked : model,
    });
    this.#head = `data: ${names.slice(0, -1)},"choices":[`;
    return this.#chunk('{"role":"assistant","content":""}');
  }

  // A source that does not announce itself still gets exactly one role chunk.
  #begin(): string {
    return this.#head === '' ? this.#start('', '', null, null) : '';
  }

  #open(delta: Delta & { kind: 'open' }): string {
    switch (delta.block) {
      case 'tool_call': {
        const call = this.#calls++;
        const { name, custom = false } = delta;
        const id = this.#ids.take(delta.id);
        this.#blocks.set(delta.index, { kind: 'tool', call, custom });
        const entry = custom
          ? { index: call, id, type: 'custom', custom: { name, input: '' } }
          : { index: call, id, type: 'function', function: { name, arguments: '' } };
        return this.#chunk(`{"tool_calls":[${JSON.stringify(entry)}]}`);
      }
      case 'redacted':
        return this.#detail({ text: '', signature: null, redacted: delta.data });
      case 'reasoning':
        this.#blocks.set(delta.index, { kind: 'reasoning', text: '', signature: '' });
        return '';
      default:
        this.#blocks.set(delta.index, { kind: delta.block });
        return '';
    }
  }

  #text(index: number, text: string): string {
    if (text === '') return '';
    const block = this.#blocks.get(index);
    const json = JSON.stringify(text);
    if (block?.kind === 'refusal') return this.#chunk(`{"refusal":${json}}`);
    if (block?.kind !== 'reasoning') return this.#chunk(`{"content":${json}}`);
    block.text += text;
    return this.#chunk(`{"reasoning_content":${json}}`);
  }

  // A signed block is repeated whole: a client that returns the entry needs nothing else.
  #close(index: number): string {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.kind !== 'reasoning' || block.signature === '') return '';
    return this.#detail({ text: block.text, signature: block.signature, redacted: null });
  }

  #detail(part: Parameters<typeof writeDetail>[0]): string {
    const entry: JsonObject = writeDetail(part, this.#details++);
    return this.#chunk(`{"reasoning_details":[${JSON.stringify(entry)}]}`);
  }

  #chunk(delta: string, finish = 'null'): string {
    return `${this.#head}{"index":0,"delta":${delta},"finish_reason":${finish}}]${this.#tail}`;
  }

  #usageChunk(): string {
    if (!this.#context.includeUsage || this.#usage === null) return '';
    return `${this.#head}],"usage":${JSON.stringify(writeUsage(this.#usage))}}\n\n`;
  }
}
