// How many connections one address of clients may have open: one caller that opens thousands, and says nothing on them, must not
// take them from everybody else. A connection beyond the cap is told so with the answer to a request on it, and closed; one beyond
// twice the cap is closed as it comes. Off unless the configuration says a number: then nothing is counted.
//
// uWebSockets.js does not say whose connection closed. So there only those that open are counted, and where somebody seems to have
// too many the kernel's own table is read, at most once a second: who opens more than the cap within a second counts as having
// them, open or not.
import type { Clock } from '../../contracts/ports.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';

/** `fits`; `over`: to be told; `full`: to be closed at once. */
export type Room = 'fits' | 'over' | 'full';

export interface AddressCapDeps {
  clock: Pick<Clock, 'now'>;
  current(): { snapshot: Pick<Snapshot, 'config' | 'proxies'> };
  /** A connection was refused: told so, or closed without a word. */
  refused(how: 'told' | 'closed'): void;
}

const COUNT_EVERY_MS = 1_000;
/** Addresses that are remembered before all are counted anew. */
const MAX_ADDRESSES = 16_384;

export class AddressCap {
  readonly #deps: AddressCapDeps;
  readonly #count: (() => Map<string, number> | null) | null;
  #open = new Map<string, number>();
  #countedAt = Number.NEGATIVE_INFINITY;
  /** Connections that are over, by address, where nobody can tell which they are. */
  readonly #over = new Map<string, number>();

  /** @param count connections by address, null = not known here; null = `closed` tells of each that ends. */
  constructor(deps: AddressCapDeps, count: (() => Map<string, number> | null) | null = null) {
    this.#deps = deps;
    this.#count = count;
  }

  get off(): boolean {
    return this.#most === 0;
  }

  get #most(): number {
    return this.#deps.current().snapshot.config.server.maxConnectionsPerAddress;
  }

  /** A connection of `address` was opened; of one of our proxies nobody counts them. */
  opened(address: string): Room {
    const most = this.#most;
    if (most === 0 || address === '' || this.#isProxy(address)) return 'fits';
    const open = (this.#open.get(address) ?? 0) + 1;
    this.#open.set(address, open);
    const counts = this.#open.size > MAX_ADDRESSES || open > most;
    if (counts && this.#recount(most)) return this.#roomOf(address, this.#open.get(address) ?? 0, most);
    if (open > most && open <= 2 * most && this.#count !== null) this.#owes(address, 1);
    return this.#roomOf(address, open, most);
  }

  /** One that `opened` counted is closed. */
  closed(address: string): void {
    less(this.#open, address);
  }

  /** Somebody has a connection too many, and nobody knows which it is. */
  get owed(): boolean {
    return this.#over.size > 0;
  }

  /** Whether a request of `address` is to be refused, and its connection closed, for one that is over. */
  takes(address: string): boolean {
    if (!this.#over.has(address)) return false;
    // Those that were over may be gone without a word.
    this.#recount(this.#most);
    if (!less(this.#over, address)) return false;
    this.closed(address);
    this.told();
    return true;
  }

  /** A request was refused for a connection that is over. */
  told(): void {
    this.#deps.refused('told');
  }

  #roomOf(address: string, open: number, most: number): Room {
    if (open <= most) return 'fits';
    if (open <= 2 * most) return 'over';
    this.#deps.refused('closed');
    // Its end is not told where closed connections have no address.
    if (this.#count !== null) this.closed(address);
    return 'full';
  }

  #isProxy(address: string): boolean {
    return this.#deps.current().snapshot.proxies?.has(address) === true;
  }

  #owes(address: string, connections: number): void {
    if (this.#over.size < MAX_ADDRESSES)
      this.#over.set(address, (this.#over.get(address) ?? 0) + connections);
  }

  /** Counts all anew, where that can be done. */
  #recount(most: number): boolean {
    const now = this.#deps.clock.now();
    if (this.#count === null || now - this.#countedAt < COUNT_EVERY_MS) return false;
    this.#countedAt = now;
    this.#over.clear();
    // Who cannot be counted is not refused.
    this.#open = this.#count() ?? new Map<string, number>();
    for (const [address, open] of this.#open)
      if (open > most && !this.#isProxy(address)) this.#owes(address, Math.min(open, 2 * most) - most);
    return true;
  }
}

/** @returns false: there was none. */
function less(counts: Map<string, number>, address: string): boolean {
  const count = counts.get(address);
  if (count === undefined) return false;
  if (count <= 1) counts.delete(address);
  else counts.set(address, count - 1);
  return true;
}
