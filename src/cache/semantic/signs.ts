// What stands in a text beside its words: operators, currencies, calls of functions, options, and units, whose case means something.

const SIGN = /[+*/\\<>=&|^~%@$€£¥¢₹°§#_{}()[\]]|^[-–−]/u;
const UNIT = /\d\s?(\p{L}{1,3})(?!\p{L})/gu;
const LETTER = /(?<![\p{L}\p{N}'’])(?![aAiI](?![\p{L}\p{N}]))\p{L}(?![\p{L}\p{N}'’])/gu;

/** Pieces that are not words, in order, as they were written; then single letters and units of numbers. */
export function signsOf(text: string): string[] {
  const signs: string[] = [];
  for (const chunk of text.split(/\s+/)) {
    const bare = chunk.replace(/^["'“”«»‘’]+|["'“”«»‘’.,;:!?…]+$/gu, '');
    // A word in brackets is a word.
    const inner = /^[([][^()[\]]*[)\]]$/.test(bare) ? bare.slice(1, -1) : bare;
    if (SIGN.test(inner)) signs.push(inner);
  }
  for (const [letter] of text.matchAll(LETTER)) signs.push(letter);
  for (const [, unit] of text.matchAll(UNIT)) signs.push(unit!);
  return signs;
}
