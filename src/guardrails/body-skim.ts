// A look at the bytes of a JSON request before anything is read of it: what cannot stand in any of its texts, since nothing of it
// stands in the bytes, need not be looked for text by text. Errs on the side of looking.
import { fold, otherCases } from './aho-corasick.ts';
import { MEDIA_SIGNS } from './body-media.ts';
import { TOKEN_SIGNS } from './body-spots.ts';
import { ByteTable, type Wanted } from './byte-table.ts';
import { type Guard, isReader } from './guard.ts';

const TEXTS = 1;
const MEDIA = 2;
const TOKENS = 4;

/** What may be in a body. */
export interface Skimmed {
  /** A text may hold what a guardrail looks for. */
  readonly texts: boolean;
  /** There may be pictures, sound or files. */
  readonly media: boolean;
  /** There may be tokens in the place of a text. */
  readonly tokens: boolean;
}

const BY_FLAGS: readonly Skimmed[] = Array.from({ length: 8 }, (_, flags) => ({
  texts: (flags & TEXTS) !== 0,
  media: (flags & MEDIA) !== 0,
  tokens: (flags & TOKENS) !== 0,
}));

/** Characters that JSON spells in another way, or may. */
const SPELLED = /["\\/\p{Cc}]/u;
/** Any character, spelled by its number; and those beyond ASCII that are letters of ASCII in another case. */
const SPELLINGS = [
  '\\u',
  ...[...'abcdefghijklmnopqrstuvwxyz'].flatMap(otherCases).filter((other) => other > '\x7f'),
];

/** Looks over the bytes of JSON. */
export type BodySkim = (body: Uint8Array) => Skimmed;

/** @returns null = they have to see all texts, whatever stands in them. */
export function bodySkimOf(guards: readonly Guard[]): BodySkim | null {
  const literals: string[] = [];
  for (const guard of guards) {
    const { finder, whole, remote } = guard;
    // Who is asked about the answer is told what was asked.
    if (remote.length > 0) return null;
    if (!isReader(guard)) continue;
    if (whole.length > 0) return null;
    if (finder === null) continue;
    if (finder.literals === null) return null;
    literals.push(...finder.literals);
  }
  const pieces = literals.map(pieceOf);
  if (pieces.includes('')) return null;
  const table = tableOf([
    ...flagged(pieces, TEXTS),
    ...flagged(SPELLINGS, TEXTS),
    ...flagged(MEDIA_SIGNS, MEDIA),
    ...flagged(TOKEN_SIGNS, TOKENS),
  ]);
  return table === null ? null : (body) => BY_FLAGS[table.flagsOf(body, TEXTS)]!;
}

function flagged(texts: readonly string[], flag: number): Wanted[] {
  return texts.map((text) => ({ bytes: Buffer.from(text), flag }));
}

/** Null: they are too many. */
function tableOf(wanted: readonly Wanted[]): ByteTable | null {
  try {
    return new ByteTable(wanted);
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

/** The longest part of a literal that stands in the bytes of any JSON that holds it; '' = there is none. */
function pieceOf(literal: string): string {
  let piece = '';
  let run = '';
  for (const character of fold(literal)) {
    // Beyond ASCII a letter in another case has other bytes.
    const plain = !SPELLED.test(character) && (character <= '\x7f' || otherCases(character).length === 0);
    run = plain ? run + character : '';
    if (run.length > piece.length) piece = run;
  }
  return piece;
}
