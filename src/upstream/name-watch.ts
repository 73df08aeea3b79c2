// Where a name has moved, connections to its old addresses carry no further calls. Under steady traffic none of them
// would ever fall idle, and no look-up would ever be made.
import type { Found } from '../contracts/names.ts';

/** A look costs nothing while the name is fresh; it is asked for as often as its time to live says. */
const LOOK_MS = 5_000;
/** Answers in a row that must leave an address out: name servers with many addresses show some of them at a time. */
const MISSES = 2;

/** A connection, as far as this is concerned. */
export interface Watched {
  readonly address: string;
  /** It has a call. */
  readonly running: boolean;
  retireAt: number;
  close(fault: unknown): void;
}

export class NameWatch {
  readonly #find: () => Found | Promise<Found>;
  #lookAt = Number.NEGATIVE_INFINITY;
  #looking = false;
  #serial = -1;
  /** Answers in a row without it. */
  readonly #missed = new Map<string, number>();

  /** @param find addresses of the name now. */
  constructor(find: () => Found | Promise<Found>) {
    this.#find = find;
  }

  /** Called when a connection has ended a call. @param now monotonic ms. */
  look(now: number, connections: Iterable<Watched>): void {
    if (now < this.#lookAt || this.#looking) return;
    this.#lookAt = now + LOOK_MS;
    this.#looking = true;
    void this.#compare(connections);
  }

  async #compare(connections: Iterable<Watched>): Promise<void> {
    try {
      const found = await this.#find();
      if (found.complete || found.serial !== this.#serial) this.#learn(found, connections);
    } catch {
      // A name that is gone, or that nobody can say anything of, is no reason to end what works.
    } finally {
      this.#looking = false;
    }
  }

  #learn({ addresses, complete, serial }: Found, connections: Iterable<Watched>): void {
    this.#serial = serial;
    const there = new Set(addresses.map(({ address }) => address));
    const inUse = new Set<string>();
    for (const { address } of connections) if (address !== '' && !there.has(address)) inUse.add(address);
    for (const address of this.#missed.keys()) if (!inUse.has(address)) this.#missed.delete(address);
    for (const address of inUse) this.#missed.set(address, (this.#missed.get(address) ?? 0) + 1);
    if (inUse.size === 0) return;
    for (const connection of [...connections]) {
      const { address } = connection;
      if (!inUse.has(address) || (!complete && this.#missed.get(address)! < MISSES)) continue;
      connection.retireAt = Number.NEGATIVE_INFINITY;
      if (!connection.running) connection.close(null);
    }
  }
}
