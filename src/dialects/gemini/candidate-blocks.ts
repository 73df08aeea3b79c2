// One candidate of a translated stream as neutral blocks: they are made up here, opened by the first piece of a kind and
// closed when the kind changes or the stream ends. Calls come whole.
import type { Delta, StopReason, TokenLogprob } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { logprobsOf, type Piece, partsOf, readPart } from './answer-parts.ts';
import { madeUpCallId } from './call-ids.ts';
import { citationsOf, isGrounded } from './citations.ts';

/** Numbers of blocks, which all candidates of a stream share. */
export interface BlockCount {
  next: number;
}

/** A block that is open. */
export interface OpenBlock {
  readonly index: number;
  readonly kind: 'text' | 'reasoning';
}

export class CandidateBlocks {
  readonly #count: BlockCount;
  /** What an opening says besides; of the first candidate nothing. */
  readonly #whose: { choice?: number };
  open: OpenBlock | null = null;
  #calls = 0;

  /** @param choice its neutral number, from 0. */
  constructor(count: BlockCount, choice: number) {
    this.#count = count;
    this.#whose = choice === 0 ? {} : { choice };
  }

  /** Takes what a message adds. @param id of the answer. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT. */
  take(candidate: JsonObject, id: string, out: Delta[]): void {
    const logprobs = logprobsOf(candidate);
    for (const item of partsOf(candidate))
      for (const piece of readPart(item)) this.#piece(piece, id, logprobs, out);
    const { open } = this;
    if (open?.kind !== 'text' || !isGrounded(candidate)) return;
    for (const { citation } of citationsOf(candidate, null))
      out.push({ kind: 'citation', index: open.index, citation });
  }

  /** Closes what is open, and tells why it stopped. */
  end(stop: StopReason | null, out: Delta[]): void {
    this.#close(out);
    out.push({ kind: 'stop', reason: stop ?? 'end', stopSequence: null, ...this.#whose });
  }

  #piece(piece: Piece, answerId: string, logprobs: TokenLogprob[] | undefined, out: Delta[]): void {
    switch (piece.kind) {
      case 'text': {
        const { index } = this.#block('text', out);
        out.push({ kind: 'text', index, text: piece.text, ...(logprobs !== undefined && { logprobs }) });
        return;
      }
      case 'thought': {
        const { index } = this.#block('reasoning', out);
        out.push({ kind: 'text', index, text: piece.text });
        return;
      }
      case 'proof': {
        // Of thoughts it is their end; any other is a block of its own.
        if (!piece.thought) this.#close(out);
        const { index } = this.#block('reasoning', out);
        out.push({ kind: 'signature', index, signature: piece.signature });
        this.#close(out);
        return;
      }
      case 'redacted': {
        this.#close(out);
        const index = this.#count.next++;
        out.push(
          { kind: 'open', index, block: 'redacted', data: piece.data, ...this.#whose },
          { kind: 'close', index },
        );
        return;
      }
      case 'call': {
        this.#close(out);
        const index = this.#count.next++;
        const { name, args } = piece;
        const id = piece.id ?? madeUpCallId(this.#step(answerId), this.#calls, name);
        this.#calls++;
        out.push(
          { kind: 'open', index, block: 'tool_call', id, name, ...this.#whose },
          { kind: 'arguments', index, text: args },
          { kind: 'close', index },
        );
      }
    }
  }

  #block(kind: 'text' | 'reasoning', out: Delta[]): OpenBlock {
    if (this.open?.kind === kind) return this.open;
    this.#close(out);
    const opened = { index: this.#count.next++, kind };
    out.push({ kind: 'open', index: opened.index, block: kind, ...this.#whose });
    this.open = opened;
    return opened;
  }

  #step(answerId: string): string {
    const { choice } = this.#whose;
    return choice === undefined ? answerId : `${answerId}/${choice}`;
  }

  #close(out: Delta[]): void {
    if (this.open === null) return;
    out.push({ kind: 'close', index: this.open.index });
    this.open = null;
  }
}
