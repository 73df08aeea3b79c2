// A body on its way whose models are looked for while it goes by.
import type { ModelScan } from '../body/named-models.ts';
import type { BodySource } from '../contracts/body-source.ts';
import type { GatewayError } from '../contracts/errors.ts';
import { HeldUpload } from './held-upload.ts';

export class ScannedUpload extends HeldUpload {
  readonly #scan: ModelScan;
  readonly #judge: (() => GatewayError | null) | null;

  /** @param judge what is wrong with what was found, asked at the end; null = nothing can be. */
  constructor(source: BodySource, scan: ModelScan, judge: (() => GatewayError | null) | null) {
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
