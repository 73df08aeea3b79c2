// One caller of streams: a connection that asks for stream after stream, every frame of which is checked and timed.
import { AnswerReader } from './answer-reader.ts';
import { Connection } from './connection.ts';
import { StreamCheck, type StreamDialect } from './stream-check.ts';

export interface StreamerOptions {
  port: number;
  dialect: StreamDialect;
  request: Buffer;
  /** Deltas of each stream. */
  deltas: number;
  nowMicros(): number;
  /** A delta came. `gapMicros` is -1 for the first of a stream, and `sinceSendMicros` only counts there. */
  delta(gapMicros: number, sinceSendMicros: number, transitMicros: number): void;
  /** A stream came to an end, with its fault or null. @returns whether to ask for another. */
  done(fault: string | null, tookMicros: number): boolean;
}

export class Streamer {
  /** A stream is under way since then, machine microseconds; -1 when none is. */
  sinceMicros = -1;
  readonly #options: StreamerOptions;
  readonly #connection: Connection;
  readonly #reader: AnswerReader;
  readonly #check: StreamCheck;
  #nowMicros = 0;
  #lastMicros = 0;
  #over = false;
  #complaint = '';

  constructor(options: StreamerOptions) {
    this.#options = options;
    this.#check = new StreamCheck(options.dialect, (sentMicros) => {
      const now = this.#nowMicros;
      const gap = this.#check.deltas === 1 ? -1 : now - this.#lastMicros;
      this.#lastMicros = now;
      options.delta(gap, now - this.sinceMicros, now - sentMicros);
    });
    this.#reader = new AnswerReader((bytes, from, to) => {
      if (this.#reader.status === 200) this.#check.push(bytes, from, to);
      else this.#complaint += bytes.toString('latin1', from, Math.min(to, from + 200));
    });
    this.#connection = new Connection(options.port, {
      open: () => this.#ask(),
      data: (bytes) => this.#read(bytes),
      lost: (why) => this.#lost(why),
    });
  }

  close(): void {
    this.#over = true;
    this.#connection.close();
  }

  #ask(): void {
    if (this.#over) return;
    this.#reader.reset();
    this.#check.reset();
    this.#complaint = '';
    this.sinceMicros = this.#options.nowMicros();
    this.#connection.send(this.#options.request);
  }

  #read(bytes: Buffer): void {
    this.#nowMicros = this.#options.nowMicros();
    try {
      if (this.sinceMicros === -1) throw new Error('bytes that nobody asked for');
      this.#reader.push(bytes);
    } catch (error) {
      this.#settle(error instanceof Error ? error.message : String(error), false);
      return;
    }
    if (this.#reader.ended) this.#settle(this.#fault(), this.#reader.keepAlive);
  }

  #fault(): string | null {
    const { status } = this.#reader;
    if (status !== 200) return `status ${status}: ${this.#complaint.slice(0, 200)}`;
    return this.#check.fault(this.#options.deltas);
  }

  #lost(why: string): void {
    if (this.sinceMicros === -1) {
      // An idle connection may be closed; one that cannot be opened is a lost stream.
      if (!this.#over && why !== 'the connection was closed') this.#end(why, 0);
      return;
    }
    const whole = this.#reader.close();
    const tookMicros = this.#options.nowMicros() - this.sinceMicros;
    this.sinceMicros = -1;
    this.#end(whole ? this.#fault() : `cut after ${this.#check.deltas} deltas: ${why}`, tookMicros);
  }

  #settle(fault: string | null, keepAlive: boolean): void {
    const tookMicros = this.#nowMicros - this.sinceMicros;
    this.sinceMicros = -1;
    const more = this.#end(fault, tookMicros);
    if (fault !== null || !keepAlive) this.#connection.reopen();
    else if (more) this.#ask();
  }

  #end(fault: string | null, tookMicros: number): boolean {
    const more = this.#options.done(fault, tookMicros);
    if (!more) this.close();
    return more;
  }
}
