// Neutral deltas into messages of a stream: each a whole response with the parts that are new. The last one has the
// finishReason and the usage; nothing follows it.
import { stringifyJson } from '../../body/lossless.ts';
import type { Delta, StopReason, TokenLogprob, Usage } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { mergeUsage } from '../merge-usage.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { writeLogprobs } from './answer-parts.ts';
import { Grounding } from './citations.ts';
import { encodeArgs } from './parts-encode.ts';
import { signatureText } from './signatures.ts';
import { encodeStop } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

/** A block that is open: what its deltas become. */
type Block =
  | { kind: 'text'; candidate: Candidate; from: number; citations: Citation[] | null }
  | { kind: 'reasoning'; candidate: Candidate; spoke: boolean; signature: string }
  | { kind: 'call'; candidate: Candidate; id: string; name: string; text: string; closed: boolean };

/** One of the answers, as far as it was told. */
class Candidate {
  readonly index: number;
  /** Calls that were not written yet, as they opened: one that closes before an earlier one waits for it. */
  calls: Extract<Block, { kind: 'call' }>[] = [];
  /** Signatures that stand on what comes next. */
  proofs: string[] = [];
  stop: StopReason | null = null;
  /** All its text so far: what it comes from is told in bytes of it. */
  said = '';
  readonly grounding = new Grounding();

  constructor(index: number) {
    this.index = index;
  }

  /** The signature of the part that is written next, as its member; '' without one. */
  proof(): string {
    return this.proofs.length === 0 ? '' : signed(this.proofs.shift()!);
  }
}

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
  /** As JSON text. */
  #id = '';
  /** All answers that were begun, by number. */
  readonly #candidates: Candidate[] = [new Candidate(0)];
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
      case 'citation': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'text') (block.citations ??= []).push(delta.citation);
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
        this.#candidate(delta.choice).stop = delta.reason;
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

  fits(index: number, data: string): boolean {
    const block = this.#blocks.get(index);
    if (block === undefined || block.candidate.proofs.length > 0 || block.candidate.index !== 0) return false;
    return data.includes(`"responseId":${this.#id}`) || data.includes(`"responseId": ${this.#id}`);
  }

  passed(index: number, text: string): void {
    const block = this.#blocks.get(index);
    if (block?.kind === 'reasoning') block.spoke = true;
    else if (block !== undefined) block.candidate.said += text;
  }

  #start(id: string, model: string): void {
    if (this.#names !== '') return;
    const modelVersion = JSON.stringify(model === '' ? this.#context.model : model);
    const responseId = JSON.stringify(id === '' ? this.#context.requestId : id);
    this.#id = responseId;
    this.#names = `"modelVersion":${modelVersion},"responseId":${responseId}}`;
  }

  #candidate(choice = 0): Candidate {
    while (this.#candidates.length <= choice) this.#candidates.push(new Candidate(this.#candidates.length));
    return this.#candidates[choice]!;
  }

  #open(delta: Delta & { kind: 'open' }, out: EventOut): void {
    const candidate = this.#candidate(delta.choice);
    switch (delta.block) {
      case 'tool_call': {
        const id = this.#ids.take(delta.id);
        const call: Block = { kind: 'call', candidate, id, name: delta.name, text: '', closed: false };
        candidate.calls.push(call);
        this.#blocks.set(delta.index, call);
        return;
      }
      case 'redacted':
        this.#settle(candidate, out);
        this.#part(out, candidate, `{"text":"","thought":true${signed(signatureText(delta.data, true))}}`);
        return;
      case 'reasoning':
        this.#blocks.set(delta.index, { kind: 'reasoning', candidate, spoke: false, signature: '' });
        return;
      default: // text, and a refusal, which is text here
        this.#blocks.set(delta.index, {
          kind: 'text',
          candidate,
          from: candidate.said.length,
          citations: null,
        });
    }
  }

  #text(index: number, text: string, logprobs: TokenLogprob[] | undefined, out: EventOut): void {
    if (text === '') return;
    const block = this.#blocks.get(index);
    const candidate = block?.candidate ?? this.#candidate();
    const json = JSON.stringify(text);
    if (block?.kind === 'reasoning') {
      block.spoke = true;
      this.#settle(candidate, out);
      this.#part(out, candidate, `{"text":${json},"thought":true}`);
      return;
    }
    candidate.said += text;
    const chances =
      logprobs === undefined ? '' : `,"logprobsResult":${JSON.stringify(writeLogprobs(logprobs))}`;
    this.#part(out, candidate, `{"text":${json}${candidate.proof()}}`, chances);
  }

  // A call comes whole; thoughts are signed by a last, empty one, and a signature without thoughts waits for its part.
  #close(index: number, out: EventOut): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.kind === 'reasoning' && block.signature !== '') {
      const signature = signatureText(block.signature, false);
      if (block.spoke) this.#part(out, block.candidate, `{"text":"","thought":true${signed(signature)}}`);
      else block.candidate.proofs.push(signature);
    } else if (block?.kind === 'text' && block.citations !== null) {
      const { candidate, from, citations } = block;
      const before = Buffer.byteLength(candidate.said.slice(0, from));
      const text = candidate.said.slice(from);
      for (const citation of citations) candidate.grounding.add(citation, 0, text, before);
    } else if (block?.kind === 'call') {
      block.closed = true;
      this.#writeCalls(block.candidate, out);
    }
  }

  #writeCalls(candidate: Candidate, out: EventOut): void {
    const { calls } = candidate;
    for (let call = calls[0]; call?.closed === true; call = calls[0]) {
      calls.shift();
      const { id, name, text } = call;
      const written = stringifyJson({ id, name, args: encodeArgs(text).args });
      this.#part(out, candidate, `{"functionCall":${written}${candidate.proof()}}`);
    }
  }

  #end(out: EventOut): void {
    this.#start('', '');
    for (const candidate of this.#candidates) this.#settle(candidate, out);
    const usage = this.#usage === null ? '' : `"usageMetadata":${JSON.stringify(writeUsage(this.#usage))},`;
    // The SDKs' chats keep no content without parts.
    const ends = this.#candidates.map(({ index, stop, grounding: { metadata } }) => {
      const grounded = metadata === null ? '' : `,"groundingMetadata":${JSON.stringify(metadata)}`;
      const reason = stop === null ? 'STOP' : encodeStop(stop);
      return `{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"${reason}","index":${index}${grounded}}`;
    });
    out.emit('', `{"candidates":[${ends.join(',')}],${usage}${this.#names}`);
  }

  // What waits stands before a thought, and at the end, on empty texts.
  #settle(candidate: Candidate, out: EventOut): void {
    if (candidate.proofs.length === 0) return;
    for (const proof of candidate.proofs) this.#part(out, candidate, `{"text":""${signed(proof)}}`);
    candidate.proofs = [];
  }

  #part(out: EventOut, { index }: Candidate, part: string, more = ''): void {
    // A source that does not announce itself.
    if (this.#names === '') this.#start('', '');
    out.emit(
      '',
      `{"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":${index}${more}}],${this.#names}`,
    );
  }
}

function signed(signature: string): string {
  return `,"thoughtSignature":${JSON.stringify(signature)}`;
}
