// Second line against leaking secrets, behind the allow-lists: `redact` knows the looks of credentials, a secret mask
// knows our own values. Pure. Used by the logger on every line and by the pipeline on upstream error text.
import { anyOf, spellings } from '../body/spellings.ts';

const PATTERNS = [
  // `Bearer x`: no shape asked for, so keys of unknown vendors are caught too. White space may be a JSON escape.
  String.raw`(?:[Bb]earer|BEARER)(?:\s|\\[tnr])+[\w.~+/=-]{4,}`,
  // `Basic x` only with a digit or `=` in x: "basic auth" is prose.
  String.raw`[Bb]asic(?:\s|\\[tnr])+(?=[A-Za-z+/]*[\d=])[\w+/=-]{6,}`,
  // sk-..., sk_live_...: behind a letter ("task-force") only when long and with a digit, as in a JSON "\nsk-...".
  String.raw`(?<![A-Za-z0-9])sk[-_][\w-]{4,}`,
  String.raw`sk[-_](?=[A-Za-z_-]*\d)[\w-]{16,}`,
  // Google API keys and OAuth tokens, AWS key ids.
  String.raw`AIza[\w-]{10,}`,
  String.raw`ya29\.[\w-]{10,}`,
  '(?:AKIA|ASIA)[A-Z0-9]{16}',
  // Other vendors with a prefix of their own.
  String.raw`(?:gsk_|xai-|hf_|pplx-|nvapi-|gh[pousr]_|github_pat_)[\w-]{16,}`,
  // JWT.
  String.raw`eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?`,
];
const CREDENTIAL = new RegExp(PATTERNS.join('|'), 'g');
/** user:password@ of a URL or DSN. */
const URL_LOGIN = /(:\/\/)[^\s/@"\\:]*:[^\s/@"\\]+@/g;

/** What stands where a secret stood. No letters, so that no secret can be part of it. */
export const MASK = '***';

/** `text` with everything that looks like a credential replaced; JSON stays JSON. */
export function redact(text: string): string {
  return text.replace(CREDENTIAL, MASK).replace(URL_LOGIN, `$1${MASK}@`);
}

/** Masks given secrets in text; `maskBuffer` returns the very same buffer when it holds none. */
export interface SecretMask {
  (text: string): string;
  maskBuffer(bytes: Buffer): Buffer;
}

/** Below this a value is more likely a word than a secret: masking would eat ordinary text. */
const MIN_LENGTH = 3;

/** A mask of exactly these values (our upstream keys), in every usual JSON spelling, with or without `Bearer`. */
export function createSecretMask(secrets: readonly string[]): SecretMask {
  const unique = new Set(secrets.filter((secret) => secret.length >= MIN_LENGTH).flatMap(spellings));
  // Longest first: a secret that holds another one goes as a whole.
  const needles = [...unique].sort((a, b) => b.length - a.length);
  const rawNeedles = needles.map((needle) => Buffer.from(needle));
  const found = anyOf(needles);
  // latin1 keeps each byte as one character, so bytes around a hit survive even where they are not UTF-8.
  const foundLatin1 = anyOf(needles.map((needle) => Buffer.from(needle).toString('latin1')));

  const mask = (text: string): string => text.replace(found, MASK);
  const maskBuffer = (bytes: Buffer): Buffer => {
    // `includes` is a native scan; only a hit pays for the string.
    if (!rawNeedles.some((needle) => bytes.includes(needle))) return bytes;
    const text = bytes.toString('latin1');
    const masked = text.replace(foundLatin1, MASK);
    return masked === text ? bytes : Buffer.from(masked, 'latin1');
  };
  return Object.assign(mask, { maskBuffer });
}
