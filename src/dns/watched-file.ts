// A small system file that may change at any time: read anew when it did, and looked at once a second at most. Read in
// place and not by the thread pool, which may be the very thing that stands still; it is cached by the kernel.
import { readFileSync, statSync } from 'node:fs';

const LOOK_MS = 1_000;

export class WatchedFile<T> {
  readonly #path: string;
  readonly #parse: (text: string | null) => T;
  readonly #now: () => number;
  #lookAt = Number.NEGATIVE_INFINITY;
  #print = '';
  #value: T;

  /** @param parse gets null while there is no file; must not throw. */
  constructor(path: string, parse: (text: string | null) => T, now: () => number) {
    this.#path = path;
    this.#parse = parse;
    this.#now = now;
    this.#value = parse(null);
  }

  /** What the file says now. */
  get value(): T {
    const now = this.#now();
    if (now < this.#lookAt) return this.#value;
    this.#lookAt = now + LOOK_MS;
    const print = fingerprint(this.#path);
    if (print === this.#print) return this.#value;
    try {
      this.#value = this.#parse(print === '' ? null : readFileSync(this.#path, 'utf8'));
      this.#print = print;
    } catch {
      // No descriptor is free, or it is being replaced: what was read last counts until the next look.
    }
    return this.#value;
  }
}

function fingerprint(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  } catch {
    return '';
  }
}
