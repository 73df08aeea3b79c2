// Collects what a codec says as bytes of one framing. One per stream or answer, emptied by each take.
import type { EventOut, Frames } from '../contracts/framing.ts';

export class FrameWriter implements EventOut {
  readonly #framing: Frames;
  readonly #list: Frames['list'];
  /** An element of the list stands before the next one. */
  #begun: boolean;
  /** Frames are text or bytes, as the framing makes them: text is joined as text. */
  #text = '';
  #parts: Buffer[] | null = null;

  /** @param begun the stream has events already. */
  constructor(framing: Frames, begun = false) {
    this.#framing = framing;
    this.#list = framing.list;
    this.#begun = begun;
  }

  emit(event: string, data: string): void {
    if (this.#list !== undefined) {
      this.#text += this.#begun ? this.#list.comma : this.#list.open;
      this.#begun = true;
    }
    const framed = this.#framing.frame(event, data);
    if (typeof framed === 'string') this.#text += framed;
    else this.#collect(framed);
  }

  emitLines(event: string, data: string): void {
    this.emit(event, this.#framing.lines(data));
  }

  /** Nothing is to follow: ends the list that the events are elements of, if they are. */
  close(): void {
    if (this.#list === undefined) return;
    if (!this.#begun) this.#text += this.#list.open;
    this.#text += this.#list.close;
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
