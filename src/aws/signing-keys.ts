// Signing keys that were made: one holds a day for its region and service.
import { type Scope, scopeText, signingKey } from './signature.ts';

/** Key pairs and regions are few; what is more than that is made anew. */
const MAX_KEPT = 256;

/** Keeps signing keys of secrets that are in use. */
export class SigningKeys {
  readonly #kept = new Map<string, Buffer>();

  /** The key for the scope. */
  of(secretAccessKey: string, scope: Scope): Buffer {
    const name = `${scopeText(scope)} ${secretAccessKey}`;
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    // Yesterday's are of no use: when it is full all go.
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const made = signingKey(secretAccessKey, scope);
    this.#kept.set(name, made);
    return made;
  }
}
