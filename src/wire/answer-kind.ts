// What an answer is, by its first bytes: content types are wrong often enough, and SDKs do not look at them.

import type { AnswerKind } from '../contracts/framing.ts';

const FIELDS = ['data:', 'event:', 'id:', 'retry:', ':'];
/** Byte order mark, line ends and blanks that may stand in front. */
const LEADING = /^(?:\u00ef\u00bb\u00bf)?[\s]*/;
const LONGEST_LEAD = 1024;
const BRACE = 0x7b;

/** @param bytes the beginning of an answer's body. */
export function answerKind(bytes: Buffer): AnswerKind {
  if (bytes[0] === BRACE) return 'json';
  const text = bytes.subarray(0, LONGEST_LEAD).toString('latin1').replace(LEADING, '');
  if (text === '' || text === '\u00ef' || text === '\u00ef\u00bb') {
    return bytes.length < LONGEST_LEAD ? 'unknown' : 'other';
  }
  if (text.startsWith('{') || text.startsWith('[')) return 'json';
  if (FIELDS.some((field) => text.startsWith(field))) return 'events';
  return FIELDS.some((field) => field.startsWith(text)) ? 'unknown' : 'other';
}
