// Bytes of an answer on their way through node's streams, in pieces small enough that a client which reads slowly is seen to
// read. What it has not taken waits here and is bounded, as on every listener (slow-reader.ts).
import { Buffer } from 'node:buffer';
import { PAUSE_BYTES, RESUME_BYTES, SlowReaderQueue } from './slow-reader.ts';

/** Of node's stream, HTTP/1 or HTTP/2. */
export interface NodeStream {
  write(bytes: Buffer | string): boolean;
  end(): void;
  on(event: 'drain', listener: () => void): unknown;
}

export interface WriterOwner {
  now(): number;
  /** A source that was told to stop may go on. */
  drained(): void;
  /** Everything was handed to node. */
  ended(): void;
  /** The source did not stop. */
  cut(): void;
}

/** Progress is told a piece at a time. */
const PIECE_BYTES = 64 * 1024;

export class NodeWriter {
  bytes = 0;
  readonly #stream: NodeStream;
  readonly #owner: WriterOwner;
  #queue: SlowReaderQueue | null = null;
  #blocked = false;
  #paused = false;
  #ending = false;
  #ended = false;
  #progressAt = 0;

  constructor(stream: NodeStream, owner: WriterOwner) {
    this.#stream = stream;
    this.#owner = owner;
    stream.on('drain', () => this.#flow());
  }

  /** A part of a stream. @returns false: the client reads slowly. */
  chunk(bytes: Buffer | string): boolean {
    return this.#write(bytes) || !this.#paused;
  }

  /** See Exchange.sign. */
  sign(text: string): void {
    if (!this.#blocked && !this.#ending) this.#write(text);
  }

  /** A whole answer: nobody could be told to stop. */
  whole(bytes: Buffer | string): void {
    this.#write(bytes);
    this.end();
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (!this.#blocked) this.#end();
  }

  /** See Exchange.tend. */
  tend(now: number): number {
    return this.#blocked ? now - this.#progressAt : 0;
  }

  /** @returns false when some of it waits. */
  #write(bytes: Buffer | string): boolean {
    if (!this.#blocked && bytes.length <= PIECE_BYTES) {
      this.#hand(bytes);
      return true;
    }
    let rest = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    while (!this.#blocked && rest.length > 0) {
      this.#hand(rest.subarray(0, PIECE_BYTES));
      rest = rest.subarray(PIECE_BYTES);
    }
    if (rest.length === 0) return true;
    this.#queue ??= new SlowReaderQueue();
    if (!this.#queue.push(rest)) {
      this.#owner.cut();
      return true;
    }
    if (this.#queue.bytes >= PAUSE_BYTES) this.#paused = true;
    return false;
  }

  #hand(bytes: Buffer | string): void {
    this.bytes += typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
    if (this.#stream.write(bytes)) return;
    this.#blocked = true;
    this.#progressAt = this.#owner.now();
  }

  #flow(): void {
    if (this.#ended) return;
    this.#blocked = false;
    const queue = this.#queue;
    while (queue !== null && !queue.empty && !this.#blocked) this.#hand(queue.shift(PIECE_BYTES)!);
    if (this.#paused && (queue === null || queue.bytes <= RESUME_BYTES)) {
      this.#paused = false;
      this.#owner.drained();
    }
    if (this.#ending && !this.#blocked) this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.end();
    this.#owner.ended();
  }
}
