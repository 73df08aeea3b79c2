// Request headers as two parallel lists: cheaper to fill per request than any map, and a request has few of them.

/** Lower-case names in order of arrival; a repeated header is two entries. */
export class HeaderBag {
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  /** Some header begins with `x-headgate-`: saves the lookups of per-request overrides in the common case. */
  hasOwn = false;

  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
    if (name.charCodeAt(0) === 120 /* x */ && name.startsWith('x-headgate-')) this.hasOwn = true;
  }

  /** Value of a header, repeats joined by `, `; undefined when absent. */
  get(name: string): string | undefined {
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
