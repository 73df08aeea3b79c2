// Answers on one connection, from the bytes of its reads: heads, bodies, and what must not follow them. Knows no socket.
//
//   idle ──begin()──► head ──► length | chunks | until close ──► idle       any ── fault, stop() ──► stopped
//                     ▲  │ interim
//                     └──┘
import { Buffer } from 'node:buffer';
import type { UpstreamHeaders } from '../contracts/upstream.ts';
import { type AnswerHead, CHUNKED, readAnswerHead, UNTIL_CLOSE } from './answer-head.ts';
import { ChunkDecoder } from './chunk-decoder.ts';
import { badAnswer, WireFault } from './wire-fault.ts';

/** Hears of an answer: head, then data any number of times, then end. May stop() the parser inside any of them. */
export interface AnswerListener {
  head(status: number, headers: UpstreamHeaders): void;
  /** `chunk` is a copy and the listener's to keep. At most one a read. */
  data(chunk: Buffer): void;
  /**
   * The parser is idle again and may begin() the next answer.
   * @param reusable another request may go over this connection.
   * @param heldMs how long the server says it holds an idle connection; -1 = not said.
   */
  end(reusable: boolean, heldMs: number): void;
}

export interface AnswerLimits {
  maxHeadBytes: number;
  maxAnswerBytes: number;
}

const IDLE = 0;
const HEAD = 1;
const LENGTH = 2;
const CHUNKS = 3;
const REST = 4;
const STOPPED = 5;

/** Interim heads (100, 102, 103) before the answer; more is a flood. */
const MAX_INTERIM = 16;
const HEAD_END = Buffer.from('\r\n\r\n');
const LF = 0x0a;
const CR = 0x0d;
const VERSION = Buffer.from('HTTP/1.');

export class AnswerParser {
  readonly #listener: AnswerListener;
  readonly #limits: AnswerLimits;
  #phase = IDLE;
  /** Begin of a head that came in pieces; made when first needed. */
  #held: Buffer | null = null;
  #heldBytes = 0;
  #interim = 0;
  #head: AnswerHead | null = null;
  /** Bytes of a body of known length still to come. */
  #left = 0;
  #received = 0;
  #chunks: ChunkDecoder | null = null;
  #headless = false;

  constructor(listener: AnswerListener, limits: AnswerLimits) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** A request goes out: what comes next is its answer. @param headless to a HEAD: its head is all there is. */
  begin(headless = false): void {
    this.#headless = headless;
    this.#phase = HEAD;
    this.#heldBytes = 0;
    this.#interim = 0;
    this.#received = 0;
  }

  /** Nothing that comes is of interest any more. */
  stop(): void {
    this.#phase = STOPPED;
  }

  /**
   * Takes the first `end` bytes of `bytes`, which it may overwrite.
   * @throws WireFault when they cannot be part of an answer; what its listener throws.
   */
  feed(bytes: Buffer, end: number): void {
    let at = 0;
    while (this.#phase === HEAD && at < end) at = this.#feedHead(bytes, at, end);
    if (at === end) return;
    switch (this.#phase) {
      case LENGTH:
        this.#feedLength(bytes, at, end);
        return;
      case CHUNKS:
        this.#feedChunks(bytes, at, end);
        return;
      case REST:
        this.#deliver(bytes, at, end);
        return;
      case IDLE:
        throw badAnswer('not been asked for');
    }
  }

  /** The connection closed properly. @returns false when that cut an answer short. */
  close(): boolean {
    if (this.#phase !== REST) return this.#phase === IDLE;
    this.#end(0);
    return true;
  }

  /** Takes bytes of a head; returns the offset behind them: of its end, when the head is complete. */
  #feedHead(bytes: Buffer, at: number, end: number): number {
    if (this.#heldBytes > 0) return this.#feedHeld(bytes, at, end);
    const found = endOfHead(bytes, at, end);
    if (found < 0) {
      if (end - at >= this.#limits.maxHeadBytes) throw badAnswer('a head too large');
      this.#held ??= Buffer.allocUnsafeSlow(this.#limits.maxHeadBytes);
      this.#heldBytes = bytes.copy(this.#held, 0, at, end);
      refuseHopeless(this.#held, 0, this.#heldBytes);
      return end;
    }
    if (found - at > this.#limits.maxHeadBytes) throw badAnswer('a head too large');
    this.#takeHead(readAnswerHead(bytes, at, found), end - found);
    return found;
  }

  #feedHeld(bytes: Buffer, at: number, end: number): number {
    const held = this.#held!;
    const before = this.#heldBytes;
    this.#heldBytes += bytes.copy(held, before, at, end);
    const found = endOfHead(held, Math.max(0, before - HEAD_END.length + 1), this.#heldBytes);
    if (found < 0) {
      if (this.#heldBytes === held.length) throw badAnswer('a head too large');
      refuseHopeless(held, before, this.#heldBytes);
      return end;
    }
    const behind = at + found - before;
    this.#heldBytes = 0;
    this.#takeHead(readAnswerHead(held, 0, found), end - behind);
    return behind;
  }

  #takeHead(head: AnswerHead, behind: number): void {
    if (head.status < 200) {
      // RFC 9110, 15.2: any other is passed over, a 100 that nobody asked for included. Behind a 101 there is no HTTP.
      if (head.status === 101) throw badAnswer('an unasked 101');
      if (++this.#interim > MAX_INTERIM) throw badAnswer('too many interim heads');
      return;
    }
    if (this.#headless) head.length = 0;
    else if (head.length > this.#limits.maxAnswerBytes) throw tooLarge();
    this.#head = head;
    this.#left = head.length;
    this.#phase = head.length === CHUNKED ? CHUNKS : head.length === UNTIL_CLOSE ? REST : LENGTH;
    if (this.#phase === CHUNKS) {
      if (this.#chunks === null) this.#chunks = new ChunkDecoder(this.#limits.maxHeadBytes);
      else this.#chunks.reset();
    }
    this.#listener.head(head.status, head.headers);
    if (this.#phase === LENGTH && this.#left === 0) this.#end(behind);
  }

  #feedLength(bytes: Buffer, at: number, end: number): void {
    const to = Math.min(end, at + this.#left);
    this.#left -= to - at;
    if (!this.#deliver(bytes, at, to)) return;
    if (this.#left === 0) this.#end(end - to);
  }

  #feedChunks(bytes: Buffer, at: number, end: number): void {
    const chunks = this.#chunks!;
    const behind = chunks.feed(bytes, at, end);
    if (chunks.to > chunks.from && !this.#deliver(bytes, chunks.from, chunks.to)) return;
    if (chunks.fault !== null) throw badAnswer(chunks.fault);
    if (chunks.done) this.#end(end - behind);
  }

  /** Returns false when the listener stopped us. */
  #deliver(bytes: Buffer, from: number, to: number): boolean {
    this.#received += to - from;
    if (this.#received > this.#limits.maxAnswerBytes) throw tooLarge();
    const chunk = Buffer.allocUnsafe(to - from);
    bytes.copy(chunk, 0, from, to);
    this.#listener.data(chunk);
    return this.#phase !== STOPPED;
  }

  /** @param behind bytes that came after the answer: nobody asked for them, so nobody may read them. */
  #end(behind: number): void {
    const { reusable, heldMs } = this.#head!;
    this.#head = null;
    this.#phase = behind === 0 ? IDLE : STOPPED;
    this.#listener.end(reusable && behind === 0, heldMs);
  }
}

function tooLarge(): WireFault {
  return new WireFault('TOO_LARGE', 'the answer is larger than allowed');
}

/** Offset behind the empty line that ends a head; -1 when it is not there yet. */
function endOfHead(bytes: Buffer, at: number, end: number): number {
  const found = bytes.indexOf(HEAD_END, at);
  // Behind `end` lie bytes of older reads.
  return found < 0 || found + HEAD_END.length > end ? -1 : found + HEAD_END.length;
}

/** What can never become a head is refused at once: waiting for its end would be waiting for a clock. */
function refuseHopeless(head: Buffer, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    if (i < VERSION.length && head[i] !== VERSION[i]) throw badAnswer('no HTTP/1 status line');
    if (head[i] === LF && head[i - 1] !== CR) throw badAnswer('a bare line feed');
  }
}
