// Request headers as two parallel lists: cheaper to fill per request than any map, and a request has few of them.

/** Lower-case names in order of arrival; a repeated header is two entries. */
export class HeaderBag {
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  /** Which lengths and first letters of names there are, a bit for each: most names that are asked for are not there. */
  #kinds = 0;
  /** Some header begins with `x-headgate-`: saves the lookups of per-request overrides in the common case. */
  hasOwn = false;

  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
    this.#kinds |= kindOf(name);
    if (name.charCodeAt(0) === 120 /* x */ && name.startsWith('x-headgate-')) this.hasOwn = true;
  }

  /** Value of a header, repeats joined by `, `; undefined when absent. */
  get(name: string): string | undefined {
    if ((this.#kinds & kindOf(name)) === 0) return undefined;
    let found: string | undefined;
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      if (names[i] === name) found = found === undefined ? this.#values[i]! : `${found}, ${this.#values[i]!}`;
    }
    return found;
  }

  get count(): number {
    return this.#names.length;
  }

  nameAt(index: number): string {
    return this.#names[index]!;
  }

  valueAt(index: number): string {
    return this.#values[index]!;
  }
}

/** One of 32 bits. Names of other bits are other names. */
function kindOf(name: string): number {
  return 1 << ((name.length + 5 * name.charCodeAt(0)) & 31);
}
