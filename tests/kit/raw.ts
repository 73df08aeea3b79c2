// A client that speaks raw bytes: sends what it is told in the pieces it is told, and can half-close, reset or refuse to read.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitUntil } from './wait.ts';

export interface RawAnswer {
  status: number;
  /** Lower-case names; repeated ones joined by `, `. */
  headers: Record<string, string>;
  body: string;
}

export class RawClient {
  readonly socket: Socket;
  /** The gateway sent FIN or RST. */
  closed = false;
  error: Error | null = null;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(socket: Socket, reading: boolean) {
    this.socket = socket;
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.closed = true;
    });
    if (reading) this.read();
  }

  /** Starts to take what the gateway sends. */
  read(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    });
    this.socket.on('end', () => {
      this.closed = true;
    });
    this.socket.resume();
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The last bytes, without joining all that came before. */
  tail(bytes: number): Buffer {
    return Buffer.concat(this.#chunks.slice(-3)).subarray(-bytes);
  }

  get receivedBytes(): number {
    return this.#length;
  }

  /** Every element goes out as one write, with a turn of the event loop (or the stated ms) between. */
  async send(...pieces: (string | Buffer | { waitMs: number })[]): Promise<this> {
    for (const piece of pieces) {
      const waitMs = typeof piece === 'object' && 'waitMs' in piece ? piece.waitMs : 0;
      if (typeof piece === 'string' || Buffer.isBuffer(piece)) this.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    return this;
  }

  /** Waits for `count` whole answers. */
  async answers(count = 1, timeoutMs = 5_000): Promise<RawAnswer[]> {
    // What is large is not joined and parsed for each of its pieces, while they come: others of this process would wait for it.
    let [looked, before] = [-1, -1];
    await waitUntil(
      () => {
        if (this.closed) return true;
        const length = this.#length;
        const comes = length !== before;
        before = length;
        if (length === looked || (comes && length < looked + looked / 8)) return false;
        looked = length;
        return parseAnswers(this.received).length >= count;
      },
      `${count} answers on a raw socket`,
      timeoutMs,
      2,
    );
    return parseAnswers(this.received);
  }

  /** The first answer. @throws when the connection closed without one. */
  async answer(timeoutMs = 5_000): Promise<RawAnswer> {
    const [first] = await this.answers(1, timeoutMs);
    if (first === undefined)
      throw new Error(`closed without an answer: ${JSON.stringify(this.received.toString('latin1'))}`);
    return first;
  }

  /** Waits until the gateway has closed the connection. */
  async untilClosed(timeoutMs = 5_000): Promise<this> {
    await waitUntil(() => this.closed, 'the gateway to close the connection', timeoutMs, 2);
    return this;
  }

  halfClose(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Connects. `reading: false` leaves all answer bytes in the kernel until read() is called. */
export async function rawClient(port: number, options: { reading?: boolean } = {}): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  await once(socket, 'connect');
  return new RawClient(socket, options.reading ?? true);
}

/** One request, one answer, connection closed. */
export async function rawCall(
  port: number,
  bytes: string | Buffer,
  timeoutMs = 5_000,
): Promise<RawAnswer & { closed: boolean }> {
  const client = await rawClient(port);
  try {
    await client.send(bytes);
    const answer = await client.answer(timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { ...answer, closed: client.closed };
  } finally {
    client.destroy();
  }
}

/** Whole answers in `bytes`, by content-length or chunked framing; an answer without framing ends with the bytes. */
export function parseAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let at = 0;
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return answers;
    const lines = bytes.toString('latin1', at, headEnd).split('\r\n');
    const status = Number(lines[0]?.split(' ')[1]);
    if (!(status >= 100)) throw new Error(`no answer: ${lines[0]}`);
    const headers: Record<string, string> = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    at = headEnd + 4;
    if (status >= 100 && status < 200) {
      answers.push({ status, headers, body: '' });
      continue;
    }
    const framed =
      headers['transfer-encoding'] === 'chunked' ? chunkedBody(bytes, at) : sizedBody(bytes, at, headers);
    if (framed === null) return answers;
    answers.push({ status, headers, body: framed.body });
    at = framed.end;
  }
}

function sizedBody(
  bytes: Buffer,
  at: number,
  headers: Record<string, string>,
): { body: string; end: number } | null {
  const length = Number(headers['content-length'] ?? bytes.length - at);
  if (!(length >= 0)) throw new Error(`content-length: ${headers['content-length']}`);
  if (bytes.length < at + length) return null;
  return { body: bytes.toString('utf8', at, at + length), end: at + length };
}

function chunkedBody(bytes: Buffer, start: number): { body: string; end: number } | null {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('the answer has a chunk without a size');
    if (bytes.length < lineEnd + 2 + size + 2) return null;
    if (size === 0) return { body: Buffer.concat(parts).toString(), end: lineEnd + 4 };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
