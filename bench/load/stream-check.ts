// Reads the events of one streamed answer and proves that no delta is lost, doubled, or out of order, and that the
// stream ends as its dialect ends. Works on bytes: of a delta only its `tN@time` is read, other lines are rare.
import { type FoundDelta, readDelta } from '../mock/delta-text.ts';

export type StreamDialect = 'openai' | 'responses' | 'anthropic' | 'gemini';

const LF = 10;
const CR = 13;
const AT = 64;
const NOTHING = Buffer.alloc(0);
const MAX_LINE_BYTES = 1024 * 1024;

export class StreamCheck {
  /** Content deltas seen, in order. */
  deltas = 0;
  /** A finish reason was seen. */
  finished = false;
  /** The end marker of the dialect was seen. */
  done = false;
  readonly #dialect: StreamDialect;
  readonly #onDelta: (sentMicros: number) => void;
  readonly #found: FoundDelta = { number: 0, sentMicros: 0 };
  /** The beginning of a line that is not whole yet. */
  #part: Buffer = NOTHING;

  constructor(dialect: StreamDialect, onDelta: (sentMicros: number) => void) {
    this.#dialect = dialect;
    this.#onDelta = onDelta;
  }

  reset(): void {
    this.deltas = 0;
    this.finished = false;
    this.done = false;
    this.#part = NOTHING;
  }

  /** What is missing at the end of the answer, or null. */
  fault(deltas: number): string | null {
    if (this.deltas !== deltas) return `a stream ended after ${this.deltas} of ${deltas} deltas`;
    if (!this.finished) return 'a stream without a finish reason';
    return this.done ? null : 'a stream without its end marker';
  }

  /** @throws at the first delta that is not the next one, at an error event, and at content behind the end. */
  push(bytes: Buffer, from: number, to: number): void {
    let all = bytes;
    let at = from;
    let end = to;
    if (this.#part.length > 0) {
      all = Buffer.concat([this.#part, bytes.subarray(from, to)]);
      at = 0;
      end = all.length;
      this.#part = NOTHING;
    }
    for (;;) {
      const newline = all.indexOf(LF, at);
      if (newline === -1 || newline >= end) break;
      if (newline > at) this.#line(all, at, newline);
      at = newline + 1;
    }
    if (at === end) return;
    if (end - at > MAX_LINE_BYTES) throw new Error('a line of more than 1 MB');
    this.#part = Buffer.from(all.subarray(at, end));
  }

  #line(bytes: Buffer, from: number, end: number): void {
    let at = bytes.indexOf(AT, from);
    if (at === -1 || at >= end) {
      const last = bytes[end - 1] === CR ? end - 1 : end;
      if (bytes[from] === 100 /* data: */) this.#other(bytes.toString('latin1', from, last));
      return;
    }
    for (; at !== -1 && at < end; at = bytes.indexOf(AT, at + 1)) {
      if (!readDelta(bytes, at, end, this.#found)) continue;
      if (this.done) throw new Error('a delta behind the end of the stream');
      if (this.#found.number !== this.deltas) {
        throw new Error(`delta ${this.#found.number} where ${this.deltas} was due`);
      }
      this.deltas++;
      this.#onDelta(this.#found.sentMicros);
    }
  }

  /** A data line without a delta. */
  #other(line: string): void {
    switch (this.#dialect) {
      case 'openai':
        if (/^data: ?\[DONE\]$/.test(line)) this.done = true;
        else if (/"finish_reason": ?"/.test(line)) this.finished = true;
        else if (IS_ERROR.test(line)) throw new Error(line.slice(0, 200));
        return;
      case 'gemini': // whose last message is all the end there is
        if (/"finishReason": ?"/.test(line)) this.finished = this.done = true;
        else if (IS_ERROR.test(line)) throw new Error(line.slice(0, 200));
        return;
      case 'responses':
        if (/"type": ?"response.completed"/.test(line)) this.finished = this.done = true;
        else if (/"type": ?"(?:error|response.failed)"/.test(line)) throw new Error(line.slice(0, 200));
        return;
      case 'anthropic':
        if (/"type": ?"message_stop"/.test(line)) this.done = true;
        else if (/"stop_reason": ?"/.test(line)) this.finished = true;
        else if (/"type": ?"error"/.test(line)) throw new Error(line.slice(0, 200));
    }
  }
}

const IS_ERROR = /^data: ?\{"error"/;
