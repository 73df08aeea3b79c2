// A body that comes as the test feeds it.
import type { BodyReader, BodySource } from '../../src/contracts/body-source.ts';
import type { GatewayError } from '../../src/contracts/errors.ts';

export class FedSource implements BodySource {
  readonly length: number;
  received = 0;
  ended = false;
  begun = false;
  aborted = false;
  /** How often its reader asked for more. */
  resumed = 0;
  reader: BodyReader | null = null;
  #early: ((reader: BodyReader) => void) | null;

  /** @param early what comes as soon as somebody reads. */
  constructor(length = -1, early: ((reader: BodyReader) => void) | null = null) {
    this.length = length;
    this.#early = early;
  }

  pull(reader: BodyReader): void {
    this.begun = true;
    this.reader = reader;
    this.#early?.(reader);
  }

  resume(): void {
    this.resumed++;
  }

  abort(): void {
    this.aborted = true;
  }

  /** @returns what the reader said. */
  feed(piece: Buffer | string): boolean {
    this.received += piece.length;
    return this.reader!.data(Buffer.from(piece));
  }

  end(): void {
    this.ended = true;
    this.reader!.end();
  }

  fail(error: GatewayError): void {
    this.reader!.failed(error);
  }
}
