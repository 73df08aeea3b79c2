// The bytes of a body, gathered in one block of memory wherever its length, or a bound of it, was announced.
import { Buffer } from 'node:buffer';
import { freeBlock } from './free.ts';

/** Of an announced length so much gets memory with the first piece, ... */
const FIRST_BYTES = 1024 * 1024;
/** ... and more only to so many times what really came: an announcement alone must not cost much. */
const TRUSTED_TIMES = 8;

export class BodyBuffer {
  /** Bytes so far. */
  length = 0;
  readonly #announced: number;
  readonly #times: number;
  #block: Buffer | null = null;
  /** Of a body of unknown length. */
  readonly #pieces: Buffer[] = [];

  /**
   * @param announced length in bytes, or what it will not pass; -1 when neither was told.
   * @param times what has come gets memory for so many times as much, until that is the announced length; a very high number: all of it at once.
   */
  constructor(announced: number, times = TRUSTED_TIMES) {
    this.#announced = announced;
    this.#times = times;
  }

  /** Copies a piece that is not the last. */
  add(piece: Uint8Array): void {
    const before = this.length;
    this.length += piece.byteLength;
    if (this.#announced >= 0) this.#room().set(piece, before);
    else if (piece.byteLength > 0) this.#pieces.push(Buffer.from(piece));
  }

  /** The whole body, `piece` being its end; a copy that is the caller's. */
  finish(piece: Uint8Array): Buffer {
    const before = this.length;
    if (this.#announced < 0) return Buffer.concat([...this.#pieces, Buffer.from(piece)]);
    this.length += piece.byteLength;
    const block = this.#room();
    block.set(piece, before);
    return block.length === this.length ? block : block.subarray(0, this.length);
  }

  /** A block with room for all so far. The one it replaces is freed at once and not by a collection of everything. */
  #room(): Buffer {
    const old = this.#block;
    if (old !== null && old.length >= this.length) return old;
    const trusted = Math.max(FIRST_BYTES, this.#times * this.length);
    // Every byte is written before it is read; what is never written costs address space alone.
    const block = Buffer.allocUnsafeSlow(Math.max(this.length, Math.min(this.#announced, trusted)));
    if (old !== null) {
      block.set(old);
      freeBlock(old);
    }
    this.#block = block;
    return block;
  }
}
