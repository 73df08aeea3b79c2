// What one worker keeps in memory: bounded in bytes, what was not used for longest goes first. A pointer to what calls hold
// anyway, so that keeping costs nothing but the memory.
//
//   oldest use ─► … ─► newest use        full: from the left; over its time: when it is met
import type { Stored } from '../contracts/responses.ts';
import { sizeOf } from './stored.ts';

/** One may take so large a part of the room. */
const LARGEST_PART = 4;

interface Entry {
  value: Stored;
  bytes: number;
}

export class Shelf {
  readonly #wall: () => number;
  readonly #entries = new Map<string, Entry>();
  #maxBytes = 0;
  #bytes = 0;

  /** @param wall ms since 1970. */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How much it may hold from now on. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#shrink();
  }

  /** @returns false when it is too large to be kept at all; an older one of that name is gone then too. */
  put(value: Stored): boolean {
    this.drop(value.owner, value.id);
    const bytes = sizeOf(value);
    if (bytes > this.#maxBytes / LARGEST_PART) return false;
    this.#entries.set(keyOf(value.owner, value.id), { value, bytes });
    this.#bytes += bytes;
    this.#shrink();
    return true;
  }

  get(owner: string, id: string): Stored | null {
    const key = keyOf(owner, id);
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    if (entry.value.expiresMs <= this.#wall()) {
      this.#bytes -= entry.bytes;
      return null;
    }
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @returns whether it was there. */
  drop(owner: string, id: string): boolean {
    const key = keyOf(owner, id);
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    return entry.value.expiresMs > this.#wall();
  }

  /** Lets go of what is over, as far as it was used before all that is not. */
  sweep(): void {
    const now = this.#wall();
    for (const [key, entry] of this.#entries) {
      if (entry.value.expiresMs > now) return;
      this.#entries.delete(key);
      this.#bytes -= entry.bytes;
    }
  }

  #shrink(): void {
    this.sweep();
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(key);
      this.#bytes -= entry.bytes;
    }
  }
}

// No name of a principal holds a line end.
function keyOf(owner: string, id: string): string {
  return `${owner}\n${id}`;
}
