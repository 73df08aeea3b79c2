// Keys and passwords: by the forms their makers publish, and by how random a token looks.
import { type Detector, MAX_HELD_CHARS, type Match, patternDetector } from './detector.ts';

interface Form {
  literals: readonly string[];
  pattern: RegExp;
}

/** Forms of tokens; every character of each is one of TOKEN. */
const FORMS: readonly Form[] = [
  { literals: ['sk-'], pattern: /(?<![A-Za-z0-9_-])sk-(?:ant-|proj-|svcacct-|or-)?[A-Za-z0-9_-]{16,}/g },
  {
    literals: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: /(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
  },
  { literals: ['AIza'], pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  { literals: ['ya29.'], pattern: /(?<![A-Za-z0-9_-])ya29\.[A-Za-z0-9_-]{20,}/g },
  {
    literals: ['gh'],
    pattern: /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/g,
  },
  { literals: ['glpat-'], pattern: /(?<![A-Za-z0-9_-])glpat-[A-Za-z0-9_-]{20,}/g },
  { literals: ['xox', 'xapp-'], pattern: /(?<![A-Za-z0-9_-])(?:xox[abeoprs]-|xapp-)[A-Za-z0-9-]{10,}/g },
  { literals: ['_live_', '_test_'], pattern: /(?<![A-Za-z0-9_])[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { literals: ['npm_'], pattern: /(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g },
  { literals: ['pypi-'], pattern: /(?<![A-Za-z0-9_-])pypi-[A-Za-z0-9_-]{32,}/g },
  { literals: ['hf_'], pattern: /(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,}/g },
  { literals: ['SG.'], pattern: /(?<![A-Za-z0-9_-])SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g },
  { literals: ['dop_v1_', 'doo_v1_'], pattern: /(?<![A-Za-z0-9_])do[op]_v1_[a-f0-9]{64}(?![A-Za-z0-9])/g },
  { literals: ['hvs.', 'hvb.'], pattern: /(?<![A-Za-z0-9_-])hv[sb]\.[A-Za-z0-9_-]{24,}/g },
  { literals: ['AC', 'SK'], pattern: /(?<![A-Za-z0-9])(?:AC|SK)[0-9a-f]{32}(?![A-Za-z0-9])/g },
  {
    literals: ['eyJ'],
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
  },
  {
    literals: ['://'],
    pattern:
      /(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[A-Za-z0-9._~%!$&'*+,;=-]{0,128}:[A-Za-z0-9._~%!$&'*+,;=#^-]{1,256}@[A-Za-z0-9._~:/?=&%+-]{1,512}/g,
  },
];
const TOKEN = /[A-Za-z0-9_\-./:+~%!$&'*,;=#^?@]/;

/** Bits a character from where a token of letters, capitals and digits looks random: words and paths stay below. */
const RANDOM_BITS = 4;
const LEAST_RANDOM = 24;
const RUN = /[A-Za-z0-9+/_=-]/;
const TOKEN_LIKE = /(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{24,}={0,2}(?![A-Za-z0-9+/_=-])/g;

/** @param entropy tokens without a known form that look random, too. */
export function secretDetectors(entropy: boolean): Detector[] {
  const forms = FORMS.map(({ literals, pattern }) =>
    patternDetector({ label: 'SECRET', literals, pattern: new RegExp(pattern), characters: TOKEN }),
  );
  return [privateKey(), ...forms, ...(entropy ? [random()] : [])];
}

/** Runs are found by a table: a pattern that is tried at every letter of a text costs more than all else here. */
function random(): Detector {
  const { undecided, tail } = patternDetector({
    label: 'SECRET',
    literals: null,
    pattern: new RegExp(TOKEN_LIKE),
    characters: RUN,
  });
  const inRun = new Uint8Array(128);
  for (let unit = 0; unit < 128; unit++) inRun[unit] = RUN.test(String.fromCharCode(unit)) ? 1 : 0;
  const token = new RegExp(TOKEN_LIKE.source, 'y');
  const whole = (text: string, at: number): boolean => {
    const unit = text.charCodeAt(at);
    return unit < 128 && inRun[unit] === 1;
  };
  return {
    label: 'SECRET',
    literals: null,
    // What looks random has one, see below.
    signs: '0123456789',
    ...(tail !== undefined && { tail }),
    next(text, from) {
      let at = from;
      // What `from` is in the middle of began before it.
      if (at > 0 && whole(text, at - 1)) while (at < text.length && whole(text, at)) at++;
      while (at + LEAST_RANDOM <= text.length) {
        // Backwards from where a run that begins here would be long enough: what ends it lets all before it be passed by.
        let broken = at + LEAST_RANDOM - 1;
        while (broken >= at && whole(text, broken)) broken--;
        if (broken >= at) {
          at = broken + 1;
          continue;
        }
        const start = at;
        at += LEAST_RANDOM;
        while (at < text.length && whole(text, at)) at++;
        token.lastIndex = start;
        const found = token.exec(text)?.[0];
        if (found !== undefined && looksRandom(found)) return { start, end: start + found.length };
      }
      return null;
    },
    undecided,
  };
}

export function looksRandom(token: string): boolean {
  if (!/\d/.test(token) || !/[a-z]/.test(token) || !/[A-Z]/.test(token)) return false;
  return bitsPerCharacter(token.length > 256 ? token.slice(0, 256) : token) >= RANDOM_BITS;
}

/** Shannon entropy. */
export function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const BEGIN = '-----BEGIN ';
const HEAD = /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const HEAD_CHARS = 80;
const TAIL = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** A private key in PEM; one without an end goes as far as it may. */
function privateKey(): Detector {
  const at = (text: string, from: number): Match | null => {
    for (let start = text.indexOf(BEGIN, from); start !== -1; start = text.indexOf(BEGIN, start + 1)) {
      if (!HEAD.test(text.slice(start, start + HEAD_CHARS))) continue;
      const most = start + MAX_HELD_CHARS;
      TAIL.lastIndex = start;
      const tail = TAIL.exec(text);
      const end = tail === null ? text.length : TAIL.lastIndex;
      return { start, end: Math.min(end, most) };
    }
    return null;
  };
  return {
    label: 'SECRET',
    literals: [BEGIN],
    next: at,
    undecided(text, from) {
      // Of what is whole its end is known.
      let start = text.indexOf(BEGIN, from);
      while (start !== -1) {
        const head = text.length - start < HEAD_CHARS || HEAD.test(text.slice(start, start + HEAD_CHARS));
        TAIL.lastIndex = start;
        const tail = TAIL.exec(text);
        if (head && tail === null && text.length - start < MAX_HELD_CHARS) return start;
        start = text.indexOf(BEGIN, start + 1);
      }
      for (let length = Math.min(BEGIN.length - 1, text.length - from); length > 0; length--)
        if (text.endsWith(BEGIN.slice(0, length))) return text.length - length;
      return text.length;
    },
  };
}
