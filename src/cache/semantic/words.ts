// A question as the words that carry it: lower case, without what only frames or links it, inflections and a few spellings made one.
// For English first; other languages are told apart, and compared by their plain words.

/** Links and frames: what is asked is the same with and without them. */
const LINKS = new Set(
  (
    'a an the of in on at for to and or is are was were be been being am do does did done have has had i me my we us our you your it its ' +
    'this that these those there here so as by with from into about what which who whom whose how when where why can could would should ' +
    'will shall may might must please kindly tell show give explain describe say know want need like help let hi hello hey thanks thank ' +
    'ok okay just really actually exactly some any also then if but s re ve ll d m way ways one question answer quick quickly simply'
  ).split(' '),
);

/** Words whose places mean something: with one of them, the same words in another order are another question. */
const DIRECTIONS = new Set(
  'to from into than before after over under versus vs as by per between against via without'.split(' '),
);

/** Spellings and short forms of one word. */
const ONE_WORD: ReadonlyMap<string, string> = new Map(
  (
    "what's=what who's=who how's=how where's=where it's=it i'm=i i'd=i i've=i let's=let that's=that you're=you they're=they we're=we " +
    'colour=color favourite=favorite organise=organize summarise=summarize centre=center grey=gray programme=program ' +
    'js=javascript ts=typescript py=python pw=password passwd=password db=database repo=repository docs=documentation ' +
    'app=application info=information pic=picture photo=picture tv=television bike=bicycle max=maximum min=minimum ' +
    'usa=us ues=us uk=uk u.s.=us ai=ai 1st=first 2nd=second 3rd=third children=child men=man women=woman people=person mice=mouse ' +
    'best=best better=better gave=give went=go made=make wrote=write written=write ran=run found=find bought=buy'
  )
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]), // two parts each, as written above
);

const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

export interface Words {
  /** Those that carry the question, in order. */
  content: readonly string[];
  /** All of them, in order, lower case. */
  all: readonly string[];
  /** Words are in an order that means something. */
  directed: boolean;
}

const WORD = /[\p{L}\p{M}]+(?:['’.][\p{L}\p{M}]+)*|\p{N}+(?:[.,:/-]\p{N}+)*(?:\p{L}{2})?/gu;

export function wordsOf(text: string): Words {
  const all: string[] = [];
  const content: string[] = [];
  let directed = false;
  for (const found of text.normalize('NFKC').toLowerCase().replaceAll('’', "'").match(WORD) ?? []) {
    const word = plain(found);
    all.push(word);
    directed ||= DIRECTIONS.has(word);
    if (!LINKS.has(word)) content.push(stem(word));
  }
  return { content, all, directed };
}

function plain(word: string): string {
  const possessive = word.replace(/'s$/, '');
  const known = ONE_WORD.get(word) ?? ONE_WORD.get(possessive) ?? possessive;
  const number = NUMBER_WORDS.indexOf(known);
  return number > 1 ? String(number) : known;
}

/** Plurals and endings of verbs, as far as they leave a word that is long enough to be one. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) return word;
  let stemmed = word;
  if (/(?:ss|us|is)$/.test(stemmed)) return stemmed;
  if (/ies$/.test(stemmed) && stemmed.length > 4) stemmed = `${stemmed.slice(0, -3)}y`;
  else if (/(?:sh|ch|x|ss|z)es$/.test(stemmed)) stemmed = stemmed.slice(0, -2);
  else if (stemmed.endsWith('s')) stemmed = stemmed.slice(0, -1);
  const ing = /^(.{3,}?)(ing|ed)$/.exec(stemmed);
  if (ing !== null && /[aeiouy]/.test(ing[1]!)) {
    const base = ing[1]!;
    stemmed = /([bdfgmnprt])\1$/.test(base) ? base.slice(0, -1) : base;
  }
  return stemmed.endsWith('e') && stemmed.length > 4 ? stemmed.slice(0, -1) : stemmed;
}
