// Goes through inspected JSON by the names of members, for edits that leave every other byte as it came. A value of another
// kind than is looked for is passed over: refusing it is the upstream's business.
import type { Span } from '../contracts/body.ts';
import { JsonScanner } from './json-scanner.ts';

const OBJECT = 0x7b;
const LIST = 0x5b;
const QUOTE = 0x22;

/** A text in the body: its bytes, quotes included, and what they say. */
export interface TextAt {
  span: Span;
  text: string;
}

/** A cursor over one body. `depth`: containers around the members or items, their own included. */
export class MemberReader {
  readonly #body: Buffer;
  readonly #scanner: JsonScanner;

  /** Stands on the body's own object. */
  constructor(body: Buffer) {
    this.#body = body;
    this.#scanner = new JsonScanner(body);
    this.#scanner.next();
  }

  /** Position of the next byte. */
  get at(): number {
    return this.#scanner.at;
  }

  /** `visit` must take the value of each member. */
  members(depth: number, visit: (key: string) => void): void {
    const scanner = this.#scanner;
    if (scanner.peek() !== OBJECT) {
      scanner.value(depth - 1);
      return;
    }
    scanner.members(depth, (keyAt) => visit(this.#body.toString('latin1', keyAt + 1, scanner.keyEnd - 1)));
  }

  /** `visit` must take each item. */
  items(depth: number, visit: () => void): void {
    if (this.#scanner.peek() === LIST) this.#scanner.items(depth, visit);
    else this.#scanner.value(depth - 1);
  }

  /** Takes a value. */
  value(depth: number): Span {
    const start = this.#scanner.at;
    this.#scanner.value(depth);
    return { start, end: this.#scanner.at };
  }

  /** Takes a value; null when it is no text. */
  text(depth: number): TextAt | null {
    const isText = this.#scanner.peek() === QUOTE;
    const span = this.value(depth);
    if (!isText) return null;
    return { span, text: JSON.parse(this.#body.toString('utf8', span.start, span.end)) as string };
  }
}
