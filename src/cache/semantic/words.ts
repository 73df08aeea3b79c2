// A question as the words that carry it: lower case, without what only frames or links it, inflections and a few spellings made one.
// For English first; other languages are told apart, and compared by their plain words.

/** Links and frames: what is asked is the same with and without them. */
const LINKS = new Set(
  (
    'a an the of in on at for to and or is are was were be been being am do does did done have has had i me my we us our you your it its ' +
    'this that these those there here so as by with from into about what which who whom whose how when where why can could would should ' +
    'will shall may might must please kindly tell show give explain describe say know want need like help let hi hello hey thanks thank ' +
    'ok okay just really actually some any also then if but s re ve ll d m way ways one question answer'
  ).split(' '),
);

/** Behind a letter `a`, which is none of these, stands what it is a name beside: `divide a by b`. */
const BESIDE = new Set('by and or to from with over plus minus times'.split(' '));

const PREPOSITIONS = new Set('of in on at for to with from into about by as'.split(' '));

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
  /** The link right before each of them, '' = none that says how they belong together. */
  joints: readonly string[];
  /** All of them, in order, lower case. */
  all: readonly string[];
  /** The same as they were written, but for capitals. */
  raw: readonly string[];
}

const WORD = /[\p{L}\p{M}]+(?:['’.][\p{L}\p{M}]+)*|\p{N}+(?:[.,:/-]\p{N}+)*(?:\p{L}{2})?/gu;

export function wordsOf(text: string): Words {
  const raw: string[] = text.normalize('NFKC').toLowerCase().replaceAll('’', "'").match(WORD) ?? [];
  const all = raw.map(plain);
  const content: string[] = [];
  const joints: string[] = [];
  let joint = '';
  all.forEach((word, at) => {
    if (LINKS.has(word) && !(word === 'a' && isName(all[at + 1]))) {
      if (PREPOSITIONS.has(word)) joint = word;
      return;
    }
    content.push(stem(word));
    joints.push(joint);
    joint = '';
  });
  return { content, joints, all, raw };
}

/** @param next word behind an `a`. */
function isName(next: string | undefined): boolean {
  return next === undefined || BESIDE.has(next) || /^[b-z]$/.test(next);
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
