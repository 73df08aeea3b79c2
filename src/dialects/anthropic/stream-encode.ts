// Neutral deltas as a Messages stream. Anthropic has one block open at a time; what an OpenAI-like source interleaves
// waits here until the block before it is closed:
//
//   current ──► written as it comes
//   waiting ──► [ block: pieces, closed? ][ block … ]   in the order they were opened
import type { Delta, StopReason, Usage } from '../../contracts/chat.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { ToolIds } from '../tool-ids.ts';
import { knownUsage, messageStart } from './message-start.ts';
import { encodeStop } from './stop-reason.ts';
import { CLIENT_TOOL_ID, clientIds } from './tool-id-rule.ts';
import { encodeUsage } from './usage.ts';

/** Characters that may wait for another block's end. More is no answer any tool could take. */
const MAX_WAITING = 8 * 1024 * 1024;

type Open = Extract<Delta, { kind: 'open' }>;

interface Block {
  open: Open;
  /** Text or arguments that came while another block was open. */
  pieces: string[];
  /** Goes out right before the block's end, where Anthropic puts it. */
  signature: string | null;
  closed: boolean;
  /** A piece went out. */
  begun: boolean;
}

/** One per stream. @throws GatewayError GW_UPSTREAM_TOO_LARGE when too much waits for one block to end. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new Encoder(context);
}

class Encoder implements StreamEncoder {
  readonly #context: AnswerContext;
  #current: Block | null = null;
  readonly #waiting = new Map<number, Block>();
  #waitingSize = 0;
  /** Index of the current block in the client's stream. */
  #index = -1;
  #usage: Usage | null = null;
  #stop: StopReason | null = null;
  #stopSequence: string | null = null;
  readonly #ids: ToolIds;
  #calledTool = false;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#ids = new ToolIds(CLIENT_TOOL_ID, clientIds(context));
  }

  encode(delta: Delta): string {
    switch (delta.kind) {
      case 'start':
        return this.#start(delta);
      case 'open':
        return this.#open(delta);
      case 'text':
      case 'arguments':
        return this.#piece(delta.index, delta.text);
      case 'signature':
        return this.#sign(delta.index, delta.signature);
      case 'close':
        return this.#close(delta.index);
      case 'stop':
        this.#stop = delta.reason;
        this.#stopSequence = delta.stopSequence;
        return '';
      case 'usage':
        this.#usage = delta.usage;
        return '';
      case 'ping':
        return 'event: ping\ndata: {"type":"ping"}\n\n';
      case 'end':
        return this.#end();
    }
  }

  #start(delta: Extract<Delta, { kind: 'start' }>): string {
    this.#usage = delta.usage;
    return messageStart(this.#context, delta.id, delta.model, this.#usage);
  }

  #open(told: Open): string {
    let open = told;
    if (told.block === 'tool_call') {
      this.#calledTool = true;
      open = { ...told, id: this.#ids.take(told.id) };
    }
    const block: Block = { open, pieces: [], signature: null, closed: false, begun: false };
    if (this.#current === null) return this.#begin(block);
    this.#waiting.set(open.index, block);
    return '';
  }

  #piece(index: number, text: string): string {
    if (this.#current?.open.index === index) return this.#write(this.#current, text);
    const block = this.#waiting.get(index);
    if (block === undefined) return '';
    this.#waitingSize += text.length;
    if (this.#waitingSize > MAX_WAITING) throw new GatewayError('GW_UPSTREAM_TOO_LARGE');
    block.pieces.push(text);
    return '';
  }

  #sign(index: number, signature: string): string {
    const block = this.#current?.open.index === index ? this.#current : this.#waiting.get(index);
    if (block !== undefined) block.signature = (block.signature ?? '') + signature;
    return '';
  }

  #close(index: number): string {
    const waiting = this.#waiting.get(index);
    if (waiting !== undefined) {
      waiting.closed = true;
      return '';
    }
    return this.#current?.open.index === index ? this.#finish(this.#current) + this.#advance() : '';
  }

  // The next block that waited takes the place; those that are closed already come out whole.
  #advance(): string {
    let out = '';
    for (const [index, block] of this.#waiting) {
      this.#waiting.delete(index);
      for (const piece of block.pieces) this.#waitingSize -= piece.length;
      out += this.#begin(block);
      const text = block.pieces.join('');
      if (text !== '') out += this.#write(block, text);
      block.pieces = [];
      if (!block.closed) return out;
      out += this.#finish(block);
    }
    return out;
  }

  #begin(block: Block): string {
    this.#current = block;
    this.#index++;
    const start = { type: 'content_block_start', index: this.#index, content_block: emptyBlock(block.open) };
    return named('content_block_start', start);
  }

  #write(block: Block, text: string): string {
    switch (block.open.block) {
      case 'tool_call':
        return this.#delta('"type":"input_json_delta","partial_json":', this.#input(block, text));
      case 'reasoning':
        return this.#delta('"type":"thinking_delta","thinking":', text);
      case 'redacted':
        return '';
      default:
        return this.#delta('"type":"text_delta","text":', text);
    }
  }

  // Arguments that are no object come in one piece: `input` must be one, so they stay readable inside it.
  #input(block: Block, text: string): string {
    if (block.begun || text === '') return text;
    block.begun = true;
    return text.trimStart().startsWith('{') ? text : JSON.stringify({ _raw: text });
  }

  #finish(block: Block): string {
    this.#current = null;
    const signed =
      block.signature === null ? '' : this.#delta('"type":"signature_delta","signature":', block.signature);
    return `${signed}event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#index}}\n\n`;
  }

  #delta(head: string, text: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{${head}${JSON.stringify(text)}}}\n\n`;
  }

  #end(): string {
    let out = '';
    for (const block of this.#waiting.values()) block.closed = true;
    if (this.#current !== null) out += this.#finish(this.#current) + this.#advance();
    const delta: JsonObject = {
      stop_reason: this.#stop === null ? null : encodeStop(this.#stop, this.#calledTool),
      stop_sequence: this.#stopSequence,
    };
    out += named('message_delta', {
      type: 'message_delta',
      delta,
      usage: encodeUsage(knownUsage(this.#usage, this.#context)),
    });
    return `${out}event: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }
}

function emptyBlock(open: Open): JsonObject {
  switch (open.block) {
    case 'tool_call':
      return { type: 'tool_use', id: open.id, name: open.name, input: {} };
    case 'reasoning':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'redacted':
      return { type: 'redacted_thinking', data: open.data };
    default:
      return { type: 'text', text: '' };
  }
}

function named(event: string, data: JsonObject): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
