// A body on its way whose models are looked for while it goes by. Where they are to be allowed before it is all there, its last piece
// stays here until they are known.
import type { ModelScan } from '../body/named-models.ts';
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import type { GatewayError } from '../contracts/errors.ts';

export class ScannedUpload implements BodySource, BodyReader {
  readonly #source: BodySource;
  readonly #scan: ModelScan;
  readonly #judge: (() => GatewayError | null) | null;
  #reader: BodyReader | null = null;
  #last: Buffer | null = null;
  ended = false;

  /** @param judge what is wrong with what was found, asked at the end; null = nothing can be. */
  constructor(source: BodySource, scan: ModelScan, judge: (() => GatewayError | null) | null) {
    this.#source = source;
    this.#scan = scan;
    this.#judge = judge;
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
    this.#scan.look(piece);
    if (this.#judge === null) return this.#reader === null || this.#reader.data(piece);
    const before = this.#last;
    this.#last = piece;
    return before === null || this.#reader === null || this.#reader.data(before);
  }

  end(): void {
    this.#scan.end();
    const reader = this.#reader;
    if (reader === null) return;
    const error = this.#judge?.() ?? null;
    if (error !== null) {
      reader.failed(error);
      return;
    }
    if (this.#last !== null) reader.data(this.#last);
    this.#last = null;
    this.ended = true;
    reader.end();
  }

  failed(error: GatewayError): void {
    this.#reader?.failed(error);
  }
}
