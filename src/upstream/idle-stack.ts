// Connections without a call, last used first out: the busy ones stay warm and the rest can age.
import type { Connection } from './connection.ts';
import { WireFault } from './wire-fault.ts';

const SWEEP_MS = 1_000;

export class IdleStack {
  readonly #stack: Connection[] = [];
  readonly #now: () => number;
  #sweeper: NodeJS.Timeout | null = null;

  /** @param now monotonic ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps a connection until then. */
  push(connection: Connection, expiresAt: number): void {
    connection.expiresAt = expiresAt;
    this.#stack.push(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** The one that went idle last; null when there is none, or none young enough. */
  pop(): Connection | null {
    if (this.#stack.length === 0) return null;
    const now = this.#now();
    for (;;) {
      const connection = this.#stack.pop();
      if (connection === undefined) return null;
      if (connection.expiresAt > now) return connection;
      retire(connection);
    }
  }

  /** Forgets a connection that has died; it need not be in here. */
  remove(connection: Connection): void {
    const at = this.#stack.lastIndexOf(connection);
    if (at >= 0) this.#stack.splice(at, 1);
  }

  /** Closes all. */
  clear(): void {
    for (const connection of this.#stack.splice(0)) retire(connection);
    if (this.#sweeper !== null) clearInterval(this.#sweeper);
    this.#sweeper = null;
  }

  #sweep(): void {
    const now = this.#now();
    for (const connection of this.#stack.filter(({ expiresAt }) => expiresAt <= now)) retire(connection);
    if (this.#stack.length > 0 || this.#sweeper === null) return;
    clearInterval(this.#sweeper);
    this.#sweeper = null;
  }
}

function retire(connection: Connection): void {
  connection.close(new WireFault('CLOSED', 'idle for too long'));
}
