// Collects what a codec says as bytes of one framing. One per stream or answer, emptied by each take.
import type { EventOut, Framing } from '../contracts/framing.ts';

export class FrameWriter implements EventOut {
  readonly #framing: Framing;
  /** Frames are text or bytes, as the framing makes them: text is joined as text. */
  #text = '';
  #parts: Buffer[] | null = null;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  emit(event: string, data: string): void {
    const framed = this.#framing.frame(event, data);
    if (typeof framed === 'string') this.#text += framed;
    else this.#collect(framed);
  }

  emitLines(event: string, data: string): void {
    this.emit(event, this.#framing.lines(data));
  }

  /** All frames since the last call; '' when there are none. */
  take(): Buffer | string {
    const text = this.#text;
    this.#text = '';
    if (this.#parts === null) return text;
    const parts = this.#parts;
    this.#parts = null;
    if (text !== '') parts.push(Buffer.from(text));
    return Buffer.concat(parts);
  }

  #collect(framed: Buffer): void {
    this.#parts ??= [];
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
    this.#parts.push(framed);
  }
}
