// Words and phrases, any number of them, in one pass.
import { LiteralTable } from './aho-corasick.ts';
import type { Detector, Match } from './detector.ts';

export interface KeywordOptions {
  words: readonly string[];
  caseSensitive: boolean;
  wholeWords: boolean;
}

const WORD = /[\p{L}\p{N}_]/u;

export function keywordDetector({ words, caseSensitive, wholeWords }: KeywordOptions): Detector {
  const table = new LiteralTable(words);
  /** The text looked through last, and its matches by their start. */
  let text: string | null = null;
  let matches: Match[] = [];

  const look = (all: string): void => {
    text = all;
    matches = [];
    table.find(all, 0, (word, end) => {
      const start = end - words[word]!.length;
      if (caseSensitive && all.slice(start, end) !== words[word]) return;
      if (wholeWords && !standsAlone(all, start, end)) return;
      matches.push({ start, end });
    });
    matches.sort((a, b) => a.start - b.start || b.end - a.end);
  };

  return {
    label: 'KEYWORD',
    literals: words,
    byLiterals: true,
    next(all, from) {
      if (all !== text) look(all);
      let low = 0;
      let high = matches.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (matches[middle]!.start < from) low = middle + 1;
        else high = middle;
      }
      return matches[low] ?? null;
    },
    // A phrase that is whole may be the beginning of a longer one, or of a longer word: it is pending until the next character.
    undecided: (all, from) => all.length - table.pending(all, from),
  };
}

/** No letter or digit goes on at either side, unless the word itself begins or ends with something else. */
function standsAlone(text: string, start: number, end: number): boolean {
  const before = start > 0 && isWord(text, start - 1) && isWord(text, start);
  const behind = end < text.length && isWord(text, end) && isWord(text, end - 1);
  return !before && !behind;
}

function isWord(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 128)
    return (unit >= 48 && unit <= 57) || ((unit | 32) >= 97 && (unit | 32) <= 122) || unit === 95;
  return WORD.test(text[at]!);
}
