// Neutral deltas as a Converse stream, one block at a time: many a client keeps one that is open. A block without a word is
// never seen.
import type { Delta, StopReason, Usage } from '../../contracts/chat.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { CLIENT_TOOL_ID, clientIds } from '../anthropic/tool-id-rule.ts';
import { BlockQueue } from '../block-queue.ts';
import { ToolIds } from '../tool-ids.ts';
import { writeCitation } from './citations.ts';
import { encodeRedacted } from './redacted.ts';
import { encodeStop } from './stop-reason.ts';
import { encodeUsage } from './usage.ts';

type Open = Extract<Delta, { kind: 'open' }>;

interface Block {
  kind: Open['block'];
  /** In the client's stream; -1 = nothing of it was said yet. */
  at: number;
  signature: string;
  /** A piece of arguments went out. */
  begun: boolean;
}

/** One per stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new Encoder(context);
}

class Encoder implements StreamEncoder {
  readonly #queue = new BlockQueue();
  readonly #ids: ToolIds;
  #block: Block = { kind: 'text', at: -1, signature: '', begun: false };
  #next = 0;
  #usage: Usage | null = null;
  #stop: StopReason = 'end';
  #calledTool = false;

  constructor(context: AnswerContext) {
    this.#ids = new ToolIds(CLIENT_TOOL_ID, clientIds(context));
  }

  encode(delta: Delta, out: EventOut): void {
    const said = this.#queue.take(delta);
    if (said === null) this.#say(delta, out);
    else for (const one of said) this.#say(one, out);
  }

  #say(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#usage = delta.usage;
        out.emit('messageStart', '{"role":"assistant"}');
        return;
      case 'open':
        this.#open(delta, out);
        return;
      case 'text':
      case 'arguments':
        this.#piece(this.#block, delta.text, out);
        return;
      case 'signature':
        this.#block.signature += delta.signature;
        return;
      case 'citation':
        this.#delta(this.#block, `"citation":${JSON.stringify(writeCitation(delta.citation))}`, out);
        return;
      case 'close':
        this.#close(this.#block, out);
        return;
      case 'stop':
        this.#stop = delta.reason;
        return;
      case 'usage':
        this.#usage = delta.usage;
        return;
      case 'ping': // Converse has no sign of life
        return;
      case 'end':
        this.#end(out);
    }
  }

  #open(open: Open, out: EventOut): void {
    const block: Block = { kind: open.block, at: -1, signature: '', begun: false };
    this.#block = block;
    if (open.block === 'tool_call') {
      this.#calledTool = true;
      const at = this.#place(block);
      const toolUse = { toolUseId: this.#ids.take(open.id), name: open.name };
      out.emit('contentBlockStart', JSON.stringify({ start: { toolUse }, contentBlockIndex: at }));
    } else if (open.block === 'redacted') {
      const redactedContent = encodeRedacted(open.data);
      this.#delta(block, `"reasoningContent":{"redactedContent":${JSON.stringify(redactedContent)}}`, out);
    }
  }

  #piece(block: Block, text: string, out: EventOut): void {
    if (text === '') return;
    switch (block.kind) {
      case 'tool_call': {
        // Arguments that are no object come in one piece: `input` must be one, so they stay readable inside it.
        const whole = block.begun || text.trimStart().startsWith('{');
        block.begun = true;
        const input = whole ? text : JSON.stringify({ _raw: text });
        this.#delta(block, `"toolUse":{"input":${JSON.stringify(input)}}`, out);
        return;
      }
      case 'reasoning':
        this.#delta(block, `"reasoningContent":{"text":${JSON.stringify(text)}}`, out);
        return;
      case 'redacted':
        return;
      default:
        this.#delta(block, `"text":${JSON.stringify(text)}`, out);
    }
  }

  #close(block: Block, out: EventOut): void {
    if (block.signature !== '') {
      this.#delta(block, `"reasoningContent":{"signature":${JSON.stringify(block.signature)}}`, out);
    }
    if (block.at >= 0) out.emit('contentBlockStop', `{"contentBlockIndex":${block.at}}`);
  }

  #delta(block: Block, delta: string, out: EventOut): void {
    const at = this.#place(block);
    out.emit('contentBlockDelta', `{"contentBlockIndex":${at},"delta":{${delta}}}`);
  }

  #place(block: Block): number {
    if (block.at < 0) block.at = this.#next++;
    return block.at;
  }

  #end(out: EventOut): void {
    const stopReason = encodeStop(this.#stop, this.#calledTool);
    out.emit('messageStop', JSON.stringify({ stopReason }));
    out.emit('metadata', JSON.stringify({ usage: encodeUsage(this.#usage), metrics: { latencyMs: 0 } }));
  }
}
