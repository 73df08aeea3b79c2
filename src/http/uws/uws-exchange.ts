// An exchange on a uWS socket: the only place, with its three phases (upload, stream-writer, pieced-answer), that
// touches `res`.
//
//   reading --body complete--> pending --reply()--> ended, or taking --last byte taken--> ended
//      |                          `----start()----> streaming --end()--> ended, or taking
//      `--refuseAndLinger()--> lingering --> ended                 any state --client left--> gone
//
// After `ended` and `gone` every `res` call would throw, so `#res` is dropped there.

import type { HttpResponse } from 'uWebSockets.js';
import { Buffer } from 'node:buffer';
import type { BodySource } from '../../contracts/body-source.ts';
import type { Call } from '../../contracts/call.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { answerLines, baseLines, FIRST_HEADER, writeHead } from '../exchange/answer-lines.ts';
import type { AsEnd, Exchange, ExchangeHost } from '../exchange/exchange.ts';
import type { Silence } from '../exchange/silence.ts';
import { statusLine } from '../exchange/status.ts';
import { UploadSource } from '../exchange/upload-source.ts';
import { PiecedAnswer } from './pieced-answer.ts';
import { StreamWriter } from './stream-writer.ts';
import { Upload } from './upload.ts';

/**
 * uWS's cork buffer. An answer that fits goes out in one call; one that does not may be more than the socket takes,
 * and is written in pieces.
 */
const CORK_BYTES = 16 * 1024;

export class UwsExchange implements Exchange {
  #res: HttpResponse | null;
  readonly #host: ExchangeHost;
  /** Lines of every answer: ids, CORS. */
  #base = '';
  #committed = false;
  /** Of answers that went out in one call. */
  #bytes = 0;
  #upload: Upload | null = null;
  /** Of a body that is handed on while it comes. */
  #source: UploadSource | null = null;
  #stream: StreamWriter | null = null;
  #pieces: PiecedAnswer | null = null;
  /** Its stream was begun before its answer. */
  #asEnd: AsEnd | null = null;

  onDrain: (() => void) | null = null;
  onTaken: (() => void) | null = null;
  onGone: (() => void) | null = null;
  slot = -1;
  closeAfter = false;
  clientCloses = false;
  headless = false;
  call: Call | null = null;
  bodyBy = 0;
  silence: Silence | null = null;

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

  get ending(): boolean {
    return this.#res !== null && (this.#pieces !== null || this.#stream?.ending === true);
  }

  get bytesOut(): number {
    return this.#bytes + (this.#stream?.bytes ?? 0) + (this.#pieces?.bytes ?? 0);
  }

  socketAddress(): string {
    return textOf(this.#res?.getRemoteAddressAsText());
  }

  proxiedAddress(): string {
    return textOf(this.#res?.getProxiedRemoteAddressAsText());
  }

  /** It becomes something else than an answer. */
  release(): void {
    if (this.#res === null) return;
    this.#over();
    this.#host.closed(this);
  }

  setBaseHeaders(id: string, more: HeaderList): void {
    this.#base = baseLines(id, more);
  }

  readBody(maxBytes: number, announced: number, done: (body: Buffer) => void, over: () => void): void {
    const res = this.#res;
    if (res === null) return;
    this.#upload = new Upload(res);
    this.#upload.collect(
      maxBytes,
      announced,
      (body) => {
        // uWS goes on parsing behind an answer that is given here, `connection: close` or not. Behind one that is
        // pending it closes the connection instead.
        if (this.closeAfter) setImmediate(() => this.#res !== null && done(body));
        else done(body);
      },
      over,
    );
  }

  /** @throws Error once there is nobody to read from: asked for inside the handler of the request. */
  openBody(maxBytes: number, announced: number, idleMs: number): BodySource {
    const res = this.#res;
    if (res === null) throw new Error('no body to open');
    this.#upload = new Upload(res);
    this.#source = new UploadSource(res, this.#upload, {
      maxBytes,
      length: announced,
      awaited: (yes) => {
        this.bodyBy = yes ? this.#host.now() + idleMs : 0;
      },
    });
    return this.#source;
  }

  reply(status: number, headers: HeaderList, body: Buffer | string, yours = false): void {
    if (this.#source?.whole === false) {
      this.refuseAndLinger(status, headers, body.toString());
      return;
    }
    if (this.#asEnd !== null) {
      const last = this.#asEnd(status, headers, body);
      this.start(status, headers);
      this.chunk(last);
      this.end();
      return;
    }
    if (status === 204 || status === 304) this.replyEmpty(status, headers);
    else if (this.headless) this.replyEmpty(status, headers, lengthOf(headers, body));
    else if (body.length > CORK_BYTES) this.#replyInPieces(status, headers, body, yours);
    else this.#replyAtOnce(status, headers, body);
  }

  replyEmpty(status: number, headers: HeaderList, length = -1): void {
    const res = this.#begin();
    if (res === null) return;
    const close = this.#closing;
    const lines = answerLines(this.#base, headers, close || this.clientCloses);
    res.cork(() => {
      writeHead(res, status, lines, close);
      // The length is not uWS's to write: it then waits for the announced bytes, and closes on the next request. Nor
      // may `undefined` be passed, which it reads as a length of 2^63.
      if (length >= 0) res.writeHeader('content-length', String(length));
      res.endWithoutBody();
    });
    this.#finish();
  }

  /**
   * White space behind the JSON makes the answer too long for uWS to keep it until all it has read is parsed: the
   * connection is closed before anything else on it can be taken for a request.
   */
  refuseHead(status: number, headers: HeaderList, body: string): void {
    this.closeAfter = true;
    this.#replyAtOnce(status, headers, body.padEnd(body.length + CORK_BYTES));
  }

  /**
   * The whole answer goes as the value of a header: an ended one would leave no `res` to close the connection with.
   * uWS puts a line end behind it, which counts as white space behind the JSON.
   */
  refuseAndLinger(status: number, headers: HeaderList, body: string): void {
    const res = this.#begin();
    if (res === null) return;
    this.#letGo();
    const own: HeaderList = [
      ['date', new Date().toUTCString()],
      ['connection', 'close'],
      ['content-length', String(Buffer.byteLength(body) + 2)],
    ];
    const head = answerLines(this.#base, [...headers, ...own], true);
    res.cork(() => writeHead(res, status, this.headless ? `${head}\r\n` : `${head}\r\n\r\n${body}`, false));
    this.#bytes = body.length;
    this.#upload ??= new Upload(res);
    this.#upload.discard(
      () => this.#host.now(),
      () => {
        if (this.#res === null) return;
        this.#finish();
        res.close();
      },
    );
  }

  start(status: number, headers: HeaderList): void {
    const res = this.#begin();
    if (res === null) return;
    // An answer before the body is whole may end before it, too.
    if (this.#source?.whole === false) this.closeAfter = true;
    if (this.#asEnd === null) this.#open(res, status, headers);
    this.#asEnd = null;
  }

  openEarly(headers: HeaderList, asEnd: AsEnd): void {
    if (this.#res === null || this.#committed || this.#stream !== null) return;
    this.#asEnd = asEnd;
    this.#open(this.#res, 200, headers);
  }

  sign(text: string): void {
    if (this.#res !== null) this.#stream?.sign(text);
  }

  /** The head goes out with the first chunk. */
  #open(res: HttpResponse, status: number, headers: HeaderList): void {
    this.#stream = new StreamWriter(res, {
      now: () => this.#host.now(),
      writeHead: () => {
        const close = this.#closing;
        writeHead(res, status, answerLines(this.#base, headers, close || this.clientCloses), close);
      },
      drained: () => this.onDrain?.(),
      taken: () => this.#finish(),
      cut: () => this.cut(),
    });
  }

  get takesLines(): true {
    return true;
  }

  chunk(bytes: Buffer | string): boolean {
    if (this.#res === null || this.#stream === null || bytes.length === 0) return true;
    return this.#stream.chunk(bytes);
  }

  end(): void {
    if (this.#source?.whole === false) this.#letGo();
    if (this.#res !== null) this.#stream?.end();
  }

  cut(): void {
    this.#res?.close(); // calls onAborted
  }

  tend(now: number): number {
    if (this.#res === null) return 0;
    this.#upload?.tend(now);
    if (this.#stream !== null) return this.#stream.tend(now);
    if (this.#pieces !== null) return this.#pieces.tend(now);
    return 0;
  }

  /** The socket, for the one answer there is; null when there is nobody to answer, or it was begun. */
  #begin(): HttpResponse | null {
    if (this.#committed || this.#res === null) return null;
    this.#committed = true;
    return this.#res;
  }

  #replyAtOnce(status: number, headers: HeaderList, body: Buffer | string): void {
    const res = this.#begin();
    if (res === null) return;
    const close = this.#closing;
    answer.res = res;
    answer.status = statusLine(status);
    answer.lines = answerLines(this.#base, headers, close || this.clientCloses);
    answer.body = body;
    answer.close = close;
    // uWS says it itself when told to close, unless the client had said it first.
    answer.sayClose = close && this.clientCloses;
    res.cork(writeAnswer);
    answer.res = null;
    answer.body = '';
    this.#bytes = body.length;
    this.#finish();
  }

  #replyInPieces(status: number, headers: HeaderList, body: Buffer | string, yours: boolean): void {
    const res = this.#begin();
    if (res === null) return;
    const close = this.#closing;
    const lines = answerLines(this.#base, headers, close || this.clientCloses);
    const whole = typeof body === 'string' ? Buffer.from(body) : body;
    this.#pieces = new PiecedAnswer(
      res,
      whole,
      { close, yours },
      () => this.#host.now(),
      () => this.#finish(),
    );
    this.#pieces.begin(() => writeHead(res, status, lines, close));
  }

  #finish(): void {
    if (this.#res === null) return;
    this.#over();
    const taken = this.onTaken;
    this.onTaken = null;
    this.#host.closed(this);
    taken?.();
  }

  #left(): void {
    if (this.#res === null) return;
    this.#over();
    this.onTaken = null;
    const gone = this.onGone;
    this.onGone = null;
    this.#host.closed(this);
    gone?.();
  }

  /** Of a body that is handed on nobody wants the rest. */
  #letGo(): void {
    this.#source?.abort();
    this.#source?.flow();
    this.bodyBy = 0;
  }

  #over(): void {
    this.#source?.abort();
    this.#source = null;
    this.#res = null;
    this.onDrain = null;
    this.#upload?.stop();
    this.#upload = null;
    this.#pieces?.stop();
  }
}

/**
 * The answer that is being written in one call. cork() runs its function before it returns, so that one function can
 * serve all exchanges: one made for each call costs 0.2 us more, most of it in its first and only run.
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

function textOf(bytes: ArrayBuffer | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('latin1');
}

/** What the answer to a HEAD announces; -1 = its headers say it themselves. */
function lengthOf(headers: HeaderList, body: Buffer | string): number {
  return headers.some(([name]) => name === 'content-length') ? -1 : Buffer.byteLength(body);
}
