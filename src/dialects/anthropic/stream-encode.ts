// Neutral deltas as a Messages stream. Anthropic has one block open at a time; what an OpenAI-like source interleaves
// waits here until the block before it is closed:
//
//   current ──► written as it comes
//   waiting ──► [ block: pieces, closed? ][ block … ]   in the order they were opened
//
// No answer of Anthropic's ends in thinking, and Claude Code takes its last block for what was said. What Gemini signs behind
// its text is held until another block follows, and left out where none does: Gemini wants it back of calls alone.
import type { Delta, StopReason, Usage } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { ToolIds } from '../tool-ids.ts';
import { writeCitation } from './citations.ts';
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
  /** As written; go out there as well. */
  citations: JsonObject[] | null;
  closed: boolean;
  /** A piece went out. */
  begun: boolean;
  /** Its start has not gone out: reasoning behind text, of which nothing can be read yet. */
  held: boolean;
}

/** One per stream. @throws GatewayError GW_UPSTREAM_TOO_LARGE when too much waits for one block to end. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new Encoder(context);
}

class Encoder implements StreamEncoder {
  readonly #context: AnswerContext;
  #current: Block | null = null;
  /** What was written last is text. */
  #behindText = false;
  /** Closed while held. */
  readonly #held: Block[] = [];
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

  encode(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#start(delta, out);
        return;
      case 'open':
        this.#open(delta, out);
        return;
      case 'text':
      case 'arguments':
        this.#piece(delta.index, delta.text, out);
        return;
      case 'signature':
        this.#sign(delta.index, delta.signature);
        return;
      case 'citation':
        this.#cite(delta.index, delta.citation);
        return;
      case 'close':
        this.#close(delta.index, out);
        return;
      case 'stop':
        this.#stop = delta.reason;
        this.#stopSequence = delta.stopSequence;
        return;
      case 'usage':
        this.#usage = delta.usage;
        return;
      case 'ping':
        out.emit('ping', '{"type":"ping"}');
        return;
      case 'end':
        this.#end(out);
    }
  }

  fits(index: number, data: string): boolean {
    const block = this.#current;
    if (block === null || block.held || block.open.index !== index) return false;
    return data.includes(`"index":${this.#index},`) || data.includes(`"index": ${this.#index},`);
  }

  /** What is said of a block changes nothing of how it ends. */
  passed(): void {}

  #start(delta: Extract<Delta, { kind: 'start' }>, out: EventOut): void {
    this.#usage = delta.usage;
    out.emit('message_start', messageStart(this.#context, delta.id, delta.model, this.#usage));
  }

  #open(told: Open, out: EventOut): void {
    let open = told;
    if (told.block === 'tool_call') {
      this.#calledTool = true;
      open = { ...told, id: this.#ids.take(told.id) };
    }
    const block: Block = {
      open,
      pieces: [],
      signature: null,
      citations: null,
      closed: false,
      begun: false,
      held: false,
    };
    if (this.#current === null) this.#begin(block, out);
    else this.#waiting.set(open.index, block);
  }

  #piece(index: number, text: string, out: EventOut): void {
    if (this.#current?.open.index === index) {
      this.#write(this.#current, text, out);
      return;
    }
    const block = this.#waiting.get(index);
    if (block === undefined) return;
    this.#waitingSize += text.length;
    if (this.#waitingSize > MAX_WAITING) throw new GatewayError('GW_UPSTREAM_TOO_LARGE');
    block.pieces.push(text);
  }

  #sign(index: number, signature: string): void {
    const block = this.#current?.open.index === index ? this.#current : this.#waiting.get(index);
    if (block !== undefined) block.signature = (block.signature ?? '') + signature;
  }

  #cite(index: number, citation: Citation): void {
    const block = this.#current?.open.index === index ? this.#current : this.#waiting.get(index);
    const written = writeCitation(citation);
    if (block !== undefined && written !== null) (block.citations ??= []).push(written);
  }

  #close(index: number, out: EventOut): void {
    const waiting = this.#waiting.get(index);
    if (waiting !== undefined) waiting.closed = true;
    else if (this.#current?.open.index === index) {
      this.#finish(this.#current, out);
      this.#advance(out);
    }
  }

  // The next block that waited takes the place; those that are closed already come out whole.
  #advance(out: EventOut): void {
    for (const [index, block] of this.#waiting) {
      this.#waiting.delete(index);
      for (const piece of block.pieces) this.#waitingSize -= piece.length;
      this.#begin(block, out);
      const text = block.pieces.join('');
      if (text !== '') this.#write(block, text, out);
      block.pieces = [];
      if (!block.closed) return;
      this.#finish(block, out);
    }
  }

  #begin(block: Block, out: EventOut): void {
    this.#current = block;
    if (block.open.block === 'reasoning' && this.#behindText) block.held = true;
    else this.#tell(block, out);
  }

  /** The start of a block, behind what was held before it. */
  #tell(block: Block, out: EventOut): void {
    for (const held of this.#held.splice(0)) {
      this.#startBlock(held, out);
      this.#endBlock(held, out);
    }
    block.held = false;
    this.#startBlock(block, out);
  }

  #startBlock(block: Block, out: EventOut): void {
    this.#behindText = block.open.block === 'text' || block.open.block === 'refusal';
    this.#index++;
    const start = { type: 'content_block_start', index: this.#index, content_block: emptyBlock(block.open) };
    out.emit('content_block_start', JSON.stringify(start));
  }

  #write(block: Block, text: string, out: EventOut): void {
    switch (block.open.block) {
      case 'tool_call':
        this.#delta('"type":"input_json_delta","partial_json":', this.#input(block, text), out);
        return;
      case 'reasoning':
        if (block.held) {
          if (text === '') return;
          this.#tell(block, out);
        }
        this.#delta('"type":"thinking_delta","thinking":', text, out);
        return;
      case 'redacted':
        return;
      default:
        this.#delta('"type":"text_delta","text":', text, out);
    }
  }

  // Arguments that are no object come in one piece: `input` must be one, so they stay readable inside it.
  #input(block: Block, text: string): string {
    if (block.begun || text === '') return text;
    block.begun = true;
    return text.trimStart().startsWith('{') ? text : JSON.stringify({ _raw: text });
  }

  #finish(block: Block, out: EventOut): void {
    this.#current = null;
    if (block.held) this.#held.push(block);
    else this.#endBlock(block, out);
  }

  #endBlock(block: Block, out: EventOut): void {
    for (const citation of block.citations ?? []) {
      const delta = { type: 'citations_delta', citation };
      out.emit(
        'content_block_delta',
        JSON.stringify({ type: 'content_block_delta', index: this.#index, delta }),
      );
    }
    if (block.signature !== null) this.#delta('"type":"signature_delta","signature":', block.signature, out);
    out.emit('content_block_stop', `{"type":"content_block_stop","index":${this.#index}}`);
  }

  #delta(head: string, text: string, out: EventOut): void {
    out.emit(
      'content_block_delta',
      `{"type":"content_block_delta","index":${this.#index},"delta":{${head}${JSON.stringify(text)}}}`,
    );
  }

  #end(out: EventOut): void {
    for (const block of this.#waiting.values()) block.closed = true;
    if (this.#current !== null) {
      this.#finish(this.#current, out);
      this.#advance(out);
    }
    const delta: JsonObject = {
      stop_reason: this.#stop === null ? null : encodeStop(this.#stop, this.#calledTool),
      stop_sequence: this.#stopSequence,
    };
    const usage = encodeUsage(knownUsage(this.#usage, this.#context));
    out.emit('message_delta', JSON.stringify({ type: 'message_delta', delta, usage }));
    out.emit('message_stop', '{"type":"message_stop"}');
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
