// What a client was sent of a stream, kept as it went out for the case that the stream breaks: references to the pieces,
// nothing is read or copied while all goes well.
export class Said {
  readonly #maxBytes: number;
  #pieces: (Buffer | string)[] = [];
  #bytes = 0;
  /** More was sent than is kept: nobody can go on with it. */
  over = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Keeps the piece itself, which must be nobody else's to change. */
  add(piece: Buffer | string): void {
    if (this.over) return;
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxBytes) {
      this.over = true;
      this.#pieces = [];
    } else this.#pieces.push(piece);
  }

  /** All that was sent. */
  whole(): Buffer {
    return Buffer.concat(
      this.#pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
    );
  }
}
