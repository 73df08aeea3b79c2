// The words of a command that runs a program.

/** Options of ours come before the program: what is behind it is its own. */
export function split(
  words: readonly string[],
  withValue: readonly string[],
): [own: string[], program: string[]] {
  const own: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') return [own, words.slice(at + 1)];
    if (!word.startsWith('-')) return [own, words.slice(at)];
    own.push(word);
    if (withValue.includes(word)) own.push(words[++at] ?? '');
  }
  return [own, []];
}
