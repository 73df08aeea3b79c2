// What is written into an agent's own file, whatever format that is of.

export type SettingValue = string | boolean | { readonly [key: string]: SettingValue };

/** One value at its place: `['env', 'ANTHROPIC_BASE_URL']`. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: SettingValue;
}

/** A format of configuration files. All pure: texts in, texts out; what it does not own stays byte for byte. */
export interface FileFormat {
  /** @param text '' = there is no file. @throws BadFile when it is not of this format. */
  apply(text: string, settings: readonly Setting[]): string;
  /**
   * Takes settings out again of a file that was changed since. A value that is not ours any more stays.
   * @param before what the file was.
   */
  revert(text: string, settings: readonly Setting[], before: string): string;
  /** What the file says at a place; undefined = nothing. @throws BadFile */
  read(text: string, path: readonly string[]): unknown;
}

/** A file cannot be understood, and so is not touched. */
export class BadFile extends Error {}

export function at(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    // Own key of an object, as was just asked.
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sorted(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
