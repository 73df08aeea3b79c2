// Stand-ins for values that were taken out of a request: `[EMAIL_1f0c9a3b]`, the same for the same value and caller in every
// turn, worker and node, so that neither a provider's cache nor a proof of reasoning notices a difference from turn to turn.
import { createHmac } from 'node:crypto';
import { anyOf, literally, spellings } from '../body/spellings.ts';
import type { Detector } from './detector.ts';

const FORM = /\[[A-Z][A-Z_]{0,30}_[0-9a-f]{8,16}\]/g;
const BEGINNING = /^\[[A-Z_]{0,32}[0-9a-f]{0,16}$/;
const MAX_CHARS = 52;

/** What one call's placeholders stand for. */
export class Placeholders {
  readonly #secret: Buffer;
  readonly #scope: string;
  /** Null: nothing was taken out. */
  #values: Map<string, string> | null = null;

  /** @param scope whose values they are: two callers' are never the same. */
  constructor(secret: Buffer, scope: string) {
    this.#secret = secret;
    this.#scope = scope;
  }

  get size(): number {
    return this.#values?.size ?? 0;
  }

  /** The placeholder of a value from now on. */
  of(label: string, value: string): string {
    const print = createHmac('sha256', this.#secret)
      .update(`${this.#scope}\0${label}\0${value}`)
      .digest('hex');
    const values = (this.#values ??= new Map());
    // Two values with one name would be mixed up: the later one gets a longer one.
    for (let length = 8; ; length++) {
      const name = `[${label}_${print.slice(0, length)}]`;
      const other = values.get(name);
      if (other !== undefined && other !== value && length < 16) continue;
      values.set(name, value);
      return name;
    }
  }

  /** Each value in `text` as its placeholder, the longest where several begin; what else it says stays. */
  conceal(text: string): string {
    const values = this.#values;
    if (values === null) return text;
    const names = new Map([...values].map(([name, value]) => [value, name]));
    const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length);
    const any = new RegExp(longestFirst.map(literally).join('|'), 'g');
    return text.replace(any, (value) => names.get(value)!);
  }

  /** As `conceal`, in bytes of whatever kind, as they are and as JSON writes them, in a text within JSON too; gives `bytes` back where none stands. */
  concealBytes(bytes: Buffer): Buffer {
    if (this.#values === null) return bytes;
    const names = new Map<string, string>();
    for (const [name, value] of this.#values)
      for (const form of written(value)) {
        const needle = Buffer.from(form);
        if (bytes.includes(needle)) names.set(needle.toString('latin1'), name);
      }
    if (names.size === 0) return bytes;
    const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length);
    return Buffer.from(
      bytes.toString('latin1').replace(anyOf(longestFirst), (value) => names.get(value)!),
      'latin1',
    );
  }

  /** What it stands for; null = nothing here. */
  value(placeholder: string): string | null {
    return this.#values?.get(placeholder) ?? null;
  }
}

/** A value in every spelling of JSON, and in JSON within a text of JSON (arguments of tools). */
function written(value: string): Set<string> {
  const once = spellings(value);
  return new Set([...once, ...once.map((form) => JSON.stringify(form).slice(1, -1))]);
}

/** Finds placeholders in answers. */
export const placeholderDetector: Detector = {
  label: 'PLACEHOLDER',
  literals: null,
  signs: '[',
  next(text, from) {
    FORM.lastIndex = from;
    const match = FORM.exec(text);
    return match === null ? null : { start: match.index, end: FORM.lastIndex };
  },
  undecided(text, from) {
    const at = text.lastIndexOf('[');
    if (at < from || text.length - at > MAX_CHARS || !BEGINNING.test(text.slice(at))) return text.length;
    return at;
  },
};
