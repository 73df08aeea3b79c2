// Parts of a model's content, and the signatures that have no text of their own: each stands on the part behind it, in order.
import type { JsonObject } from '../../contracts/json.ts';

export class HungProofs {
  readonly #parts: JsonObject[] = [];
  #waiting: string[] = [];

  /** How many parts there are. */
  get count(): number {
    return this.#parts.length;
  }

  /** How many wait for a part. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** A signature for the part behind it. */
  wait(signature: string): void {
    this.#waiting.push(signature);
  }

  /** A part that takes the first signature that waits. */
  hang(part: JsonObject): void {
    const [signature, ...rest] = this.#waiting;
    this.#waiting = rest;
    this.#parts.push(signature === undefined ? part : { ...part, thoughtSignature: signature });
  }

  /** A part that takes none: those that wait are for another. */
  pass(part: JsonObject): void {
    this.#parts.push(part);
  }

  /** A thought, with its own signature. What waits stands before it, on empty texts. */
  thought(text: string, signature: string | null): void {
    this.#settle();
    const part: JsonObject = { text, thought: true };
    if (signature !== null) part['thoughtSignature'] = signature;
    this.#parts.push(part);
  }

  /** All parts; nothing follows. */
  end(): JsonObject[] {
    this.#settle();
    return this.#parts;
  }

  #settle(): void {
    for (const signature of this.#waiting) this.#parts.push({ text: '', thoughtSignature: signature });
    this.#waiting = [];
  }
}
