// An exchange on a request that node's `http` or `http2` parsed. The same phases as on uWS (uws-exchange.ts); what uWS has to
// be kept from (buffering without bound, clocks of its own) node does not do.
import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { BodyBuffer } from '../../body/body-buffer.ts';
import type { BodySource } from '../../contracts/body-source.ts';
import type { ClientCertificate } from '../../contracts/client-certificate.ts';
import type { Call, Peer } from '../../contracts/call.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { behindReads } from '../../ipc/behind-reads.ts';
import { isClean } from '../exchange/answer-lines.ts';
import type { AsEnd, Exchange, ExchangeHost } from '../exchange/exchange.ts';
import type { Silence } from '../exchange/silence.ts';
import { LINGER_BYTES, LINGER_MS, LINGER_QUIET_MS } from '../exchange/linger.ts';
import type { NodeRequest } from './node-head.ts';
import { type NodeStream, NodeWriter } from '../exchange/node-writer.ts';
import { UploadSource } from '../exchange/upload-source.ts';

export class NodeExchange implements Exchange {
  readonly #request: NodeRequest;
  readonly #host: ExchangeHost;
  readonly #peer: Peer;
  /** Null once it is over. */
  #response: ServerResponse | Http2ServerResponse | null;
  #base: HeaderList = [];
  #committed = false;
  #writer: NodeWriter | null = null;
  #ending = false;
  #source: UploadSource | null = null;
  #take: ((piece: Buffer, isLast: boolean) => void) | null = null;
  #heard = false;
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

  constructor(
    request: NodeRequest,
    response: ServerResponse | Http2ServerResponse,
    peer: Peer,
    host: ExchangeHost,
  ) {
    this.#request = request;
    this.#response = response;
    this.#peer = peer;
    this.#host = host;
    response.on('close', () => this.#left());
    // Whatever breaks a connection ends in `close`.
    response.on('error', ignore);
    request.on('error', ignore);
  }

  get committed(): boolean {
    return this.#committed && this.#asEnd === null;
  }

  get closed(): boolean {
    return this.#response === null;
  }

  get ending(): boolean {
    return this.#response !== null && this.#ending;
  }

  get bytesOut(): number {
    return this.#writer?.bytes ?? 0;
  }

  socketAddress(): string {
    return this.#peer.socketAddress();
  }

  certificate(): ClientCertificate | null {
    return this.#peer.certificate?.() ?? null;
  }

  proxiedAddress(): string {
    return this.#peer.proxiedAddress();
  }

  /** It becomes something else than an answer. */
  release(): void {
    if (this.#response === null) return;
    this.#over();
    this.#host.closed(this);
  }

  setBaseHeaders(id: string, more: HeaderList): void {
    this.#base = [['x-request-id', id], ['request-id', id], ...more];
  }

  readBody(maxBytes: number, announced: number, done: (body: Buffer) => void, over: () => void): void {
    let gathered: BodyBuffer | null = null;
    this.#listen((piece, isLast) => {
      if ((gathered?.length ?? 0) + piece.length > maxBytes) {
        this.#take = null;
        gathered = null;
        over();
        return;
      }
      if (!isLast) {
        gathered ??= new BodyBuffer(announced);
        gathered.add(piece);
        return;
      }
      this.#take = null;
      const body = gathered === null ? Buffer.from(piece) : gathered.finish(piece);
      gathered = null;
      done(body);
    });
  }

  openBody(maxBytes: number, announced: number, idleMs: number): BodySource {
    const upload = {
      paused: false,
      pass: (take: (piece: ArrayBuffer, isLast: boolean) => void) =>
        this.#listen((piece, isLast) => take(arrayBufferOf(piece), isLast)),
    };
    this.#source = new UploadSource(
      { pause: () => void this.#request.pause(), resume: () => void this.#request.resume() },
      upload,
      {
        maxBytes,
        length: announced,
        awaited: (yes) => {
          this.bodyBy = yes ? this.#host.now() + idleMs : 0;
        },
      },
    );
    return this.#source;
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
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
    else if (this.headless) this.replyEmpty(status, headers, Buffer.byteLength(body));
    else {
      const response = this.#begin(status, [...headers, ['content-length', String(Buffer.byteLength(body))]]);
      if (response === null) return;
      this.#ending = true;
      this.#writerOf(response).whole(body);
    }
  }

  replyEmpty(status: number, headers: HeaderList, length = -1): void {
    const own = length >= 0 && !headers.some(([name]) => name === 'content-length');
    const announced: HeaderList = own ? [...headers, ['content-length', String(length)]] : headers;
    const response = this.#begin(status, announced);
    if (response === null) return;
    this.#ending = true;
    response.end();
    this.#ended(response);
  }

  refuseHead(status: number, headers: HeaderList, body: string): void {
    this.closeAfter = true;
    this.reply(status, headers, body);
  }

  refuseAndLinger(status: number, headers: HeaderList, body: string): void {
    this.closeAfter = true;
    const response = this.#begin(status, [...headers, ['content-length', String(Buffer.byteLength(body))]]);
    if (response === null) return;
    this.#source?.abort();
    this.bodyBy = 0;
    // Whole on the wire, and not ended: the connection would be closed over what the client still sends.
    const stream: NodeStream = response;
    if (!this.headless) stream.write(body);
    this.#discard(() => {
      this.#ending = true;
      response.end();
      this.#ended(response);
    });
  }

  start(status: number, headers: HeaderList): void {
    // An answer before the body is whole may end before it, too.
    if (this.#source?.whole === false) this.closeAfter = true;
    if (this.#asEnd === null) {
      const response = this.#begin(status, headers);
      if (response !== null) this.#writerOf(response);
    }
    this.#asEnd = null;
  }

  openEarly(headers: HeaderList, asEnd: AsEnd): void {
    if (this.#committed || this.#writer !== null) return;
    const response = this.#begin(200, headers);
    if (response === null) return;
    this.#asEnd = asEnd;
    this.#writerOf(response);
  }

  sign(text: string): void {
    if (this.#response !== null) this.#writer?.sign(text);
  }

  chunk(bytes: Buffer | string): boolean {
    if (this.#response === null || this.#writer === null || bytes.length === 0) return true;
    return this.#writer.chunk(bytes);
  }

  end(): void {
    if (this.#source?.whole === false) this.#source.abort();
    if (this.#response === null || this.#writer === null) return;
    this.#ending = true;
    this.#writer.end();
  }

  cut(): void {
    const response = this.#response;
    if (response === null) return;
    // Of HTTP/2 only this answer, not what else its connection carries.
    if ('stream' in response) response.stream.destroy();
    else this.#request.socket.destroy();
    this.#left();
  }

  tend(now: number): number {
    return this.#response === null ? 0 : (this.#writer?.tend(now) ?? 0);
  }

  #begin(status: number, headers: HeaderList): ServerResponse | Http2ServerResponse | null {
    const response = this.#response;
    if (this.#committed || response === null) return null;
    this.#committed = true;
    const fields: Record<string, string | string[]> = {};
    for (const [name, value] of [...this.#base, ...headers]) {
      if (!isClean(value)) continue;
      const known = fields[name];
      fields[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
    }
    // HTTP/2 has no such header: its connections end by a frame of their own.
    if (!('stream' in response) && (this.closeAfter || this.#host.draining)) fields['connection'] = 'close';
    response.statusCode = status;
    for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
    return response;
  }

  #writerOf(response: ServerResponse | Http2ServerResponse): NodeWriter {
    this.#writer = new NodeWriter(response, {
      now: () => this.#host.now(),
      drained: () => this.onDrain?.(),
      ended: () => {
        this.#ending = true;
        this.#ended(response);
      },
      cut: () => this.cut(),
    });
    return this.#writer;
  }

  /** Everything was handed to node: over when the system has it. */
  #ended(response: ServerResponse | Http2ServerResponse): void {
    if (response.writableFinished) this.#finish();
    else response.on('finish', () => this.#finish());
  }

  #finish(): void {
    if (this.#response === null) return;
    this.#over();
    const taken = this.onTaken;
    this.onTaken = null;
    this.#host.closed(this);
    taken?.();
  }

  #left(): void {
    if (this.#response === null) return;
    this.#over();
    this.onTaken = null;
    const gone = this.onGone;
    this.onGone = null;
    this.#host.closed(this);
    gone?.();
  }

  #over(): void {
    this.#source?.abort();
    this.#source = null;
    this.#response = null;
    this.onDrain = null;
    this.#take = null;
    // Nobody reads the rest: node does, so that the connection can go on.
    if (!this.#request.readableEnded) this.#request.resume();
  }

  #listen(take: (piece: Buffer, isLast: boolean) => void): void {
    this.#take = take;
    if (this.#heard) return;
    this.#heard = true;
    this.#request.on('data', (piece: Buffer) => this.#take?.(piece, false));
    this.#request.on('end', () => this.#take?.(NOTHING, true));
  }

  /** `done` is called once, never inside the call that brought the last byte. */
  #discard(done: () => void): void {
    let left = LINGER_BYTES;
    const until = this.#host.now() + LINGER_MS;
    let over = false;
    const finish = (): void => {
      if (over) return;
      over = true;
      quiet.clear();
      this.#take = null;
      setImmediate(() => this.#response !== null && done());
    };
    const quiet = behindReads(LINGER_QUIET_MS, finish).unref();
    if (this.#request.readableEnded) {
      finish();
      return;
    }
    this.#listen((piece, isLast) => {
      left -= piece.length;
      if (isLast || left < 0 || this.#host.now() > until) finish();
      else quiet.refresh();
    });
    this.#request.resume();
  }
}

const NOTHING = Buffer.alloc(0);

function ignore(): void {}

/** Of its own: node's pieces share memory. */
function arrayBufferOf(piece: Buffer): ArrayBuffer {
  const own = new ArrayBuffer(piece.length);
  new Uint8Array(own).set(piece);
  return own;
}
