// Hands on an answer as it comes. A short one goes out whole, with its length, and what it says it used is read.
import { Buffer } from 'node:buffer';
import type { AnswerFacts, Usage } from '../../contracts/chat.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { usageInHead } from '../../dialects/bedrock-metrics.ts';
import { RawEvents } from './raw-events.ts';
import { rawFacts } from './raw-facts.ts';
import type { StreamRelay } from '../answer/stream-relay.ts';

/** What is held of JSON, and of refusals, before it is handed on. */
const HELD_BYTES = 1024 * 1024;
/** Of anything else that says its length. */
const SHORT_BYTES = 16 * 1024;

/** The client's side. */
export interface RawOut {
  /** The next bytes; the first call commits the answer. */
  write(bytes: Buffer): void;
  /** All there is: instead of `write`. */
  whole(bytes: Buffer): void;
  /** What the answer says was made, before it is written. */
  made?(id: string): void;
}

export class RawRelay implements StreamRelay {
  /** Pieces so far. */
  tokens = 0;
  finished = false;
  readonly complete = false;
  readonly sequence = 0;
  facts: AnswerFacts | null = null;
  readonly #out: RawOut;
  readonly #holdBytes: number;
  readonly #json: boolean;
  /** What its head says that it used. */
  readonly #told: Usage | null;
  /** Null: it has no events. */
  readonly #events: RawEvents | null;
  #madeId: string | null = null;
  /** Null: what comes goes on at once. */
  #held: Buffer[] | null = [];
  #heldBytes = 0;

  constructor(status: number, headers: UpstreamHeaders, out: RawOut) {
    this.#out = out;
    const type = String(headers['content-type'] ?? '');
    const stream = type.startsWith('text/event-stream');
    this.#events = stream ? new RawEvents() : null;
    const sized = typeof headers['content-length'] === 'string';
    this.#json = /^application\/(?:[\w.-]+\+)?json\b/i.test(type);
    this.#told = this.#json ? usageInHead(headers) : null;
    if (this.#json || (status >= 400 && !stream)) this.#holdBytes = HELD_BYTES;
    else this.#holdBytes = sized && !stream ? SHORT_BYTES : 0;
  }

  data(chunk: Buffer): void {
    this.tokens++;
    if (this.#events !== null) {
      this.#events.read(chunk);
      this.facts = this.#events.facts;
      this.#tellMade();
    }
    if (this.#held === null) {
      this.#out.write(chunk);
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= this.#holdBytes) return;
    const held = this.#held;
    this.#held = null;
    for (const bytes of held) this.#out.write(bytes);
  }

  ended(): void {
    if (this.finished) return;
    this.finished = true;
    if (this.#held === null) return;
    const body = Buffer.concat(this.#held);
    this.#held = null;
    if (this.#json) this.facts = rawFacts(body);
    if (this.facts !== null) this.facts.usage ??= this.#told;
    this.#tellMade();
    this.#out.whole(body);
  }

  #tellMade(): void {
    const id = this.facts?.id ?? null;
    if (id === null || id === this.#madeId) return;
    this.#madeId = id;
    this.#out.made?.(id);
  }

  close(): void {
    this.#held = null;
  }
}
