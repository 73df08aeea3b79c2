// The receiving half of the mock provider's hand-written HTTP/1.1: cuts requests out of a socket's bytes and keeps the
// body exactly as it came, so that a test can compare bytes. Used by mock-upstream only.

/** One request as it came over the wire. */
export interface WireRequest {
  method: string;
  /** Path with query. */
  target: string;
  /** Lower-case names; repeated headers joined by `, `. */
  headers: Record<string, string>;
  /** Request line and header lines, as received. */
  head: string;
  body: Buffer;
}

type State = 'head' | 'sized' | 'chunked';

/** Feeds on socket bytes and hands out whole requests in order. */
export class RequestReader {
  #state: State = 'head';
  #pending: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #missing = 0;
  #current: WireRequest | null = null;
  readonly #onRequest: (request: WireRequest) => void;

  constructor(onRequest: (request: WireRequest) => void) {
    this.#onRequest = onRequest;
  }

  /** True while a request has begun but is not whole. */
  get partial(): boolean {
    return this.#state !== 'head' || this.#pending.length > 0;
  }

  push(chunk: Buffer): void {
    let rest: Buffer | null = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    this.#pending = Buffer.alloc(0);
    while (rest !== null && rest.length > 0) rest = this.#step(rest);
  }

  #step(bytes: Buffer): Buffer | null {
    if (this.#state === 'head') return this.#readHead(bytes);
    if (this.#state === 'sized') return this.#readSized(bytes);
    return this.#readChunked(bytes);
  }

  #readHead(bytes: Buffer): Buffer | null {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      this.#pending = bytes;
      return null;
    }
    const head = bytes.toString('latin1', 0, end);
    const lines = head.split('\r\n');
    const [method = '', target = ''] = (lines[0] ?? '').split(' ');
    const headers: Record<string, string> = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).trim().toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    this.#current = { method, target, headers, head, body: Buffer.alloc(0) };
    this.#parts = [];
    const rest = bytes.subarray(end + 4);
    if (headers['transfer-encoding'] !== undefined) this.#state = 'chunked';
    else {
      this.#missing = Number(headers['content-length'] ?? 0);
      if (this.#missing === 0) this.#finish();
      else this.#state = 'sized';
    }
    return rest;
  }

  #readSized(bytes: Buffer): Buffer | null {
    const taken = bytes.subarray(0, this.#missing);
    this.#parts.push(taken);
    this.#missing -= taken.length;
    if (this.#missing === 0) this.#finish();
    return bytes.subarray(taken.length);
  }

  #readChunked(bytes: Buffer): Buffer | null {
    const lineEnd = bytes.indexOf('\r\n');
    if (lineEnd >= 0) {
      const size = Number.parseInt(bytes.toString('latin1', 0, lineEnd), 16);
      const dataEnd = lineEnd + 2 + size;
      if (bytes.length >= dataEnd + 2) {
        if (size === 0) this.#finish();
        else this.#parts.push(bytes.subarray(lineEnd + 2, dataEnd));
        return bytes.subarray(dataEnd + 2);
      }
    }
    this.#pending = bytes;
    return null;
  }

  #finish(): void {
    const request = this.#current;
    this.#state = 'head';
    this.#current = null;
    if (request === null) return;
    request.body = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#onRequest(request);
  }
}
