// Where the answer of a response goes that runs without its client: it comes whole, for nobody waits for its pieces.
import type { HeaderList, Sink } from '../contracts/sink.ts';

export class BackgroundSink implements Sink {
  committed = false;
  closed = false;
  readonly ending = false;
  bytesOut = 0;
  onDrain: (() => void) | null = null;
  onTaken: (() => void) | null = null;
  /** 0 while there is no answer. */
  status = 0;
  body = '';

  reply(status: number, _headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    this.committed = true;
    this.closed = true;
    this.status = status;
    this.body = body.toString();
    this.bytesOut = body.length;
  }

  start(status: number, _headers: HeaderList = []): void {
    this.committed = true;
    this.status = status;
  }

  chunk(bytes: Buffer | string): boolean {
    this.body += bytes.toString();
    return true;
  }

  end(): void {
    this.closed = true;
  }

  cut(): void {
    this.closed = true;
  }
}
