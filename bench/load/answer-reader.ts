// Reads HTTP/1.1 answers off one connection, in any split: head, then a body by content-length, chunks, or until close.
// Body bytes are handed on as ranges of what was pushed; nothing is copied but a head that came in parts.

type Phase =
  | 'head'
  | 'length'
  | 'size'
  | 'extension'
  | 'data'
  | 'data-end'
  | 'trailer'
  | 'until-close'
  | 'ended';

const CR = 13;
const LF = 10;
const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;

export class AnswerReader {
  /** 0 until the head is there. */
  status = 0;
  /** Head as text, for faults. */
  head = '';
  bodyBytes = 0;
  lastByte = 0;
  /** The connection can carry another request. */
  keepAlive = true;
  #phase: Phase = 'head';
  #left = 0;
  #lineBytes = 0;
  #headPart: Buffer | null = null;
  readonly #onBody: (bytes: Buffer, from: number, to: number) => void;

  constructor(onBody: (bytes: Buffer, from: number, to: number) => void) {
    this.#onBody = onBody;
  }

  get ended(): boolean {
    return this.#phase === 'ended';
  }

  /** Before the next answer on the connection. */
  reset(): void {
    this.status = 0;
    this.bodyBytes = 0;
    this.#phase = 'head';
    this.#headPart = null;
  }

  /** The peer closed: an answer without a length is whole then. @returns whether it is. */
  close(): boolean {
    if (this.#phase === 'until-close') this.#phase = 'ended';
    return this.ended;
  }

  /** @throws when this is no HTTP answer, or more than one. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#phase) {
        case 'head':
          at = this.#pushHead(bytes, at);
          break;
        case 'length':
        case 'data':
        case 'until-close':
          at = this.#pushBody(bytes, at);
          break;
        case 'ended':
          throw new Error('bytes after the end of the answer');
        default:
          this.#pushFraming(bytes[at++]!);
      }
    }
  }

  #pushBody(bytes: Buffer, at: number): number {
    const to = this.#phase === 'until-close' ? bytes.length : Math.min(bytes.length, at + this.#left);
    this.bodyBytes += to - at;
    this.lastByte = bytes[to - 1]!;
    this.#onBody(bytes, at, to);
    if (this.#phase === 'until-close') return to;
    this.#left -= to - at;
    if (this.#left === 0) this.#phase = this.#phase === 'data' ? 'data-end' : 'ended';
    return to;
  }

  /** One byte of chunked framing. */
  #pushFraming(byte: number): void {
    switch (this.#phase) {
      case 'size':
        if (byte === LF) this.#beginChunk();
        else if (byte === 59 /* ; */) this.#phase = 'extension';
        else if (byte !== CR) this.#left = this.#left * 16 + hex(byte);
        return;
      case 'extension':
        if (byte === LF) this.#beginChunk();
        return;
      case 'data-end':
        if (byte === LF) this.#phase = 'size';
        else if (byte !== CR) throw new Error('a chunk is longer than it said');
        return;
      default: // trailer: ends with an empty line
        if (byte === LF) {
          if (this.#lineBytes === 0) this.#phase = 'ended';
          this.#lineBytes = 0;
        } else if (byte !== CR) this.#lineBytes++;
    }
  }

  #beginChunk(): void {
    this.#lineBytes = 0;
    this.#phase = this.#left === 0 ? 'trailer' : 'data';
  }

  #pushHead(bytes: Buffer, at: number): number {
    const before = this.#headPart?.length ?? 0;
    const all = this.#headPart === null ? bytes : Buffer.concat([this.#headPart, bytes.subarray(at)]);
    const from = this.#headPart === null ? at : 0;
    const end = all.indexOf(HEAD_END, from);
    if (end === -1) {
      if (all.length - from > MAX_HEAD_BYTES) throw new Error('a head without end');
      this.#headPart = Buffer.from(all.subarray(from));
      return bytes.length;
    }
    this.#headPart = null;
    this.#readHead(all.toString('latin1', from, end + 2));
    return at + (end - from) + HEAD_END.length - before;
  }

  #readHead(head: string): void {
    if (!head.startsWith('HTTP/1.')) throw new Error(`not an HTTP answer: ${head.slice(0, 40)}`);
    this.status = Number(head.slice(9, 12));
    if (this.status < 200) return; // an interim answer: the head comes again
    this.head = head;
    this.keepAlive = !/\r\nconnection: *close/i.test(head);
    this.#left = 0;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      this.#phase = this.#left === 0 ? 'ended' : 'length';
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#phase = 'size';
    else this.#phase = 'until-close';
  }
}

function hex(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  if (lower >= 97 && lower <= 102) return lower - 87;
  if (byte === 32) throw new Error('white space in a chunk size');
  throw new Error(`not a chunk size: byte ${byte}`);
}
