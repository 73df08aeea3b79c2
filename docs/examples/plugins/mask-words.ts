// Words that no answer may say become stars, streamed or not, wherever a stream is cut: what may still become one of them is
// held back until it is known.
//
//   plugins:
//     - name: mask-words
//       path: mask-words.ts
//       options: { words: [nightingale] }
import type { Plugin } from 'headgate/plugin';

export default {
  apiVersion: 1,
  create({ words }) {
    if (!Array.isArray(words) || words.length === 0) throw new Error('`options.words` are the words to mask');
    const wanted = words.map((word) => String(word).toLowerCase());
    const pattern = new RegExp(wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gi');
    /** Of each block that is being told, what waits. */
    const held = new Map<string, string>();
    return {
      onDelta({ call, kind, block, text, last }) {
        if (kind !== 'text') return undefined;
        const key = `${call.id}/${block}`;
        const all = (held.get(key) ?? '') + text;
        const masked = all.replace(pattern, (word) => '*'.repeat(word.length));
        if (last) {
          held.delete(key);
          return masked;
        }
        const wait = longestBeginning(masked.toLowerCase(), wanted);
        held.set(key, masked.slice(masked.length - wait));
        return masked.slice(0, masked.length - wait);
      },
      onSettle({ call }) {
        // A stream that broke off never told its end.
        for (const key of held.keys()) if (key.startsWith(`${call.id}/`)) held.delete(key);
      },
    };
  },
} satisfies Plugin;

/** How much of the end of `text` may be the beginning of one of the words. */
function longestBeginning(text: string, words: readonly string[]): number {
  let longest = 0;
  for (const word of words)
    for (let length = word.length - 1; length > longest; length--)
      if (text.endsWith(word.slice(0, length))) longest = length;
  return longest;
}
