// A body on its way in which something is looked for while it goes by.
import type { BodySource } from '../contracts/body-source.ts';
import type { GatewayError } from '../contracts/errors.ts';
import { HeldUpload } from './held-upload.ts';

/** What looks for it. */
export interface Scan {
  look(piece: Buffer): void;
  /** All of it was looked at. */
  end(): void;
}

export class ScannedUpload extends HeldUpload {
  readonly #scan: Scan;
  readonly #judge: (() => GatewayError | null) | null;

  /** @param judge what is wrong with what was found, asked at the end; null = nothing can be. */
  constructor(source: BodySource, scan: Scan, judge: (() => GatewayError | null) | null) {
    super(source);
    this.#scan = scan;
    this.#judge = judge;
  }

  end(): void {
    this.#scan.end();
    this.finish(() => this.#judge?.() ?? null);
  }

  protected look(piece: Buffer): void {
    this.#scan.look(piece);
  }

  protected get holds(): boolean {
    return this.#judge !== null;
  }
}
