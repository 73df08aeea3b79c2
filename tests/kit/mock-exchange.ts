// One request at the mock provider: what was received, what became of it, and the raw writes of its answer.
import type { Socket } from 'node:net';
import { tryJson } from './json.ts';
import { geminiPath } from './mock-gemini.ts';
import type { WireRequest } from './mock-http.ts';

/** What a test can see of a request the mock got. All times are performance.now(). */
export class MockRequest {
  /** 1, 2, 3... over the whole mock. */
  readonly serial: number;
  readonly method: string;
  /** With query. */
  readonly target: string;
  readonly headers: Record<string, string>;
  /** Request line and headers as received. */
  readonly head: string;
  readonly body: Buffer;
  readonly json: unknown;
  readonly model: string;
  /** Number of the TCP connection it came on. */
  readonly connection: number;
  readonly at = performance.now();
  /** When the last byte of the answer was handed to the socket; 0 = not yet. */
  answeredAt = 0;
  /** When the other side closed before the answer was whole; 0 = it did not. */
  abortedAt = 0;
  /** Answer bytes handed to the socket. */
  bytesOut = 0;

  constructor(serial: number, wire: WireRequest, connection: number) {
    this.serial = serial;
    this.method = wire.method;
    this.target = wire.target;
    this.headers = wire.headers;
    this.head = wire.head;
    this.body = wire.body;
    this.json = tryJson(wire.body.toString());
    const model = (this.json as { model?: unknown } | undefined)?.model ?? modelInPath(wire.target);
    this.model = geminiPath(this.path)?.model ?? (typeof model === 'string' ? model : '');
    this.connection = connection;
  }

  get aborted(): boolean {
    return this.abortedAt > 0;
  }

  get path(): string {
    return this.target.split('?')[0] ?? '';
  }
}

export type HeadFields = Record<string, string | string[]>;

/** Writes one answer by hand, so that every kind of wrong answer can be written too. */
export class MockExchange {
  readonly request: MockRequest;
  readonly socket: Socket;
  #split = 0;
  /** How strings become bytes. */
  encoding: 'utf8' | 'latin1' = 'utf8';
  #chunked = false;
  #wake: (() => void) | null = null;

  constructor(request: MockRequest, socket: Socket) {
    this.request = request;
    this.socket = socket;
  }

  get gone(): boolean {
    return this.socket.destroyed || this.request.aborted;
  }

  /** The peer closed or the socket broke: every wait ends. */
  leave(): void {
    if (this.request.answeredAt === 0) this.request.abortedAt ||= performance.now();
    this.#wake?.();
  }

  /** Every `bytes` bytes become an HTTP chunk (or write) and a TCP segment of their own. */
  splitEvery(bytes: number): void {
    this.#split = bytes;
  }

  head(status: number, fields: HeadFields): Promise<void> {
    let text = `HTTP/1.1 ${status} Mock\r\n`;
    for (const [name, value] of Object.entries(fields))
      for (const one of Array.isArray(value) ? value : [value]) text += `${name}: ${one}\r\n`;
    this.#chunked = fields['transfer-encoding'] === 'chunked';
    return this.raw(`${text}\r\n`);
  }

  /** Body bytes, in the framing the head announced. */
  async body(content: string | Buffer): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content, this.encoding) : content;
    const step = this.#split > 0 ? this.#split : bytes.length;
    for (let at = 0; at < bytes.length && !this.gone; at += step) {
      const piece = bytes.subarray(at, at + step);
      await this.raw(
        this.#chunked
          ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
          : piece,
      );
      if (this.#split > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Ends the body properly. */
  async finish(): Promise<void> {
    if (this.#chunked) await this.raw('0\r\n\r\n');
  }

  /** A whole answer of known length, and its end. */
  async send(status: number, fields: HeadFields, content: string | Buffer): Promise<void> {
    const bytes = Buffer.from(content);
    await this.head(status, { ...fields, 'content-length': String(bytes.length) });
    await this.body(bytes);
    this.done();
  }

  /** Bytes as they are; waits while the socket is full. */
  async raw(content: string | Buffer): Promise<void> {
    if (this.gone) return;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.request.bytesOut += bytes.length;
    if (this.socket.write(bytes)) return;
    await this.#until((done) => this.socket.once('drain', done));
  }

  sleep(ms: number): Promise<void> {
    return this.#until((done) => setTimeout(done, ms));
  }

  /** Waits for `promise`, but not longer than the peer stays. */
  hold(promise: Promise<void>): Promise<void> {
    return this.#until((done) => void promise.then(done));
  }

  /** Until the peer goes away. */
  forever(): Promise<void> {
    return this.#until(() => undefined);
  }

  /** FIN after what was written. */
  cut(): void {
    this.#settle();
    this.socket.end();
  }

  /** RST. */
  reset(): void {
    this.#settle();
    this.socket.resetAndDestroy();
  }

  /** The answer is as it was meant to be: what the peer does from now on is no abort. */
  #settle(): void {
    if (!this.request.aborted) this.request.answeredAt ||= performance.now();
  }

  done(): void {
    this.#settle();
  }

  #until(start: (done: () => void) => unknown): Promise<void> {
    if (this.gone) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      start(resolve);
    });
  }
}

/** Some vendors name the model in the path: `/model/{model}/converse`. */
function modelInPath(target: string): string | undefined {
  const name = /\/model\/([^/]+)\//.exec(target)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}
