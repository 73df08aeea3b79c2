// Words that are known beforehand, found by their bytes: what is none of them costs a look at a list and makes no string.

interface Known {
  readonly bytes: Buffer;
  readonly word: string;
}

export class KnownWords {
  readonly #byLength: readonly (readonly Known[])[];

  /** @param words in plain ASCII. */
  constructor(words: Iterable<string>) {
    const all = [...new Set(words)];
    const longest = Math.max(0, ...all.map(({ length }) => length));
    this.#byLength = Array.from({ length: longest + 1 }, (_, length) =>
      all.filter((word) => word.length === length).map((word) => ({ word, bytes: Buffer.from(word) })),
    );
  }

  /** The word that body[start, end) is; '' = none of them. */
  find(body: Buffer, start: number, end: number): string {
    const candidates = this.#byLength[end - start];
    if (candidates === undefined) return '';
    for (let index = 0; index < candidates.length; index++) {
      const { bytes, word } = candidates[index]!;
      let at = 0;
      while (at < bytes.length && bytes[at] === body[start + at]) at++;
      if (at === bytes.length) return word;
    }
    return '';
  }
}
