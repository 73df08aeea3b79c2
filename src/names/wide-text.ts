// JSON whose characters take more than a byte each (UTF-16, UTF-32): providers may read it, and nothing that looks for names in bytes does.
// Pure.

/** Bytes that tell. */
export const TELLING = 8;

/** With a mark of its order or without: what JSON begins with, and a byte of nothing before or behind it. */
const BEGINS = /^(?:\0\0\xfe\xff|\xff\xfe\0\0|\xff\xfe|\xfe\xff)?(?:\0+[\s{["]|[\s{["]\0)/;
/** Codings in which names are written as in UTF-8. */
const PLAIN = /^(?:utf-?8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d)$/i;
const JSON_TYPE = /^\s*(?:application|text)\/(?:[\w.-]+\+)?json\b/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;
/** Types of what is no text, whatever it begins with. */
const MEDIA = /^\s*(?:image|audio|video|font)\//i;

/** @param begin of a text, each byte a character; the first ones will do. */
export function beginsWide(begin: string): boolean {
  return BEGINS.test(begin);
}

/** Whether a body of this type may begin so: pictures, sounds and films may begin with anything. */
export function mayBeWide(contentType: string): boolean {
  return !MEDIA.test(contentType);
}

/** Whether a type says of JSON that it is written otherwise than in UTF-8. */
export function saysWide(contentType: string): boolean {
  const charset = JSON_TYPE.test(contentType) ? CHARSET.exec(contentType)?.[1] : undefined;
  return charset !== undefined && charset !== '' && !PLAIN.test(charset);
}
