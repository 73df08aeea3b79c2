// A list of patterns as grants write it, compiled: what is exact into sets, the rest beside them.
import { matchesGlob } from '../names/glob.ts';

export class Patterns {
  /** Null: all that is not denied. */
  readonly #allowed: Names | null;
  /** In lower case: some vendors read names so, and none means two models by one name. */
  readonly #denied: Names;

  /** @param list entries with `!` in front deny. Empty denies all; with denials alone the rest is allowed. */
  constructor(list: readonly string[]) {
    const allowed = list.filter((entry) => !entry.startsWith('!'));
    const denied = list.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1).toLowerCase());
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
    const allowed = this.#allowed;
    return !this.denies(names) && (allowed === null || names.some((name) => allowed.has(name)));
  }

  denies(names: readonly string[]): boolean {
    return !this.#denied.empty && names.some((name) => this.#denied.has(name.toLowerCase()));
  }

  /** One of the names stands in the list by itself. */
  states(names: readonly string[]): boolean {
    return this.#allowed !== null && names.some((name) => this.#allowed!.states(name));
  }

  /**
   * Whether nothing below `place/` is denied: no `place/name`, and no bare `name`.
   *
   * @param nested a bare name there may have the form of another place's (`anthropic/claude-…` at OpenRouter)
   */
  deniesNoneOf(place: string, nested: boolean): boolean {
    return this.#denied.every((entry) => !mayMeet(entry, place.toLowerCase(), nested));
  }

  /** Whether all below `place/` is allowed, and nothing of it denied. */
  allowsAllOf(place: string, nested: boolean): boolean {
    // A pattern that ends in a star and fits what comes before the names fits every name.
    const all =
      this.#allowed?.some((entry) => entry.endsWith('*') && matchesGlob(entry, `${place}/`)) ?? true;
    return all && this.deniesNoneOf(place, nested);
  }

  /** Whether something below `place/`, or by a bare name, may be allowed. */
  allowsSomeOf(place: string, nested: boolean): boolean {
    if (this.denies([`${place}/`])) return false;
    return this.#allowed?.some((entry) => mayMeet(entry, place, nested)) ?? true;
  }
}

/** Whether a pattern may fit a name of something at `place`. */
function mayMeet(entry: string, place: string, nested: boolean): boolean {
  const slash = entry.indexOf('/');
  if (slash < 0 || nested) return true;
  const star = entry.indexOf('*');
  // A star goes past slashes too.
  return star < 0 || star > slash ? entry.slice(0, slash) === place : place.startsWith(entry.slice(0, star));
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

  states(name: string): boolean {
    return this.#exact.has(name);
  }

  some(test: (pattern: string) => boolean): boolean {
    return this.#globs.some(test) || [...this.#exact].some(test);
  }

  every(test: (pattern: string) => boolean): boolean {
    return !this.some((pattern) => !test(pattern));
  }
}
