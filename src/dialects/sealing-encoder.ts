// Proofs of a stream as its client keeps them (proofs.ts). A signature goes out whole, when its block closes. Where reasoning is
// one block with its proof, thoughts without one stay open until it is seen whether the next block is nothing but theirs:
//
//   thoughts closed ──open reasoning──► ──signature, close──► signed, closed
//         └───────────────────────anything else──────────────► closed; what came goes on
//
// `late`: text is said meanwhile.
import type { Delta } from '../contracts/chat.ts';
import type { StreamEncoder } from '../contracts/dialect.ts';
import type { EventOut } from '../contracts/framing.ts';
import type { Manner } from '../contracts/manner.ts';
import { sealProof } from './proofs.ts';

type Open = Extract<Delta, { kind: 'open' }>;

export interface SealingOptions {
  /** Who answers. */
  maker: string;
  /** Whose key was shown; '' = it does not say. */
  organization: string;
  /** Manner.joinsProofs of the client's dialect. */
  joins: Manner['joinsProofs'];
}

/** An encoder that sees proofs as its client keeps them. */
export function sealingEncoder(encoder: StreamEncoder, options: SealingOptions): StreamEncoder {
  return new SealingEncoder(encoder, options);
}

class SealingEncoder implements StreamEncoder {
  readonly #encoder: StreamEncoder;
  readonly #options: SealingOptions;
  /** Signatures of the blocks that are open. */
  readonly #held = new Map<number, string>();
  /** Index of the last block of reasoning; -1 before the first. */
  #reasoning = -1;
  /** It has text. */
  #spoke = false;
  /** Index of thoughts whose end waits; null when none do. */
  #thoughts: number | null = null;
  /** The block of reasoning behind them, of which nothing was said yet. */
  #next: Open | null = null;

  constructor(encoder: StreamEncoder, options: SealingOptions) {
    this.#encoder = encoder;
    this.#options = options;
  }

  get sequence(): number {
    return this.#encoder.sequence ?? 0;
  }

  encode(delta: Delta, out: EventOut): void {
    if (delta.kind === 'signature') {
      this.#held.set(delta.index, (this.#held.get(delta.index) ?? '') + delta.signature);
      return;
    }
    if (this.#thoughts !== null && this.#waits(delta, out)) return;
    switch (delta.kind) {
      case 'open':
        if (delta.block === 'redacted') {
          const { maker, organization } = this.#options;
          this.#encoder.encode({ ...delta, data: sealProof(maker, delta.data, organization) }, out);
          return;
        }
        if (delta.block === 'reasoning') {
          this.#reasoning = delta.index;
          this.#spoke = false;
        }
        break;
      case 'text':
        if (delta.index === this.#reasoning) this.#spoke ||= delta.text !== '';
        break;
      case 'close':
        if (this.#held.has(delta.index)) this.#sign(delta.index, delta.index, false, out);
        else if (this.#options.joins !== undefined && this.#spoke && delta.index === this.#reasoning) {
          this.#thoughts = delta.index;
          return;
        }
    }
    this.#encoder.encode(delta, out);
  }

  /** Whether the delta was taken for what it says of the thoughts that wait. */
  #waits(delta: Delta, out: EventOut): boolean {
    const thoughts = this.#thoughts!;
    if (delta.kind === 'ping' || (this.#options.joins === 'late' && this.#isAside(delta))) return false;
    if (this.#next === null && delta.kind === 'open' && delta.block === 'reasoning') {
      this.#next = delta;
      return true;
    }
    const signed = delta.kind === 'close' && delta.index === this.#next?.index && this.#held.has(delta.index);
    if (signed) this.#sign(delta.index, thoughts, true, out);
    this.#thoughts = null;
    this.#encoder.encode({ kind: 'close', index: thoughts }, out);
    const next = this.#next;
    this.#next = null;
    if (next !== null && !signed) this.encode(next, out);
    return signed;
  }

  /** Whether it says nothing of the thoughts that wait or of the block behind them, nor stands where they have to be over. */
  #isAside(delta: Delta): boolean {
    switch (delta.kind) {
      case 'open':
        return delta.block === 'text' || delta.block === 'refusal';
      case 'text':
      case 'close':
      case 'citation':
        return delta.index !== this.#next?.index;
      case 'stop':
      case 'usage':
        return true;
      default:
        return false;
    }
  }

  /** Says the signature that came for the block `of`, on the block `on`. */
  #sign(of: number, on: number, joined: boolean, out: EventOut): void {
    const { maker, organization } = this.#options;
    const signature = sealProof(maker, this.#held.get(of) ?? '', organization, joined);
    this.#held.delete(of);
    this.#encoder.encode({ kind: 'signature', index: on, signature }, out);
  }
}
