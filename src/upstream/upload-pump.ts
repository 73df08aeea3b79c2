// Writes a body that is still on its way to a socket, no faster than the socket takes it.
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { freeWhole } from '../body/free.ts';
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import type { GatewayError } from '../contracts/errors.ts';

const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const CRLF = Buffer.from('\r\n');

export class UploadPump implements BodyReader {
  /** All of it was written: another request may follow on the socket. */
  whole = false;
  readonly #source: BodySource;
  readonly #chunked: boolean;
  readonly #failed: (error: GatewayError) => void;
  readonly #drained = (): void => this.#source.resume();
  #socket: Socket | null;

  /** Begins at once, behind a head that said where the body ends. @param failed the rest will not come. */
  constructor(socket: Socket, source: BodySource, failed: (error: GatewayError) => void) {
    this.#socket = socket;
    this.#source = source;
    this.#chunked = source.length < 0;
    this.#failed = failed;
    socket.on('drain', this.#drained);
    source.pull(this);
  }

  data(piece: Buffer): boolean {
    const socket = this.#socket;
    if (socket === null || piece.length === 0) return true;
    // At once, or an upload leaves as much behind as it is large until V8 collects.
    const sent = (error?: Error | null): void => {
      if (error == null) freeWhole(piece);
    };
    if (!this.#chunked) return socket.write(piece, sent);
    socket.cork();
    socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
    socket.write(piece, sent);
    const more = socket.write(CRLF);
    socket.uncork();
    return more;
  }

  end(): void {
    if (this.#chunked) this.#socket?.write(LAST_CHUNK);
    this.whole = true;
    this.#letGo();
  }

  failed(error: GatewayError): void {
    const open = this.#socket !== null;
    this.#letGo();
    if (open) this.#failed(error);
  }

  /** The socket takes no more, whatever the reason. */
  stop(): void {
    if (this.#socket === null) return;
    this.#letGo();
    this.#source.abort();
  }

  #letGo(): void {
    this.#socket?.off('drain', this.#drained);
    this.#socket = null;
  }
}
