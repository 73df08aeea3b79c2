// Models that the requests of a batch name, read out of its bytes while they go by: lines of a file, or a list in one body. Nothing is held
// but the end of a piece, and nothing is parsed; what could hide a name makes all of it unreadable.
import type { NamedModels } from '../contracts/call.ts';

/** More of them, or longer ones, no batch has. */
const MOST_MODELS = 16;
const MOST_CHARS = 100;
/** Characters that are looked at again with the next piece: more than a member and its value may take. */
const CUT = 1_024;
/** Whatever the case: there are providers that read names so. */
const MODEL = /"model"\s*:\s*("(?:[^"\\]|\\.){0,100}")/gi;
/**
 * Letters written as numbers or in sixteen bits, line ends that are none to everybody, white space in which a name could get lost between two
 * pieces, and a name that takes more than is looked at.
 */
const HIDES =
  /\\u00[4-7]|\0|\r[^\n]|"(?:model|prompt)"(?:\s{64}|\s*:\s{64})|"model"\s*:\s*"(?:[^"\\]|\\.){101}/i;
/** A member that goes on behind the end of its line: who reads no lines would see it. */
const TORN = /"(?:model|prompt)"\s*:?\s*$/i;
/** A prompt that is stored at OpenAI knows its model itself. */
const STORED = /"prompt"\s*:\s*\{/i;
/** A part of a form that is written in another way than it is read. */
const CODED = /content-transfer-encoding\s*:(?!\s*(?:binary|[78]bit))/i;
const LINE_END = /\r?\n/;

export class ModelScan implements NamedModels {
  readonly #lines: boolean;
  readonly #models = new Set<string>();
  #unreadable = false;
  /** Some name none. */
  #nameless = false;
  #cut = '';
  /** Of the line that has not ended: it began, and named one. */
  #begun = false;
  #named = false;
  #ended = false;

  /** @param lines each is a request, in a file that may stand in a form; else all of it is one body. */
  constructor(lines: boolean) {
    this.#lines = lines;
  }

  /** Those that were named by all that had to; null = some did not, cannot be read, or did not come yet. */
  get models(): readonly string[] | null {
    return this.#nameless || this.#models.size === 0 ? null : this.mentioned;
  }

  /** Those that were named at all; null = they cannot be read, or did not come yet. */
  get mentioned(): readonly string[] | null {
    return this.#ended && !this.#unreadable ? [...this.#models] : null;
  }

  look(piece: Buffer): void {
    if (this.#unreadable) return;
    const text = this.#cut + piece.toString('latin1');
    if (!this.#lines) {
      this.#read(text);
      this.#cut = text.slice(-CUT);
      return;
    }
    const lines = text.split(LINE_END);
    const open = lines.pop()!;
    for (const line of lines) {
      this.#read(line);
      if (TORN.test(line)) this.#unreadable = true;
      this.#lineOver();
    }
    this.#read(open);
    this.#cut = open.slice(-CUT);
  }

  end(): void {
    if (this.#lines) this.#lineOver();
    this.#ended = true;
    this.#cut = '';
  }

  #read(text: string): void {
    if (HIDES.test(text) || (this.#lines && STORED.test(text))) this.#unreadable = true;
    if (this.#lines && !this.#begun) this.#begin(text);
    for (const [, value] of text.matchAll(MODEL)) this.#note(value!);
  }

  #begin(text: string): void {
    const at = text.indexOf('{');
    if (at === -1) {
      // What stands around the file in a form is no request.
      if (CODED.test(text)) this.#unreadable = true;
      return;
    }
    this.#begun = true;
    if (!/^(?:\xef\xbb\xbf)?\s*$/.test(text.slice(0, at))) this.#unreadable = true;
  }

  #note(value: string): void {
    let name: string;
    try {
      name = JSON.parse(value) as string; // a JSON string, or none
    } catch {
      this.#unreadable = true;
      return;
    }
    this.#named = true;
    this.#models.add(name);
    if (name.length > MOST_CHARS || this.#models.size > MOST_MODELS) this.#unreadable = true;
  }

  #lineOver(): void {
    if (this.#begun && !this.#named) this.#nameless = true;
    this.#begun = false;
    this.#named = false;
  }
}
