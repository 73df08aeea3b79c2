// One keep-alive connection of the generator: opens, sends prepared bytes, hands on what comes, opens again when lost.
// Leaner than any client library: one buffer for all reads, no stream machinery, no headers object.
import { connect, type Socket } from 'node:net';

/** Shared by all connections: what is read is used before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);
const RETRY_MS = 100;

export interface ConnectionEvents {
  open(): void;
  /** The bytes are only good during the call. */
  data(bytes: Buffer): void;
  /** Lost; it opens again by itself unless closed. */
  lost(why: string): void;
}

export class Connection {
  readonly #port: number;
  readonly #events: ConnectionEvents;
  #socket: Socket | null = null;
  #closed = false;
  #why = 'the connection was closed';

  constructor(port: number, events: ConnectionEvents) {
    this.#port = port;
    this.#events = events;
    this.#open();
  }

  send(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  /** Gives this socket up and opens another. */
  reopen(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #open(): void {
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (length, buffer) => {
          // Bytes of a socket given up are of no interest.
          if (this.#socket === socket) this.#events.data((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
    this.#socket = socket;
    this.#why = 'the connection was closed';
    let opened = false;
    socket.on('connect', () => {
      opened = true;
      this.#events.open();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#why = error.code ?? error.message;
    });
    socket.on('close', () => {
      if (this.#closed) return;
      this.#socket = null;
      this.#events.lost(this.#why);
      if (opened) this.#open();
      else setTimeout(() => this.#closed || this.#open(), RETRY_MS);
    });
  }
}
