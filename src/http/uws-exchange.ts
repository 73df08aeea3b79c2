// One request and its answer on a uWS socket: the only place that touches `res`. Implements Sink.
//
//   reading --body complete--> pending --reply()--> ended
//                                 |------start()--> streaming --end()--> ended
//   any state --client left--> gone        reading|pending --refuse()--> lingering --> ended
//
// After `ended` and `gone` every `res` call would throw, so `#res` is dropped there.

import type { HttpResponse } from 'uWebSockets.js';
import { Buffer } from 'node:buffer';
import type { Call } from '../contracts/call.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import { BodyBuffer, copyOf } from './body-buffer.ts';
import { PAUSE_BYTES, RESUME_BYTES, SlowReaderQueue } from './slow-reader.ts';
import { statusLine } from './status.ts';

/** After a flush it is unknown whether uWS still holds bytes: probe small, then grow, so that its buffer cannot. */
const PROBE_BYTES = 2 * 1024;
const MAX_PIECE_BYTES = 64 * 1024;

/** An unwanted body is read away so that the client sees the answer and not a reset: until nothing came for QUIET, ... */
const LINGER_QUIET_MS = 300;
/** ... but never longer or more than this. */
const LINGER_MS = 5_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** More than uWS's cork buffer holds: an answer that is longer leaves for the socket, and closes it, inside the handler. */
const CORK_BYTES = 16 * 1024;

/** What an exchange asks of its server. */
export interface ExchangeHost {
  /** Answers say `connection: close`. */
  readonly draining: boolean;
  now(): number;
  /** The exchange is over: ended or gone. Called once. */
  closed(exchange: Exchange): void;
}

export class Exchange implements Sink {
  #res: HttpResponse | null;
  readonly #host: ExchangeHost;
  /** Value of `x-request-id` and the lines of the other headers every answer carries: `request-id`, CORS. */
  #base = '';
  #committed = false;
  #ending = false;
  #blocked = false;
  #paused = false;
  #queue: SlowReaderQueue | null = null;
  #progressAt = 0;
  #writable = false;
  #writePiece: (() => void) | null = null;
  #piece: Buffer | string = '';
  #taken = true;

  onDrain: (() => void) | null = null;
  /** The client left before the answer ended. */
  onGone: (() => void) | null = null;
  /** Place among the open exchanges of the server. */
  slot = -1;
  /** Bytes of answer bodies handed to the socket. */
  bytesOut = 0;
  /** The connection ends with this answer. */
  closeAfter = false;
  /** Answer to a HEAD: its body is announced, not sent. */
  headless = false;
  /** The call this exchange carries; null when its head was refused. */
  call: Call | null = null;
  /** Monotonic ms by which the body must have come; 0 = it has, or none is awaited. */
  bodyBy = 0;

  constructor(res: HttpResponse, host: ExchangeHost) {
    this.#res = res;
    this.#host = host;
    // First of all and synchronously: uWS ends the process when a handler returns with neither answer nor hook.
    res.onAborted(() => this.#left());
  }

  get #closing(): boolean {
    return this.closeAfter || this.#host.draining;
  }

  get committed(): boolean {
    return this.#committed;
  }

  get closed(): boolean {
    return this.#res === null;
  }

  /** @param id clean request id. @param more further headers of every answer; values are ours. */
  setBaseHeaders(id: string, more: HeaderList): void {
    let lines = `${id}\r\nrequest-id: ${id}`;
    for (const [name, value] of more) if (!UNCLEAN.test(value)) lines += `\r\n${name}: ${value}`;
    this.#base = lines;
  }

  /**
   * Collects the body; `done` gets it whole (a copy), `over` is called instead once more than `maxBytes` came.
   * @param announced its length, -1 when it was not told
   */
  readBody(maxBytes: number, announced: number, done: (body: Buffer) => void, over: () => void): void {
    const res = this.#res;
    if (res === null) return;
    let gathered: BodyBuffer | null = null;
    let dead = false;
    res.onData((piece, isLast) => {
      if (dead || this.#res === null) return;
      if ((gathered?.length ?? 0) + piece.byteLength > maxBytes) {
        dead = true;
        gathered = null;
        over();
        return;
      }
      if (!isLast) {
        gathered ??= new BodyBuffer(announced);
        gathered.add(piece);
        return;
      }
      dead = true;
      const body = gathered === null ? copyOf(piece) : gathered.finish(piece);
      gathered = null;
      // uWS goes on parsing behind an answer that is given here, `connection: close` or not. Behind one that is
      // pending it closes the connection instead.
      if (this.closeAfter) setImmediate(() => this.#res !== null && done(body));
      else done(body);
    });
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.headless) {
      this.replyEmpty(status, headers, Buffer.byteLength(body));
      return;
    }
    const res = this.#res;
    if (res === null) return;
    this.#committed = true;
    const close = this.#closing;
    answer.res = res;
    answer.status = statusLine(status);
    answer.lines = this.#lines(headers);
    answer.body = body;
    answer.close = close;
    answer.sayClose = close && this.#askedToClose();
    res.cork(writeAnswer);
    answer.res = null;
    answer.body = '';
    this.bytesOut += body.length;
    this.#finish();
  }

  /** An answer without a body (HEAD, 204, 304), `length` announced when it is not negative. */
  replyEmpty(status: number, headers: HeaderList, length = -1): void {
    const res = this.#res;
    if (res === null) return;
    this.#committed = true;
    const close = this.#closing;
    res.cork(() => {
      this.#writeHead(res, status, headers);
      if (close) res.writeHeader('connection', 'close');
      // The length is not uWS's to write: it then waits for the announced bytes, and closes on the next request. Nor
      // may `undefined` be passed, which it reads as a length of 2^63.
      if (length >= 0) res.writeHeader('content-length', String(length));
      res.endWithoutBody();
    });
    this.#finish();
  }

  /**
   * Answers inside the handler to a head whose framing cannot be trusted. White space behind the JSON makes the answer
   * too long for uWS to keep it until all it has read is parsed: the connection is closed before anything else on it
   * can be taken for a request.
   */
  refuseFraming(status: number, headers: HeaderList, body: string): void {
    this.headless = false;
    this.refuseAndClose(status, headers, body.padEnd(body.length + CORK_BYTES));
  }

  /** Answers and closes the connection at once. */
  refuseAndClose(status: number, headers: HeaderList, body: string): void {
    this.closeAfter = true;
    this.reply(status, headers, body);
  }

  /**
   * Answers although the body has not come: reads it away for a bounded while first, since a client that sends all
   * before it reads would otherwise see a reset instead of the answer. Then closes.
   */
  refuseAndLinger(status: number, headers: HeaderList, body: string): void {
    const res = this.#res;
    if (res === null || this.#committed) return;
    this.#committed = true;
    let left = LINGER_BYTES;
    const until = this.#host.now() + LINGER_MS;
    const finish = (): void => {
      clearTimeout(quiet);
      this.refuseAndClose(status, headers, body);
    };
    const quiet = setTimeout(finish, LINGER_QUIET_MS).unref();
    res.onData((chunk, isLast) => {
      left -= chunk.byteLength;
      // Not here and now: see readBody.
      if (isLast || left < 0 || this.#host.now() > until) setImmediate(finish);
      else quiet.refresh();
    });
  }

  start(status: number, headers: HeaderList): void {
    const res = this.#res;
    if (res === null) return;
    this.#committed = true;
    this.#progressAt = this.#host.now();
    // The head goes out with the first chunk: writeStatus and writeHeader only fill the cork buffer.
    this.#pendingHead = { status, headers };
  }

  #pendingHead: { status: number; headers: HeaderList } | null = null;

  chunk(bytes: Buffer | string): boolean {
    const res = this.#res;
    if (res === null || bytes.length === 0) return true;
    this.bytesOut += bytes.length;
    if (this.#blocked) return this.#enqueue(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    if (bytes.length > MAX_PIECE_BYTES) {
      const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      this.#write(res, whole.subarray(0, MAX_PIECE_BYTES));
      this.bytesOut -= whole.length - MAX_PIECE_BYTES;
      return this.chunk(whole.subarray(MAX_PIECE_BYTES));
    }
    this.#write(res, bytes);
    return true;
  }

  end(): void {
    const res = this.#res;
    if (res === null) return;
    if (this.#queue !== null && !this.#queue.empty) {
      this.#ending = true;
      return;
    }
    res.cork(() => {
      this.#flushHead(res);
      // Never with uWS's own close flag: it would write its `connection: close` line into the chunked body.
      res.end();
    });
    this.#finish();
  }

  /** Ends the connection without another word: the client reads nothing, so no error event could reach it. */
  cut(): void {
    const res = this.#res;
    if (res === null) return;
    res.close(); // calls onAborted
  }

  /** Milliseconds since a client with bytes waiting took any; 0 when nothing waits. */
  stalledMs(now: number): number {
    return this.#blocked ? now - this.#progressAt : 0;
  }

  #write(res: HttpResponse, bytes: Buffer | string): void {
    // One closure a stream, not one a chunk.
    this.#writePiece ??= () => {
      this.#flushHead(res);
      this.#taken = res.write(this.#piece);
    };
    this.#piece = bytes;
    res.cork(this.#writePiece);
    this.#piece = '';
    if (!this.#taken) this.#block(res);
  }

  #block(res: HttpResponse): void {
    this.#blocked = true;
    this.#progressAt = this.#host.now();
    if (!this.#writable) {
      // Registered only when needed: with a handler uWS no longer drains by itself.
      this.#writable = true;
      res.onWritable(() => this.#onWritable());
    }
  }

  #enqueue(bytes: Buffer): boolean {
    this.#queue ??= new SlowReaderQueue();
    if (!this.#queue.push(bytes)) {
      this.cut();
      return true;
    }
    if (this.#queue.bytes >= PAUSE_BYTES) this.#paused = true;
    return !this.#paused;
  }

  #onWritable(): boolean {
    const res = this.#res;
    if (res === null) return true;
    this.#progressAt = this.#host.now();
    res.cork(() => {}); // flushes what uWS holds; without it the rest stays stuck (libraries.md 4.6)
    let size = PROBE_BYTES;
    this.#blocked = false;
    // #write says #blocked again when uWS could not take all.
    while (this.#queue !== null && !this.#blocked) {
      const piece = this.#queue.shift(size);
      if (piece === null) break;
      this.#write(res, piece);
      size = Math.min(size * 2, MAX_PIECE_BYTES);
    }
    if (this.#queue === null || this.#queue.bytes <= RESUME_BYTES) {
      if (this.#paused) {
        this.#paused = false;
        this.onDrain?.();
      }
    }
    if (this.#ending && this.#res !== null && (this.#queue === null || this.#queue.empty)) this.end();
    return true;
  }

  #flushHead(res: HttpResponse): void {
    const head = this.#pendingHead;
    if (head === null) return;
    this.#pendingHead = null;
    this.#writeHead(res, head.status, head.headers);
    if (this.#closing) res.writeHeader('connection', 'close');
  }

  /**
   * All header lines go in one call, as the value of the first: each call into uWS costs 0.15 us and more
   * (measured: 8.7 us a request with eight calls, 7.8 with one). Values are checked, so nobody else can do the same.
   */
  #writeHead(res: HttpResponse, status: number, headers: HeaderList): void {
    res.writeStatus(statusLine(status));
    res.writeHeader(FIRST_HEADER, this.#lines(headers));
  }

  #lines(headers: HeaderList): string {
    let lines = this.#base;
    for (let at = 0; at < headers.length; at++) {
      const header = headers[at]!;
      const value = header[1];
      if (!UNCLEAN.test(value)) lines += `\r\n${header[0]}: ${value}`;
    }
    return lines;
  }

  /** uWS says `connection: close` itself when told to close, unless the client had said it first. */
  #askedToClose(): boolean {
    const asked = this.call?.head.headers.get('connection');
    return asked !== undefined && /\bclose\b/i.test(asked);
  }

  #finish(): void {
    if (this.#res === null) return;
    this.#res = null;
    this.onDrain = null;
    this.onGone = null;
    this.#host.closed(this);
  }

  #left(): void {
    if (this.#res === null) return;
    this.#res = null;
    this.onDrain = null;
    this.#queue = null;
    const gone = this.onGone;
    this.onGone = null;
    this.#host.closed(this);
    gone?.();
  }
}

/**
 * The whole answer that is being written. cork() runs its function before it returns, so that one function can serve
 * all exchanges: one made for each call costs 0.2 us more, most of it in its first and only run.
 */
const answer: {
  res: HttpResponse | null;
  status: string;
  lines: string;
  body: Buffer | string;
  close: boolean;
  sayClose: boolean;
} = { res: null, status: '', lines: '', body: '', close: false, sayClose: false };

function writeAnswer(): void {
  const { res, body, close } = answer;
  if (res === null) return;
  res.writeStatus(answer.status);
  res.writeHeader(FIRST_HEADER, answer.lines);
  if (answer.sayClose) res.writeHeader('connection', 'close');
  res.end(body, close);
}

/** uWS writes CR and LF through: a value with one would add headers of an upstream's choice. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNCLEAN = /[\0-\x08\x0a-\x1f\x7f]/;

/** The header all answers begin with; its value carries the other lines. */
const FIRST_HEADER = 'x-request-id';
