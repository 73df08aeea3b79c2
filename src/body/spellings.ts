// Values as they may stand in bodies and lines that nobody parses: how JSON writers spell them, and one expression that finds them. Pure.

/** Shorter ones are found as a whole word only: they may be a part of others. */
const SAFE_LENGTH = 8;

/** The spellings a JSON writer may give to `value`: plain, JS, `\/` (PHP), ASCII-only (Python), `\u003c` (Go). */
export function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const code = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const ascii = json.replace(/[\u007f-\uffff]/g, code);
  const go = json.replace(/[<>&\u2028\u2029]/g, code);
  return [value, json, json.replaceAll('/', '\\/'), ascii, ascii.replaceAll('/', '\\/'), go];
}

/** Matches the first of `needles`, taken literally, that fits; short ones as a whole word only. */
export function anyOf(needles: readonly string[]): RegExp {
  const sources = needles.map((needle) => {
    const literal = literally(needle);
    return needle.length < SAFE_LENGTH ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal;
  });
  return new RegExp(sources.join('|') || '(?!)', 'g');
}

/** Source of an expression that matches `text` alone. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
