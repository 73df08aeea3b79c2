// What two questions must have in common beside their vectors before one's answer is given to the other: vectors of "the capital of
// France" and "of Germany", or of "with" and "without", lie close together whatever made them.
import { areSame } from '../same-texts.ts';
import { signsOf } from './signs.ts';
import { smallWordsDiffer } from './small-words.ts';
import { orderDiffers } from './word-order.ts';
import { type Words, wordsOf } from './words.ts';

/** What keeps two questions apart. */
export type Difference =
  | 'numbers'
  | 'signs'
  | 'dates'
  | 'names'
  | 'quotes'
  | 'addresses'
  | 'negations'
  | 'language'
  | 'question'
  | 'opposites'
  | 'small words'
  | 'forms'
  | 'words'
  | 'order';

const NUMBER = /\d+(?:[.,:/]\d+)*%?/g;
const QUOTED = /"([^"]+)"|“([^”]+)”|«([^»]+)»|`+([^`]+)`+|(?<![\p{L}\d])'([^']+)'(?![\p{L}\d])/gu;
const ADDRESS =
  /\b(?:https?:\/\/|www\.)\S+|\b[\w.+-]+@[\w-]+\.[\w.]+|(?:~|\.{0,2})\/[\w./-]+|\b[A-Za-z]:\\\S+|\b[\w-]+\.(?:com|org|net|io|dev|ts|js|py|json|ya?ml|md|txt|csv|go|rs|java)\b/g;
const CAPITAL = /(?<=[^\s.!?:;"“(\n-]\s+)[\p{Lu}][\p{L}\p{M}\d'’-]*|\b\p{Lu}{2,}[\p{Lu}\d-]*\b/gu;
const DATES = new Set(
  (
    'january february march april may june july august september october november december monday tuesday wednesday thursday friday ' +
    'saturday sunday today tomorrow yesterday tonight now morning noon afternoon evening night midnight week month year century decade ' +
    'weekend weekday spring summer autumn fall winter last next previous current past future am pm bc ad'
  ).split(' '),
);
/** Who asks of words minds their endings. */
const GRAMMAR = new Set(
  (
    'word words spell spelled spelling plural singular tense verb noun adverb adjective grammar grammatical conjugate conjugation participle ' +
    'pronounce pronunciation comparative superlative synonym antonym syllable syllables letter letters rhyme rhymes'
  ).split(' '),
);
/** `what` and `which` stand for any of them. */
const QUESTIONS = new Set(['who', 'whom', 'whose', 'when', 'where', 'why']);
const NEGATION =
  /\b(?:not|no|never|none|nothing|nobody|neither|nor|without|cannot|except|exclude|excluding|unless|hardly|stop|avoid|nicht|kein\w*|ohne|nie|pas|jamais|sans|sin|nunca|non|senza|mai|niet|geen|zonder|não|sem)\b|n['’]t\b|\b(?:un|non-|dis|in|im|ir)(?:able|possible|known|safe|stable|valid|legal|healthy|happy|visible|signed|install|lock|subscribe|connect|like|likely|secure|correct|complete|regular|active)\w*\b/giu;
const OPPOSITES: readonly (readonly [string, string])[] = (
  'with/without increase/decrease raise/lower raise/reduce maximum/minimum first/last before/after buy/sell open/close start/stop start/end ' +
  'enable/disable allow/deny allow/block add/remove push/pull encode/decode encrypt/decrypt compress/decompress upload/download import/export ' +
  'left/right up/down hot/cold cheap/expensive cheapest/most big/small large/small long/short high/low highest/lowest best/worst good/bad ' +
  'more/less most/least inside/outside above/below ascending/descending asc/desc public/private client/server input/output read/write ' +
  'morning/night morning/evening day/night true/false yes/no pros/cons advantage/disadvantage benefit/risk benefit/drawback cause/effect cause/symptom ' +
  'safe/dangerous legal/illegal old/new oldest/newest young/old male/female man/woman boy/girl mother/father husband/wife send/receive ' +
  'lend/borrow win/lose arrive/depart attack/defend accept/reject agree/disagree install/uninstall lock/unlock love/hate gain/lose positive/negative ' +
  'north/south east/west front/back top/bottom sync/async mutable/immutable static/dynamic horizontal/vertical row/column dog/cat'
)
  .split(' ')
  .map((pair) => pair.split('/') as [string, string]); // two parts each, as written above

/** A few words of a language that few texts go without; one such word decides nothing. */
const LANGUAGES: readonly (readonly [string, ReadonlySet<string>])[] = (
  [
    ['en', 'the is of and to in what how do does are can for with my you this it'],
    ['de', 'der die das ist und wie was ich ein eine nicht mit zu den von für auf kann mein'],
    ['fr', 'le la les est et comment que je un une des pas avec du quel quelle pour mon puis'],
    ['es', 'el la los es y cómo que qué un una de no con para por mi cuál puedo en'],
    ['it', 'il lo gli è e come che un una di non con per mio qual sono della posso'],
    ['pt', 'o os é e como que um uma de não com para por meu qual posso em do da'],
    ['nl', 'de het is en hoe wat ik een niet met van voor op kan mijn te'],
  ] as const
).map(([name, words]) => [name, new Set(words.split(' '))] as const);

/**
 * @returns what keeps the two apart; null = nothing that can be seen. Stricter than the meaning of words needs: a hit that is missed
 *   costs a call, a wrong one costs trust.
 */
export function differenceOf(one: string, other: string): Difference | null {
  if (one === other) return null;
  if (!areSame(matches(one, ADDRESS), matches(other, ADDRESS))) return 'addresses';
  if (!areSame(quotes(one), quotes(other))) return 'quotes';
  const ours = wordsOf(one);
  const theirs = wordsOf(other);
  const numbers = (text: string, all: readonly string[]): string[] => [
    ...matches(text, NUMBER),
    ...all.filter((word) => /^\d+$/.test(word) && !text.includes(word)),
  ];
  if (!areSame(numbers(one, ours.all), numbers(other, theirs.all))) return 'numbers';
  const dates = ({ all }: { all: readonly string[] }): string[] => all.filter((word) => DATES.has(word));
  if (!areSame(dates(ours).sort(), dates(theirs).sort())) return 'dates';
  if (!areSame(signsOf(one), signsOf(other))) return 'signs';
  if (scriptOf(one) !== scriptOf(other)) return 'language';
  const [language, another] = [languageOf(ours.all), languageOf(theirs.all)];
  if (language !== '' && another !== '' && language !== another) return 'language';
  if (matches(one, NEGATION).length !== matches(other, NEGATION).length) return 'negations';
  const asked = ({ all }: { all: readonly string[] }): string[] => all.filter((word) => QUESTIONS.has(word));
  if (!areSame(asked(ours).sort(), asked(theirs).sort())) return 'question';
  if (namesDiffer(one, other, ours.all, theirs.all)) return 'names';
  const mine = without(ours.content, theirs.content);
  const yours = without(theirs.content, ours.content);
  if (opposed(ours.all, theirs.all)) return 'opposites';
  if (mine.length + yours.length > 0) {
    const shared = ours.content.length - mine.length;
    // A word or some in the place of others, or beside them, ask something else far more often than not: the longer the text, the less a
    // vector sees of it. Where most of the words are others it does.
    const least = Math.max(2, shared + 1);
    return mine.length < least || yours.length < least ? 'words' : null;
  }
  if (smallWordsDiffer(ours.raw, theirs.raw)) return 'small words';
  if ((asksOfWords(ours) || isForeign(ours) || isForeign(theirs)) && formsDiffer(ours, theirs))
    return 'forms';
  return orderDiffers(ours, theirs) ? 'order' : null;
}

/** Where words are what is asked of, `mice` is not `mouse`. */
function asksOfWords({ raw }: Words): boolean {
  return raw.some((word) => GRAMMAR.has(word));
}

/** Endings are English ones: in another language a word that looks alike is another. */
function isForeign({ all }: Words): boolean {
  const spoken = LANGUAGES.filter(([, words]) => all.some((word) => words.has(word)));
  return spoken.length > 0 && spoken.every(([name]) => name !== 'en');
}

function formsDiffer(ours: Words, theirs: Words): boolean {
  return !areSame(
    without(ours.raw, theirs.raw).filter(carries),
    without(theirs.raw, ours.raw).filter(carries),
  );
}

/** It is no small word. */
function carries(word: string): boolean {
  return wordsOf(word).content.length > 0;
}

/** Names are written with a capital; in a text that has none, or only such, they cannot be told. */
function namesDiffer(
  one: string,
  other: string,
  ours: readonly string[],
  theirs: readonly string[],
): boolean {
  const [mine, yours] = [namesIn(one), namesIn(other)];
  if (areSame(mine, yours)) return false;
  // What is a name on one side may be written small, or begin the sentence, on the other.
  const missing = (names: readonly string[], words: readonly string[]): boolean =>
    names.some((name) => !wordsOf(name).all.every((word) => words.includes(word)));
  if (missing(mine, theirs) || missing(yours, ours)) return true;
  const both = mine.filter((name) => yours.includes(name));
  return !areSame(
    both,
    yours.filter((name) => mine.includes(name)),
  );
}

function namesIn(text: string): string[] {
  return matches(text, CAPITAL)
    .map((name) => name.replace(/['’]s$/, '').toLowerCase())
    .filter((name) => name !== 'i' && !name.startsWith("i'"));
}

function opposed(ours: readonly string[], theirs: readonly string[]): boolean {
  return OPPOSITES.some(([one, other]) => {
    const mine = [ours.includes(one), ours.includes(other)];
    const yours = [theirs.includes(one), theirs.includes(other)];
    return (mine[0] && !mine[1] && yours[1] && !yours[0]) || (mine[1] && !mine[0] && yours[0] && !yours[1]);
  });
}

const SCRIPTS = [
  'Han',
  'Hiragana',
  'Hangul',
  'Cyrillic',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Greek',
  'Thai',
].map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const);

/** The first script besides Latin that it has letters of; '' = none. */
function scriptOf(text: string): string {
  return SCRIPTS.find(([, letters]) => letters.test(text))?.[0] ?? '';
}

/** The language whose small words it has; '' = it has too few. */
function languageOf(all: readonly string[]): string {
  let best = '';
  let most = 1;
  for (const [name, words] of LANGUAGES) {
    const count = all.filter((word) => words.has(word)).length;
    if (count > most) [best, most] = [name, count];
  }
  return best;
}

function matches(text: string, pattern: RegExp): string[] {
  return text.match(pattern) ?? [];
}

function quotes(text: string): string[] {
  return [...text.matchAll(QUOTED)].map((found) => found.slice(1).find((part) => part !== undefined) ?? '');
}

/** What of `words` is not in `others`, each of which counts once. */
function without(words: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return words.filter((word) => {
    const at = left.indexOf(word);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}
