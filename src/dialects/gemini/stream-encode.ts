// Neutral deltas into messages of a stream: each a whole response with the parts that are new. The last one has the
// finishReason and the usage; nothing follows it.
import { stringifyJson } from '../../body/lossless.ts';
import type { Delta, StopReason, TokenLogprob, Usage } from '../../contracts/chat.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { mergeUsage } from '../merge-usage.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { writeLogprobs } from './answer-parts.ts';
import { encodeArgs } from './parts-encode.ts';
import { signatureText } from './signatures.ts';
import { encodeStop } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

/** A block that is open: what its deltas become. */
type Block =
  | { kind: 'text' }
  | { kind: 'reasoning'; spoke: boolean; signature: string }
  | { kind: 'call'; id: string; name: string; text: string; closed: boolean };

const TEXT: Block = { kind: 'text' };

/** An encoder for one stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new GeminiEncoder(context);
}

class GeminiEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #blocks = new Map<number, Block>();
  readonly #ids: ToolIds;
  /** `"modelVersion":…,"responseId":…}` of every message; '' before the start. */
  #names = '';
  /** Calls that were not written yet, as they opened: one that closes before an earlier one waits for it. */
  #calls: Extract<Block, { kind: 'call' }>[] = [];
  /** Signatures that stand on what comes next. */
  #proofs: string[] = [];
  #stop: StopReason | null = null;
  #usage: Usage | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  }

  encode(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        this.#start(delta.id, delta.model);
        return;
      case 'open':
        this.#open(delta, out);
        return;
      case 'text':
        this.#text(delta.index, delta.text, delta.logprobs, out);
        return;
      case 'signature': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'reasoning') block.signature += delta.signature;
        return;
      }
      case 'arguments': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'call') block.text += delta.text;
        return;
      }
      case 'close':
        this.#close(delta.index, out);
        return;
      case 'stop':
        this.#stop = delta.reason;
        return;
      case 'usage':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return;
      case 'ping':
        return;
      case 'end':
        this.#end(out);
    }
  }

  #start(id: string, model: string): void {
    if (this.#names !== '') return;
    const modelVersion = JSON.stringify(model === '' ? this.#context.model : model);
    const responseId = JSON.stringify(id === '' ? this.#context.requestId : id);
    this.#names = `"modelVersion":${modelVersion},"responseId":${responseId}}`;
  }

  #open(delta: Delta & { kind: 'open' }, out: EventOut): void {
    switch (delta.block) {
      case 'tool_call': {
        const id = this.#ids.take(delta.id);
        const call: Block = { kind: 'call', id, name: delta.name, text: '', closed: false };
        this.#calls.push(call);
        this.#blocks.set(delta.index, call);
        return;
      }
      case 'redacted':
        this.#settle(out);
        this.#part(out, `{"text":"","thought":true${signed(signatureText(delta.data, true))}}`);
        return;
      case 'reasoning':
        this.#blocks.set(delta.index, { kind: 'reasoning', spoke: false, signature: '' });
        return;
      default: // text, and a refusal, which is text here
        this.#blocks.set(delta.index, TEXT);
    }
  }

  #text(index: number, text: string, logprobs: TokenLogprob[] | undefined, out: EventOut): void {
    if (text === '') return;
    const block = this.#blocks.get(index);
    const json = JSON.stringify(text);
    if (block?.kind === 'reasoning') {
      block.spoke = true;
      this.#settle(out);
      this.#part(out, `{"text":${json},"thought":true}`);
      return;
    }
    const proof = this.#proofs.length === 0 ? '' : signed(this.#proofs.shift()!);
    const chances =
      logprobs === undefined ? '' : `,"logprobsResult":${JSON.stringify(writeLogprobs(logprobs))}`;
    this.#part(out, `{"text":${json}${proof}}`, chances);
  }

  // A call comes whole; thoughts are signed by a last, empty one, and a signature without thoughts waits for its part.
  #close(index: number, out: EventOut): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.kind === 'reasoning' && block.signature !== '') {
      const signature = signatureText(block.signature, false);
      if (block.spoke) this.#part(out, `{"text":"","thought":true${signed(signature)}}`);
      else this.#proofs.push(signature);
    } else if (block?.kind === 'call') {
      block.closed = true;
      this.#writeCalls(out);
    }
  }

  #writeCalls(out: EventOut): void {
    for (let call = this.#calls[0]; call?.closed === true; call = this.#calls[0]) {
      this.#calls.shift();
      const { id, name, text } = call;
      const written = stringifyJson({ id, name, args: encodeArgs(text).args });
      const proof = this.#proofs.length === 0 ? '' : signed(this.#proofs.shift()!);
      this.#part(out, `{"functionCall":${written}${proof}}`);
    }
  }

  #end(out: EventOut): void {
    this.#start('', '');
    this.#settle(out);
    const reason = this.#stop === null ? 'STOP' : encodeStop(this.#stop);
    const usage = this.#usage === null ? '' : `"usageMetadata":${JSON.stringify(writeUsage(this.#usage))},`;
    // The SDKs' chats keep no content without parts.
    const candidate = `{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"${reason}","index":0}`;
    out.emit('', `{"candidates":[${candidate}],${usage}${this.#names}`);
  }

  // What waits stands before a thought, and at the end, on empty texts.
  #settle(out: EventOut): void {
    if (this.#proofs.length === 0) return;
    for (const proof of this.#proofs) this.#part(out, `{"text":""${signed(proof)}}`);
    this.#proofs = [];
  }

  #part(out: EventOut, part: string, more = ''): void {
    // A source that does not announce itself.
    if (this.#names === '') this.#start('', '');
    out.emit(
      '',
      `{"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":0${more}}],${this.#names}`,
    );
  }
}

function signed(signature: string): string {
  return `,"thoughtSignature":${JSON.stringify(signature)}`;
}
