// What small words say: when, whether one can or must, whose, from where. Questions that differ in nothing else are other questions
// ("Who is the mayor?", "Who was the mayor?"), and no vector tells them apart.
import { areSame } from '../same-texts.ts';

/** Words of a past: those that end in `ed` are some too. */
const PAST = new Set('was were did had been gave went made wrote written ran found bought'.split(' '));
const FUTURE = new Set(["won't", 'will', 'shall', 'gonna']);
const MODALS: ReadonlyMap<string, string> = new Map(
  'can=can could=can may=may might=may must=must should=should ought=should would=would'
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]), // two parts each, as written above
);
const PERSONS: ReadonlyMap<string, string> = new Map([
  ...'i me my mine myself'.split(' ').map((word) => [word, 'i'] as const),
  ...'we us our ours ourselves'.split(' ').map((word) => [word, 'we'] as const),
  ...'you your yours yourself'.split(' ').map((word) => [word, 'you'] as const),
]);
const NEAR = new Set(['this', 'these', 'here']);
const FAR = new Set(['that', 'those', 'there']);
/** Each of them says something else, and is never left out. */
const LINKS = new Set('from by about with into or if but'.split(' '));
/** One may be left out, or said otherwise; one in the place of another says something else. */
const PLACES = new Set('in on at of to for'.split(' '));
const BE = new Set('is are was were be been'.split(' '));
/** They frame a question, and mean nobody: `tell me`. */
const ASKING = new Set('tell show give help teach remind let'.split(' '));
const POLITE = new Set('can could would will'.split(' '));

interface Said {
  past: number;
  future: number;
  modals: string[];
  persons: string[];
  where: string[];
  links: string[];
  places: Set<string>;
}

/** @param one all words of a text in order, lower case, as they were written. */
export function smallWordsDiffer(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [said(one), said(other)];
  return (
    a.past !== b.past ||
    a.future !== b.future ||
    !areSame(a.modals, b.modals) ||
    !areSame(a.links, b.links) ||
    bothAndOther(a.persons, b.persons) ||
    bothAndOther(a.where, b.where) ||
    (hasOther(a.places, b.places) && hasOther(b.places, a.places))
  );
}

function said(words: readonly string[]): Said {
  const all: Said = {
    past: 0,
    future: 0,
    modals: [],
    persons: [],
    where: [],
    links: [],
    places: new Set(),
  };
  // `Could you …` asks for what follows.
  const polite = words.length > 2 && POLITE.has(words[0]!) && words[1] === 'you';
  for (let at = polite ? 2 : 0; at < words.length; at++) {
    const word = words[at]!;
    const before = words[at - 1] ?? '';
    const next = words[at + 1] ?? '';
    if (PAST.has(word) || /[a-z]{3}ed$/.test(word)) all.past++;
    else if (FUTURE.has(word)) all.future++;
    const modal = MODALS.get(word) ?? (/^(?:have|has|had)$/.test(word) && next === 'to' ? 'must' : undefined);
    // How one can, or should, is how one does; who would like to asks.
    const means = modal !== undefined && before !== 'how' && next !== 'like';
    if (means) all.modals.push(modal);
    const person = PERSONS.get(word);
    const frames =
      ASKING.has(before) || before === 'thank' || (at === 0 && word === 'i' && /^(?:want|need)$/.test(next));
    if (person !== undefined && !frames && all.persons.at(-1) !== person) all.persons.push(person);
    const exists = word === 'there' && (BE.has(before) || BE.has(next) || next === 'a');
    if (NEAR.has(word)) push(all.where, 'near');
    else if (FAR.has(word) && !exists) push(all.where, 'far');
    if (LINKS.has(word)) all.links.push(word);
    if (PLACES.has(word)) all.places.add(word);
  }
  all.links.sort();
  return all;
}

/** Whether `one` has what `other` has not. */
function hasOther(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const word of one) if (!other.has(word)) return true;
  return false;
}

function push(list: string[], item: string): void {
  if (list.at(-1) !== item) list.push(item);
}

/** What one side leaves out may be meant: `the account`, `my account`. */
function bothAndOther(one: readonly string[], other: readonly string[]): boolean {
  return one.length > 0 && other.length > 0 && !areSame(one, other);
}
