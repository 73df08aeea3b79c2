// Which address of a host is tried first: families in turn (RFC 8305 section 4), within a family each in its turn, so
// that connections spread over all of a name's addresses; those that failed a moment ago come last.
import type { Address } from '../contracts/names.ts';

/** An address that failed is tried behind the others for so long. */
const AVOID_MS = 10_000;
/** So many are tried for one connection: all of them may be under way at once. */
const MOST = 8;

export class AddressOrder {
  readonly #now: () => number;
  #turn = 0;
  /** Family of the last connection that stood; 0 before the first. */
  #family = 0;
  readonly #failed = new Map<string, number>();

  /** @param now monotonic ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param addresses the preferred family first. */
  order(addresses: readonly Address[]): readonly Address[] {
    if (addresses.length === 1) return addresses;
    const turn = this.#turn++;
    const lead = this.#family === 0 ? addresses[0]!.family : this.#family;
    const first = turned(
      addresses.filter(({ family }) => family === lead),
      turn,
    );
    const second = turned(
      addresses.filter(({ family }) => family !== lead),
      turn,
    );
    const mixed: Address[] = [];
    for (let at = 0; at < Math.max(first.length, second.length); at++) {
      if (at < first.length) mixed.push(first[at]!);
      if (at < second.length) mixed.push(second[at]!);
    }
    if (this.#failed.size === 0) return mixed.slice(0, MOST);
    const now = this.#now();
    for (const [address, until] of this.#failed) if (until <= now) this.#failed.delete(address);
    const good = mixed.filter(({ address }) => !this.#failed.has(address));
    const bad = mixed.filter(({ address }) => this.#failed.has(address));
    return [...good, ...bad].slice(0, MOST);
  }

  worked({ address, family }: Address): void {
    this.#family = family;
    this.#failed.delete(address);
  }

  failed({ address }: Address): void {
    // Of a name whose addresses change with each answer only the latest matter.
    if (this.#failed.size >= 64) this.#failed.clear();
    this.#failed.set(address, this.#now() + AVOID_MS);
  }
}

function turned(list: readonly Address[], turn: number): Address[] {
  const from = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
