// Neutral deltas as a v2 chat stream. Cohere has one block open at a time; what an OpenAI-like source interleaves waits until
// the block before it is closed.
import type { Delta, StopReason, Usage } from '../../contracts/chat.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { mergeUsage } from '../merge-usage.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { writeLogprob } from './logprobs.ts';
import { encodeStop } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

/** Characters that may wait for another block's end. More is no answer any tool could take. */
const MAX_WAITING = 8 * 1024 * 1024;

type Open = Extract<Delta, { kind: 'open' }>;
type Piece = Extract<Delta, { kind: 'text' | 'arguments' }>;

interface Block {
  open: Open;
  /** Its index among the client's contents or calls. */
  at: number;
  /** What came while another block was open. */
  waiting: Piece[];
  closed: boolean;
  /** A piece went out. */
  begun: boolean;
}

/** One per stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new Encoder(context);
}

class Encoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #ids: ToolIds;
  #begun = false;
  #contents = 0;
  #calls = 0;
  #current: Block | null = null;
  readonly #waiting = new Map<number, Block>();
  #waitingSize = 0;
  #usage: Usage | null = null;
  #stop: StopReason = 'end';

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  }

  encode(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        this.#start(delta.id, out);
        return;
      case 'open':
        this.#start('', out);
        this.#open(delta, out);
        return;
      case 'text':
      case 'arguments':
        this.#piece(delta, out);
        return;
      case 'close':
        this.#close(delta.index, out);
        return;
      case 'stop':
        this.#stop = delta.reason;
        return;
      case 'usage':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return;
      case 'signature': // proofs have no place here
      case 'ping':
        return;
      case 'end':
        this.#end(out);
    }
  }

  #start(id: string, out: EventOut): void {
    if (this.#begun) return;
    this.#begun = true;
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
    const start = { id: id === '' ? this.#context.requestId : id, type: 'message-start', delta: { message } };
    out.emit('message-start', JSON.stringify(start));
  }

  #open(open: Open, out: EventOut): void {
    // Data without text has no place here.
    if (open.block === 'redacted') return;
    const told = open.block === 'tool_call' ? { ...open, id: this.#ids.take(open.id) } : open;
    const block: Block = { open: told, at: -1, waiting: [], closed: false, begun: false };
    if (this.#current === null) this.#begin(block, out);
    else this.#waiting.set(open.index, block);
  }

  #piece(delta: Piece, out: EventOut): void {
    if (delta.text === '') return;
    if (this.#current?.open.index === delta.index) {
      this.#write(this.#current, delta, out);
      return;
    }
    const block = this.#waiting.get(delta.index);
    if (block === undefined) return;
    this.#waitingSize += delta.text.length;
    if (this.#waitingSize > MAX_WAITING) throw new GatewayError('GW_UPSTREAM_TOO_LARGE');
    block.waiting.push(delta);
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
      this.#begin(block, out);
      for (const piece of block.waiting) {
        this.#waitingSize -= piece.text.length;
        this.#write(block, piece, out);
      }
      block.waiting = [];
      if (!block.closed) return;
      this.#finish(block, out);
    }
  }

  #begin(block: Block, out: EventOut): void {
    this.#current = block;
    const { open } = block;
    if (open.block === 'tool_call') {
      block.at = this.#calls++;
      const call = { id: open.id, type: 'function', function: { name: open.name, arguments: '' } };
      this.#emit('tool-call-start', block.at, { tool_calls: call }, out);
      return;
    }
    block.at = this.#contents++;
    const content: JsonObject =
      open.block === 'reasoning' ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' };
    this.#emit('content-start', block.at, { content }, out);
  }

  #write(block: Block, piece: Piece, out: EventOut): void {
    const { open, at } = block;
    block.begun = true;
    const text = JSON.stringify(piece.text);
    if (open.block === 'tool_call') {
      out.emit(
        'tool-call-delta',
        `{"type":"tool-call-delta","index":${at},"delta":{"message":{"tool_calls":{"function":{"arguments":${text}}}}}}`,
      );
      return;
    }
    const field = open.block === 'reasoning' ? 'thinking' : 'text';
    const chances =
      piece.kind === 'text' && piece.logprobs !== undefined
        ? piece.logprobs.map((chance) => `,"logprobs":${JSON.stringify(writeLogprob(chance))}`)
        : [];
    const [chance = ''] = chances;
    out.emit(
      'content-delta',
      `{"type":"content-delta","index":${at},"delta":{"message":{"content":{"${field}":${text}}}}${chance}}`,
    );
  }

  #finish(block: Block, out: EventOut): void {
    const { open, at, begun } = block;
    this.#current = null;
    const call = open.block === 'tool_call';
    // A call without arguments is one with none.
    if (call && !begun) this.#write(block, { kind: 'arguments', index: open.index, text: '{}' }, out);
    const type = call ? 'tool-call-end' : 'content-end';
    out.emit(type, `{"type":"${type}","index":${at}}`);
  }

  #emit(type: string, index: number, message: JsonObject, out: EventOut): void {
    out.emit(type, JSON.stringify({ type, index, delta: { message } }));
  }

  #end(out: EventOut): void {
    this.#start('', out);
    for (const block of this.#waiting.values()) block.closed = true;
    if (this.#current !== null) {
      this.#finish(this.#current, out);
      this.#advance(out);
    }
    const delta: JsonObject = { finish_reason: encodeStop(this.#stop) };
    if (this.#usage !== null) delta['usage'] = writeUsage(this.#usage);
    out.emit('message-end', JSON.stringify({ type: 'message-end', delta }));
    out.emit('', '[DONE]');
  }
}
