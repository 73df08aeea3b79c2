// What a request encoder could not carry over: collected for the headers x-headgate-dropped and x-headgate-adapted, or
// thrown at once where something is left out and the caller wants no loss (`x-headgate-strict: 1`).
import { GatewayError } from '../contracts/errors.ts';

export class Losses {
  readonly #strict: boolean;
  readonly #dropped = new Set<string>();
  readonly #adapted = new Set<string>();

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** The field at `path` is left out (wire.md 7.1 grade D). */
  drop(path: string): void {
    if (this.#strict) throw unsupported(path);
    this.#dropped.add(path);
  }

  /** The field at `path` is carried over with a small difference (grade A): no loss, so never refused. */
  adapt(path: string): void {
    this.#adapted.add(path);
  }

  get dropped(): string[] {
    return [...this.#dropped];
  }

  get adapted(): string[] {
    return [...this.#adapted];
  }
}

/** A 400 GW_CLIENT_UNSUPPORTED for the field at `param` (grade E, or a drop under strict). */
export function unsupported(param: string, message?: string): GatewayError {
  return new GatewayError('GW_CLIENT_UNSUPPORTED', {
    param,
    message: message ?? `'${param}' cannot be carried over to the provider of this model.`,
  });
}
