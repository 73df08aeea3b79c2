// A body on its way that is looked at while it goes by. Where something is to be known before it is all there, its last piece stays here
// until then: nobody ever has the whole of what turns out to be refused.
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import type { GatewayError } from '../contracts/errors.ts';

export abstract class HeldUpload implements BodySource, BodyReader {
  readonly #source: BodySource;
  #reader: BodyReader | null = null;
  /** The last piece that came, while one is held. */
  #last: Buffer | null = null;
  ended = false;

  constructor(source: BodySource) {
    this.#source = source;
  }

  get length(): number {
    return this.#source.length;
  }

  get received(): number {
    return this.#source.received;
  }

  get decoded(): boolean {
    return this.#source.decoded === true;
  }

  get begun(): boolean {
    return this.#source.begun;
  }

  pull(reader: BodyReader): void {
    this.#reader = reader;
    this.#source.pull(this);
  }

  resume(): void {
    this.#source.resume();
  }

  abort(): void {
    this.#reader = null;
    this.#last = null;
    this.#source.abort();
  }

  data(piece: Buffer): boolean {
    this.look(piece);
    // Nothing is to be known so far: who sends and hears at once waits for nobody.
    if (!this.holds) return this.#reader === null || this.#reader.data(piece);
    const before = this.#last;
    this.#last = piece;
    return before === null || this.#reader === null || this.#reader.data(before);
  }

  failed(error: GatewayError): void {
    this.#reader?.failed(error);
  }

  abstract end(): void;

  protected abstract look(piece: Buffer): void;

  /** From now on the last piece stays here. */
  protected abstract get holds(): boolean;

  /** All of it came and what was to be known is. @param wrong why nobody may have it whole; null = they may. */
  protected finish(wrong: () => GatewayError | null): void {
    const reader = this.#reader;
    if (reader === null) return;
    const error = wrong();
    if (error !== null) {
      reader.failed(error);
      return;
    }
    if (this.#last !== null) reader.data(this.#last);
    this.#last = null;
    this.ended = true;
    reader.end();
  }
}
