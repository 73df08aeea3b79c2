// The conversation in a Messages body as bytes: which blocks it holds and where. Read only when something in it may have to
// be mended on the byte path.
import { JsonScanner } from '../../body/json-scanner.ts';
import type { Span } from '../../contracts/body.ts';
import { ENVELOPE } from '../proofs.ts';

export interface HistoryBlock {
  span: Span;
  type: string;
  /** Of thinking: it has a signature that is not blank, and not another maker's in our envelope. */
  signed: boolean;
  /** A tool call's `id`, or a result's `tool_use_id`; null when it is none or no text. */
  id: { span: Span; text: string } | null;
}

export interface HistoryMessage {
  span: Span;
  assistant: boolean;
  /** Empty when the content is plain text. */
  blocks: HistoryBlock[];
}

export interface History {
  messages: HistoryMessage[];
  /** Value of the request's own `thinking`. */
  thinking: Span | null;
}

const QUOTE = 0x22;
const LENGTHS: ReadonlySet<number> = new Set(
  ['messages', 'thinking', 'role', 'content', 'type', 'signature', 'data', 'id', 'tool_use_id'].map(
    (key) => key.length,
  ),
);
/** A signature that is longer is not looked into: it is not blank. */
const MAX_BLANK = 64;

/** @param body an inspected body, so valid JSON of bounded depth. */
export function readHistory(body: Buffer): History {
  return new HistoryReader(body).read();
}

class HistoryReader {
  readonly #body: Buffer;
  readonly #scanner: JsonScanner;

  constructor(body: Buffer) {
    this.#body = body;
    this.#scanner = new JsonScanner(body);
  }

  read(): History {
    const history: History = { messages: [], thinking: null };
    this.#scanner.next();
    this.#members(1, (key, first) => {
      if (key === 'messages' && first === 0x5b) this.#items(2, () => this.#message(history));
      else if (key === 'thinking') history.thinking = this.#value(1);
      else this.#value(1);
    });
    return history;
  }

  #message(history: History): void {
    const message: HistoryMessage = {
      span: { start: this.#scanner.at, end: 0 },
      assistant: false,
      blocks: [],
    };
    if (this.#scanner.peek() !== 0x7b) this.#value(2);
    else {
      this.#members(3, (key, first) => {
        if (key === 'content' && first === 0x5b) this.#items(4, () => message.blocks.push(this.#block()));
        else {
          const value = this.#value(3);
          if (key === 'role' && first === QUOTE) message.assistant = this.#text(value) === 'assistant';
        }
      });
    }
    message.span.end = this.#scanner.at;
    history.messages.push(message);
  }

  #block(): HistoryBlock {
    const block: HistoryBlock = {
      span: { start: this.#scanner.at, end: 0 },
      type: '',
      signed: false,
      id: null,
    };
    if (this.#scanner.peek() !== 0x7b) this.#value(4);
    else {
      this.#members(5, (key, first) => {
        const span = this.#value(5);
        if (first !== QUOTE) return;
        if (key === 'type') block.type = this.#text(span);
        else if (key === 'signature' || key === 'data')
          block.signed = !this.#isBlank(span) && !this.#isForeign(span);
        else if (key === 'id' || key === 'tool_use_id') block.id = { span, text: this.#text(span) };
      });
    }
    block.span.end = this.#scanner.at;
    return block;
  }

  // Visits with the key and the first byte of its value.
  #members(depth: number, visit: (key: string, first: number) => void): void {
    const scanner = this.#scanner;
    scanner.members(depth, (keyAt) => {
      visit(this.#keyOf(keyAt, scanner.keyEnd), scanner.peek());
    });
  }

  // The few keys that are looked at, found by their length first: a string for every key would cost more than the rest.
  #keyOf(start: number, end: number): string {
    return LENGTHS.has(end - start - 2) ? this.#body.toString('latin1', start + 1, end - 1) : '';
  }

  #items(depth: number, visit: () => void): void {
    this.#scanner.items(depth, visit);
  }

  #value(depth: number): Span {
    const start = this.#scanner.at;
    this.#scanner.value(depth);
    return { start, end: this.#scanner.at };
  }

  #text({ start, end }: Span): string {
    const text = this.#body.toString('utf8', start + 1, end - 1);
    return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
  }

  #isForeign({ start }: Span): boolean {
    return this.#body.toString('latin1', start + 1, start + 1 + ENVELOPE.length) === ENVELOPE;
  }

  #isBlank(span: Span): boolean {
    return span.end - span.start <= MAX_BLANK && this.#text(span).trim() === '';
  }
}
