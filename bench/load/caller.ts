// One caller: a connection with at most one request under way, whose answer is read to its last byte and checked.
import type { Dialect } from '../contract.ts';
import { answerFault } from './answer-check.ts';
import { AnswerReader } from './answer-reader.ts';
import { Connection } from './connection.ts';

/** The first answers of a caller and then one of so many are parsed; of the others status, length and last byte count. */
const PARSED_AT_FIRST = 2;
const PARSED_EVERY = 256;
const CLOSING_BRACE = 125;
const NEWLINE = 10;

export interface CallerOptions {
  port: number;
  dialect: Dialect;
  nowMicros(): number;
  /** A 503 or 529 that says when to come again is no fault. */
  sheds: boolean;
  /** The caller can take a request. */
  free(caller: Caller): void;
  /** An answer is whole, or a request has failed. `fault` is null for a good one. */
  done(caller: Caller, fault: string | null): void;
}

export class Caller {
  /** The time the latency of the request under way counts from; -1 with none. */
  sinceMicros = -1;
  /** The request under way is one of the odd size, kept out of the latencies. */
  odd = false;
  ready = false;
  /** The answer that is whole was such a refusal. */
  shed = false;
  readonly #options: CallerOptions;
  readonly #connection: Connection;
  readonly #reader: AnswerReader;
  #calls = 0;
  #parts: Buffer[] | null = null;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#reader = new AnswerReader((bytes, from, to) => {
      this.#parts?.push(Buffer.from(bytes.subarray(from, to)));
    });
    this.#connection = new Connection(options.port, {
      open: () => {
        this.ready = true;
        options.free(this);
      },
      data: (bytes) => this.#read(bytes),
      lost: (why) => this.#lost(why),
    });
  }

  send(bytes: Buffer, sinceMicros: number, odd: boolean): void {
    this.ready = false;
    this.sinceMicros = sinceMicros;
    this.odd = odd;
    this.#calls++;
    this.#parts = this.#calls <= PARSED_AT_FIRST || this.#calls % PARSED_EVERY === 0 ? [] : null;
    this.shed = false;
    this.#reader.reset();
    this.#connection.send(bytes);
  }

  close(): void {
    this.#connection.close();
  }

  #read(bytes: Buffer): void {
    try {
      if (this.sinceMicros === -1) throw new Error('bytes that nobody asked for');
      this.#reader.push(bytes);
    } catch (error) {
      this.#settle(String(error), false);
      return;
    }
    if (this.#reader.ended) this.#settle(this.#fault(), this.#reader.keepAlive);
  }

  #fault(): string | null {
    const { status, bodyBytes, lastByte, head } = this.#reader;
    const text = this.#parts === null ? '' : Buffer.concat(this.#parts).toString();
    this.shed = this.#options.sheds && (status === 503 || status === 529);
    if (this.shed) return /\r\nretry-after: *\d/i.test(head) ? null : `a ${status} without retry-after`;
    if (status !== 200) return `status ${status}: ${text === '' ? head.slice(0, 200) : text.slice(0, 200)}`;
    if (bodyBytes === 0 || (lastByte !== CLOSING_BRACE && lastByte !== NEWLINE)) {
      return `an answer of ${bodyBytes} bytes that does not end as JSON`;
    }
    return this.#parts === null ? null : answerFault(this.#options.dialect, text);
  }

  #lost(why: string): void {
    this.ready = false;
    if (this.sinceMicros === -1) return;
    const whole = this.#reader.close();
    this.#settle(whole ? this.#fault() : why, false, true);
  }

  #settle(fault: string | null, keepAlive: boolean, lost = false): void {
    const asked = this.sinceMicros !== -1;
    this.ready = keepAlive;
    if (asked) this.#options.done(this, fault);
    this.sinceMicros = -1;
    if (keepAlive) this.#options.free(this);
    else if (!lost) this.#connection.reopen();
  }
}
