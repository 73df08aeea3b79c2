// Principals of the issued keys that were met lately, in two halves: what is met stands in the young one, and when that is full the
// old one is let go, with all that nobody met since. So at least half of `most` are those met last, at the price of a look-up.
import type { Principal } from '../../contracts/principal.ts';

interface Warm {
  readonly principal: Principal;
  readonly hash: string;
  /** It was met since somebody asked. */
  used: boolean;
}

export class WarmKeys {
  readonly #half: number;
  #young = new Map<string, Warm>();
  #old = new Map<string, Warm>();
  /** By hash: rows come and go by it. */
  readonly #credentials = new Map<string, string>();
  /** Ids of keys that were met and let go since somebody asked. */
  readonly #usedBefore = new Set<string>();

  /** @param most principals that are kept. */
  constructor(most: number) {
    this.#half = most / 2;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Of a key that was met before; null = it was not, or long ago. */
  met(credential: string): Principal | null {
    const warm = this.#young.get(credential) ?? this.#warmAgain(credential);
    if (warm === null) return null;
    warm.used = true;
    return warm.principal;
  }

  /** @param hash that the row of the key has, as text. */
  add(credential: string, hash: string, principal: Principal): void {
    this.#credentials.set(hash, credential);
    this.#put(credential, { principal, hash, used: true });
  }

  /** What was made of an older row is not found again; calls under way keep it. */
  cool(hash: string): void {
    const credential = this.#credentials.get(hash);
    if (credential === undefined) return;
    this.#credentials.delete(hash);
    this.#young.delete(credential);
    this.#old.delete(credential);
  }

  /** Ids of keys that were met since this was asked last. */
  takeUsed(): string[] {
    const ids = new Set(this.#usedBefore);
    this.#usedBefore.clear();
    for (const half of [this.#young, this.#old])
      for (const warm of half.values()) {
        if (!warm.used) continue;
        warm.used = false;
        ids.add(warm.principal.id);
      }
    return [...ids];
  }

  #warmAgain(credential: string): Warm | null {
    const warm = this.#old.get(credential);
    if (warm === undefined) return null;
    this.#old.delete(credential);
    this.#put(credential, warm);
    return warm;
  }

  #put(credential: string, warm: Warm): void {
    if (this.#young.size >= this.#half) this.#letGo();
    this.#young.set(credential, warm);
  }

  #letGo(): void {
    for (const { hash, used, principal } of this.#old.values()) {
      this.#credentials.delete(hash);
      if (used) this.#usedBefore.add(principal.id);
    }
    this.#old = this.#young;
    this.#young = new Map();
  }
}
