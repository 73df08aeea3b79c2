// Where the answer of a call goes that the gateway makes for itself: it is kept until it is whole.
import type { HeaderList, Sink } from '../../contracts/sink.ts';

const NO_HEADERS: HeaderList = [];

export class CollectingSink implements Sink {
  committed = false;
  closed = false;
  readonly ending = false;
  bytesOut = 0;
  onDrain: (() => void) | null = null;
  onTaken: (() => void) | null = null;
  /** 0 while there is no answer. */
  status = 0;
  headers: HeaderList = NO_HEADERS;
  readonly #pieces: Buffer[] = [];
  readonly #keeps: boolean;

  /** @param keeps false: bytes are counted, and nobody asks for them. */
  constructor(keeps = true) {
    this.#keeps = keeps;
  }

  /** What came so far. */
  get body(): Buffer {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    this.start(status, headers);
    this.chunk(body);
    this.closed = true;
  }

  start(status: number, headers: HeaderList): void {
    this.committed = true;
    this.status = status;
    this.headers = headers;
  }

  chunk(bytes: Buffer | string): boolean {
    const piece = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    this.bytesOut += piece.length;
    if (this.#keeps) this.#pieces.push(piece);
    return true;
  }

  end(): void {
    this.closed = true;
  }

  cut(): void {
    this.closed = true;
  }
}
