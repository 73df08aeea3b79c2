// Takes the keys of callers out of log lines. One expression finds a few of them in 0.1 us a line; of a hundred thousand
// it takes ten seconds to build, anew with each key that comes or goes, and 20 ms a line. Then a line is read once,
// whatever their number (2 us): the hash of each eight characters tells whether a key may end there (M. O. Rabin,
// R. M. Karp, 1987).
import { anyOf, spellings } from '../body/spellings.ts';
import { MASK } from './redact.ts';

/** Spellings that one expression finds; beyond that many it has only those that are too short for an anchor. */
const FEW = 64;
/** Characters at the end of a key that it is found by. */
const ANCHOR = 8;
const BASE = 31;
/** Weight of the character that leaves the window. */
const LEAVING = Array.from({ length: ANCHOR }).reduce((weight: number) => Math.imul(weight, BASE), 1);
/** Of the filter in front of the table, per key: about one window in sixteen passes by chance. */
const BITS_PER_KEY = 16;
const MIN_BITS = 1 << 13;

export class KeyMask {
  /** By the hash of their last characters. */
  readonly #ends = new Map<number, string[]>();
  readonly #short = new Set<string>();
  /** Null: to be made. */
  #expression: RegExp | null = null;
  #filter = new Uint32Array(MIN_BITS / 32);
  #size = 0;

  put(key: string): void {
    for (const spelling of new Set(spellings(key))) {
      if (spelling.length < ANCHOR) this.#short.add(spelling);
      else this.#add(spelling);
    }
    this.#expression = null;
  }

  drop(key: string): void {
    for (const spelling of new Set(spellings(key))) {
      if (spelling.length < ANCHOR) this.#short.delete(spelling);
      else this.#remove(spelling);
    }
    this.#expression = null;
  }

  /** `text` with every key replaced, in every spelling that JSON has for it. */
  mask(text: string): string {
    this.#expression ??= this.#express();
    const rest = text.replace(this.#expression, MASK);
    return this.#size > FEW ? this.#maskMany(rest) : rest;
  }

  #express(): RegExp {
    const long = this.#size > FEW ? [] : [...this.#ends.values()].flat();
    // Longest first: a key that holds another one goes as a whole.
    return anyOf([...long, ...this.#short].sort((a, b) => b.length - a.length));
  }

  #maskMany(text: string): string {
    const filter = this.#filter;
    const places = filter.length - 1;
    let hits: [from: number, to: number][] | null = null;
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash, BASE) + text.charCodeAt(at);
      if (at >= ANCHOR) hash -= Math.imul(LEAVING, text.charCodeAt(at - ANCHOR));
      hash |= 0;
      if (((filter[(hash >>> 5) & places]! >>> (hash & 31)) & 1) === 0) continue;
      const length = this.#longestAt(hash, text, at + 1);
      if (length > 0) (hits ??= []).push([at + 1 - length, at + 1]);
    }
    return hits === null ? text : replaced(text, hits);
  }

  #longestAt(hash: number, text: string, end: number): number {
    let longest = 0;
    for (const key of this.#ends.get(hash) ?? [])
      if (key.length > longest && text.endsWith(key, end)) longest = key.length;
    return longest;
  }

  #add(key: string): void {
    const hash = hashOfEnd(key);
    const same = this.#ends.get(hash);
    if (same === undefined) this.#ends.set(hash, [key]);
    else if (!same.includes(key)) same.push(key);
    else return;
    this.#size++;
    if (this.#size * BITS_PER_KEY > this.#filter.length * 32) this.#widen();
    else this.#mark(hash);
  }

  /** Its bits stay until the filter is widened: they only cost a look into the table. */
  #remove(key: string): void {
    const hash = hashOfEnd(key);
    const same = this.#ends.get(hash);
    if (same?.includes(key) !== true) return;
    this.#size--;
    if (same.length === 1) this.#ends.delete(hash);
    else same.splice(same.indexOf(key), 1);
  }

  #widen(): void {
    this.#filter = new Uint32Array(this.#filter.length * 2);
    for (const hash of this.#ends.keys()) this.#mark(hash);
  }

  #mark(hash: number): void {
    const places = this.#filter.length - 1;
    this.#filter[(hash >>> 5) & places]! |= 1 << (hash & 31);
  }
}

function hashOfEnd(key: string): number {
  let hash = 0;
  for (let at = key.length - ANCHOR; at < key.length; at++)
    hash = (Math.imul(hash, BASE) + key.charCodeAt(at)) | 0;
  return hash;
}

/** Keys that overlap go as one. */
function replaced(text: string, hits: [from: number, to: number][]): string {
  hits.sort(([a], [b]) => a - b);
  let out = '';
  let done = 0;
  for (const [from, to] of hits) {
    if (from >= done) out += text.slice(done, from) + MASK;
    if (to > done) done = to;
  }
  return out + text.slice(done);
}
