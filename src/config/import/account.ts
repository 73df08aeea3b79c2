// What becomes of each key of another gateway's file: taken over, explained, or reported as having no counterpart. Nothing is guessed.
import type { ConfigFile } from '../file.ts';
import { type Path, pathKey, showPath } from '../path.ts';

export type Mapping = Record<string, unknown>;

export class ImportAccount {
  readonly #file: ConfigFile;
  readonly #done = new Set<string>();
  readonly #lines: { offset: number; text: string }[] = [];

  /** When it is read, ms since 1970. */
  readonly nowMs: number;

  constructor(file: ConfigFile, nowMs: number) {
    this.#file = file;
    this.nowMs = nowMs;
  }

  /** The value at a place, without a word about it. */
  look(path: Path): unknown {
    let at: unknown = this.#file.value;
    for (const part of path) {
      if (typeof at !== 'object' || at === null) return undefined;
      at = (at as Mapping)[part];
    }
    return at;
  }

  /** The value at a place, which is taken over with all that is below it. */
  take(path: Path): unknown {
    this.#done.add(pathKey(path));
    return this.look(path);
  }

  text(path: Path): string | undefined {
    const value = this.take(path);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  number(path: Path): number | undefined {
    const value = this.take(path);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  mapping(path: Path): Mapping {
    const value = this.look(path);
    return isMapping(value) ? value : {};
  }

  list(path: Path): readonly unknown[] {
    const value = this.look(path);
    return Array.isArray(value) ? value : [];
  }

  /** Says something of a place, which is then done with. */
  say(path: Path, text: string): void {
    this.#done.add(pathKey(path));
    this.#lines.push({ offset: this.#file.find(path, true), text: `${showPath(path)}: ${text}` });
  }

  /** One line each, in the order of the file, with `name:line:column`. */
  report(): string[] {
    this.#findRest([], this.#file.value);
    const twice = this.#file.twice.map((offset) => ({
      offset,
      text: 'this key stands once more in the same mapping, where the last one counts: what stands here is left out',
    }));
    const lines = [...this.#lines, ...twice].sort((a, b) => a.offset - b.offset);
    return lines.map(({ offset, text }) => `${this.#file.at(offset)}: ${text}`);
  }

  /** @returns whether something below was taken over. */
  #findRest(path: Path, value: unknown): boolean {
    if (this.#done.has(pathKey(path))) return true;
    const entries = entriesOf(value);
    const open = entries.filter(([key, inner]) => !this.#touched([...path, key], inner));
    if (path.length > 0 && open.length === entries.length) {
      this.say(path, 'has no counterpart here and is left out');
      return true;
    }
    for (const [key, inner] of entries) this.#findRest([...path, key], inner);
    return true;
  }

  #touched(path: Path, value: unknown): boolean {
    if (this.#done.has(pathKey(path))) return true;
    return entriesOf(value).some(([key, inner]) => this.#touched([...path, key], inner));
  }
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((inner, index) => [index, inner]);
  return isMapping(value) ? Object.entries(value) : [];
}
