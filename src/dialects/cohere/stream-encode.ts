// Neutral deltas as a v2 chat stream, one block at a time.
import type { Delta, StopReason, Usage } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { BlockQueue } from '../block-queue.ts';
import { mergeUsage } from '../merge-usage.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { writeCitation } from './citations.ts';
import { writeLogprob } from './logprobs.ts';
import { encodeStop } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

type Open = Extract<Delta, { kind: 'open' }>;
type Piece = Extract<Delta, { kind: 'text' | 'arguments' }>;

interface Block {
  kind: Open['block'];
  /** Its index among the client's contents or calls. */
  at: number;
  /** A piece went out. */
  begun: boolean;
  /** What was said, and what it comes from. */
  said: string;
  citations: Citation[] | null;
}

/** One per stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new Encoder(context);
}

class Encoder implements StreamEncoder {
  readonly #queue = new BlockQueue();
  readonly #context: AnswerContext;
  readonly #ids: ToolIds;
  #begun = false;
  #contents = 0;
  #calls = 0;
  #block: Block = { kind: 'text', at: -1, begun: false, said: '', citations: null };
  #citations = 0;
  #usage: Usage | null = null;
  #stop: StopReason = 'end';

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  }

  encode(delta: Delta, out: EventOut): void {
    const said = this.#queue.take(delta);
    if (said === null) this.#say(delta, out);
    else for (const one of said) this.#say(one, out);
  }

  #say(delta: Delta, out: EventOut): void {
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
        if (delta.text !== '') this.#write(this.#block, delta, out);
        return;
      case 'citation':
        (this.#block.citations ??= []).push(delta.citation);
        return;
      case 'close':
        this.#close(this.#block, delta.index, out);
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
    const block: Block = { kind: open.block, at: -1, begun: false, said: '', citations: null };
    this.#block = block;
    // Data without text has no place here.
    if (open.block === 'redacted') return;
    if (open.block === 'tool_call') {
      block.at = this.#calls++;
      const call = {
        id: this.#ids.take(open.id),
        type: 'function',
        function: { name: open.name, arguments: '' },
      };
      this.#emit('tool-call-start', block.at, { tool_calls: call }, out);
      return;
    }
    block.at = this.#contents++;
    const content: JsonObject =
      open.block === 'reasoning' ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' };
    this.#emit('content-start', block.at, { content }, out);
  }

  #write(block: Block, piece: Piece, out: EventOut): void {
    const { kind, at } = block;
    if (kind === 'redacted') return;
    block.begun = true;
    const text = JSON.stringify(piece.text);
    if (kind === 'tool_call') {
      out.emit(
        'tool-call-delta',
        `{"type":"tool-call-delta","index":${at},"delta":{"message":{"tool_calls":{"function":{"arguments":${text}}}}}}`,
      );
      return;
    }
    block.said += piece.text;
    const field = kind === 'reasoning' ? 'thinking' : 'text';
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

  #close(block: Block, index: number, out: EventOut): void {
    if (block.kind === 'redacted') return;
    const call = block.kind === 'tool_call';
    // A call without arguments is one with none.
    if (call && !block.begun) this.#write(block, { kind: 'arguments', index, text: '{}' }, out);
    for (const citation of block.citations ?? []) {
      const at = this.#citations++;
      const citations = { ...writeCitation(citation, 0, block.said, at), content_index: block.at };
      this.#emit('citation-start', at, { citations }, out);
      out.emit('citation-end', `{"type":"citation-end","index":${at}}`);
    }
    const type = call ? 'tool-call-end' : 'content-end';
    out.emit(type, `{"type":"${type}","index":${block.at}}`);
  }

  #emit(type: string, index: number, message: JsonObject, out: EventOut): void {
    out.emit(type, JSON.stringify({ type, index, delta: { message } }));
  }

  #end(out: EventOut): void {
    this.#start('', out);
    const delta: JsonObject = { finish_reason: encodeStop(this.#stop) };
    if (this.#usage !== null) delta['usage'] = writeUsage(this.#usage);
    out.emit('message-end', JSON.stringify({ type: 'message-end', delta }));
    out.emit('', '[DONE]');
  }
}
