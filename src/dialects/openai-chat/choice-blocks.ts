// One choice of a translated stream as neutral blocks: they are made up here, opened by the first piece of a kind, and closed
// when the kind changes or the stream ends.
import type { Delta, StopReason, TokenLogprob } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { realStop } from '../real-stop.ts';
import { annotationsIn } from './annotations.ts';
import { logprobsIn } from './choice-logprobs.ts';
import { contentPieces, mediaPieces } from './content.ts';
import { reasoningDetails, reasoningText } from './reasoning.ts';
import { callEntries } from './stream-calls.ts';
import { deltaOf } from './stream-facts.ts';
import { StreamedToolCalls } from './stream-tools.ts';

type Piece =
  | { kind: 'text' | 'reasoning' | 'refusal'; text: string; index: number | null; logprobs?: TokenLogprob[] }
  | { kind: 'signature'; text: string; index: number | null }
  | { kind: 'redacted'; text: string; index: number | null }
  | { kind: 'citation'; citation: Citation };

/** A block that is open. */
export interface OpenBlock {
  index: number;
  block: 'text' | 'reasoning' | 'refusal';
  /** Has its signature: further reasoning is another block. */
  signed: boolean;
  /** `index` of the reasoning_details entries it was made from. */
  detail: number | null;
}

const NO_LOGPROBS: TokenLogprob[] = [];

/** Numbers of blocks, which all choices of a stream share. */
export interface BlockCount {
  next: number;
}

export class ChoiceBlocks {
  readonly #count: BlockCount;
  /** What an opening says besides; of the first choice nothing. */
  readonly #whose: { choice?: number };
  readonly #tools: StreamedToolCalls;
  #open: OpenBlock | null = null;
  /** Pieces that came behind a tool call: a block cannot open inside another. */
  #held: Piece[] = [];
  /** No further call can come. */
  #over = false;
  #spoke = false;
  #refused = false;
  /** Reasoning text comes in its own field: the copy of it in reasoning_details is not read twice. */
  #reasoningField = false;

  /** @param choice its neutral number, from 0. */
  constructor(count: BlockCount, choice: number) {
    this.#count = count;
    this.#whose = choice === 0 ? {} : { choice };
    this.#tools = new StreamedToolCalls((out) => {
      this.#closeOpen(out);
      return this.#count.next++;
    }, this.#whose);
  }

  /** The block that is open, where it is of text and no call waits for its end. */
  get openText(): OpenBlock | null {
    return this.#open?.block === 'text' && !this.#tools.any ? this.#open : null;
  }

  /**
   * Takes what a chunk adds. @param spoke text or reasoning came before, in any choice.
   *
   * @throws GatewayError GW_UPSTREAM_BAD_OUTPUT.
   */
  take(choice: JsonObject, spoke: boolean, out: Delta[]): void {
    const delta = deltaOf(choice);
    // A message behind deltas is a copy of them.
    if (!isObject(delta) || (choice['delta'] === undefined && this.#spoke)) return;
    const before = out.length;
    this.#reasoning(delta, out);
    let logprobs = choice['logprobs'] ? logprobsIn(choice) : NO_LOGPROBS;
    for (const piece of contentPieces(delta['content'])) {
      const plain = { ...piece, index: null };
      this.#piece(logprobs.length === 0 ? plain : { ...plain, logprobs }, out);
      logprobs = NO_LOGPROBS;
    }
    if (delta['annotations'] !== undefined)
      for (const citation of annotationsIn(delta)) this.#piece({ kind: 'citation', citation }, out);
    for (const piece of mediaPieces(delta)) this.#piece({ ...piece, index: null }, out);
    const refusal = stringAt(delta, 'refusal');
    if (refusal) this.#piece({ kind: 'refusal', text: refusal, index: null }, out);
    for (const entry of callEntries(delta)) this.#tools.take(entry, spoke, out);
    this.#spoke ||= out.length > before;
  }

  #reasoning(delta: JsonObject, out: Delta[]): void {
    const text = reasoningText(delta);
    if (text !== '') {
      this.#reasoningField = true;
      this.#piece({ kind: 'reasoning', text, index: null }, out);
    }
    for (const { text: detailText, signature, redacted, index } of reasoningDetails(delta)) {
      if (redacted !== null) {
        this.#piece({ kind: 'redacted', text: redacted, index }, out);
        continue;
      }
      if (detailText !== '' && !this.#reasoningField)
        this.#piece({ kind: 'reasoning', text: detailText, index }, out);
      if (signature !== null) this.#piece({ kind: 'signature', text: signature, index }, out);
    }
  }

  #piece(piece: Piece, out: Delta[]): void {
    if (this.#tools.any && !this.#over) {
      this.#held.push(piece);
      return;
    }
    if (piece.kind === 'citation') {
      if (this.#open?.block === 'text')
        out.push({ kind: 'citation', index: this.#open.index, citation: piece.citation });
      return;
    }
    const { kind, text, index } = piece;
    if (kind === 'redacted') {
      this.#closeOpen(out);
      const block = this.#count.next++;
      out.push(
        { kind: 'open', index: block, block: 'redacted', data: text, ...this.#whose },
        { kind: 'close', index: block },
      );
      return;
    }
    if (kind === 'signature') {
      const block = this.#signable(index, out);
      block.signed = true;
      block.detail = index;
      out.push({ kind: 'signature', index: block.index, signature: text });
      return;
    }
    if (kind === 'refusal') this.#refused = true;
    const open = this.#open;
    const fits =
      open !== null && open.block === kind && !open.signed && (index === null || open.detail === index);
    const block = fits ? open : this.#openBlock(kind, index, out);
    const { logprobs } = piece;
    if (logprobs === undefined) out.push({ kind: 'text', index: block.index, text });
    else out.push({ kind: 'text', index: block.index, text, logprobs });
  }

  // The reasoning block a signature belongs to. Without one it signs reasoning that was not shown: an empty block.
  #signable(index: number | null, out: Delta[]): OpenBlock {
    const open = this.#open;
    if (open !== null && open.block === 'reasoning') {
      if (!open.signed || (index !== null && open.detail === index)) return open;
    }
    return this.#openBlock('reasoning', index, out);
  }

  #openBlock(block: OpenBlock['block'], detail: number | null, out: Delta[]): OpenBlock {
    this.#closeOpen(out);
    const opened: OpenBlock = { index: this.#count.next++, block, signed: false, detail };
    out.push({ kind: 'open', index: opened.index, block, ...this.#whose });
    this.#open = opened;
    return opened;
  }

  #closeOpen(out: Delta[]): void {
    if (this.#open === null) return;
    out.push({ kind: 'close', index: this.#open.index });
    this.#open = null;
  }

  /** Closes what is open, and tells why it stopped. @returns that. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT. */
  end(stop: StopReason | null, out: Delta[]): StopReason {
    this.#tools.close(stop, out);
    this.#over = true;
    for (const piece of this.#held) this.#piece(piece, out);
    this.#closeOpen(out);
    const reason = realStop(stop, { toolCall: this.#tools.any, refusal: this.#refused });
    out.push({ kind: 'stop', reason, stopSequence: null, ...this.#whose });
    return reason;
  }
}
