// Large bodies give their memory back when the last reader is done, not when V8 collects everything: a block outside its
// heap counts as growth, and at five bodies of 2 MB a second it would collect everything once a second, 25 ms each.
import type { Buffer } from 'node:buffer';

/** Smaller blocks come from Buffer's pool, where others live, or are not worth the call. */
const WORTH_BYTES = 64 * 1024;

/** A read of a socket under TLS: as many of them as an answer is large wait for a collection together. */
const READ_BYTES = 16 * 1024;

/** A body lives as long as its call does, a second or more: what is so old V8 lets go of only when it collects everything. */
const BODY_BYTES = 16 * 1024;

/** As `freeBlock`, of the body of a call. A small one must have its block alone: others may lie beside it. */
export function freeBody(body: Buffer): void {
  const { buffer, byteLength } = body;
  if (byteLength === buffer.byteLength && byteLength >= BODY_BYTES && buffer instanceof ArrayBuffer)
    buffer.transfer(0);
  else freeBlock(body);
}

/** As `freeWhole`, of one of many reads, whose bytes were copied. */
export function freeRead(piece: Buffer): void {
  const { buffer, byteLength } = piece;
  if (byteLength === buffer.byteLength && byteLength >= READ_BYTES && buffer instanceof ArrayBuffer)
    buffer.transfer(0);
}

/** As `freeBlock`, where nothing else lies on the block: of pieces that may be parts of others. */
export function freeWhole(piece: Buffer): void {
  if (piece.byteLength === piece.buffer.byteLength) freeBlock(piece);
}

/** Frees the block behind a buffer: all buffers on it are empty afterwards. Nothing outside V8 may still read it. */
export function freeBlock({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= WORTH_BYTES) buffer.transfer(0);
}
