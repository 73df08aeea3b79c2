// The name of an entry, 43 characters of base64url (cache/key.ts), as numbers that a table can hold and compare, and back.

/** Of 30 bits each: five characters. */
export const NAME_WORDS = 9;
const NAME_LENGTH = 43;
const CHARS_PER_WORD = 5;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NONE = 255;
const VALUES = new Uint8Array(128).fill(NONE);
for (let at = 0; at < ALPHABET.length; at++) VALUES[ALPHABET.charCodeAt(at)] = at;

/** @returns whether it is such a name at all; `into` is of no use otherwise. */
export function readName(name: string, into: Int32Array): boolean {
  if (name.length !== NAME_LENGTH) return false;
  // What is no such character leaves a bit here that the others have not.
  let seen = 0;
  for (let at = 0, index = 0; index < NAME_WORDS; index++) {
    let word = 0;
    for (const end = Math.min(NAME_LENGTH, at + CHARS_PER_WORD); at < end; at++) {
      const code = name.charCodeAt(at);
      const value = VALUES[code & 127]!;
      seen |= value | (code & ~127);
      word = (word << 6) | value;
    }
    into[index] = word;
  }
  return seen < 64;
}

/** What was read into the numbers from `from` on. */
export function nameOf(words: Int32Array, from: number): string {
  let name = '';
  for (let at = 0; at < NAME_LENGTH; at++) {
    const index = (at / CHARS_PER_WORD) | 0;
    const last = Math.min(NAME_LENGTH, (index + 1) * CHARS_PER_WORD) - 1;
    name += ALPHABET[(words[from + index]! >> (6 * (last - at))) & 63]!;
  }
  return name;
}
