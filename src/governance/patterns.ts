// A list of patterns as grants write it, compiled: what is exact into sets, the rest beside them.
import { matchesGlob } from '../names/glob.ts';

export class Patterns {
  /** Null: all that is not denied. */
  readonly #allowed: Names | null;
  readonly #denied: Names;

  /** @param list entries with `!` in front deny. Empty denies all; with denials alone the rest is allowed. */
  constructor(list: readonly string[]) {
    const allowed = list.filter((entry) => !entry.startsWith('!'));
    const denied = list.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1));
    const open = (allowed.length === 0 && denied.length > 0) || allowed.includes('*');
    this.#allowed = open ? null : new Names(allowed);
    this.#denied = new Names(denied);
  }

  /** There is nothing it refuses. */
  get allowsAll(): boolean {
    return this.#allowed === null && this.#denied.empty;
  }

  /** Whether what goes by these names may be used: none is denied, and one is allowed. */
  allows(names: readonly string[]): boolean {
    if (!this.#denied.empty && names.some((name) => this.#denied.has(name))) return false;
    const allowed = this.#allowed;
    return allowed === null || names.some((name) => allowed.has(name));
  }
}

class Names {
  readonly #exact: ReadonlySet<string>;
  readonly #globs: readonly string[];

  constructor(patterns: readonly string[]) {
    this.#exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
    this.#globs = patterns.filter((pattern) => pattern.includes('*'));
  }

  get empty(): boolean {
    return this.#exact.size === 0 && this.#globs.length === 0;
  }

  has(name: string): boolean {
    return this.#exact.has(name) || this.#globs.some((glob) => matchesGlob(glob, name));
  }
}
