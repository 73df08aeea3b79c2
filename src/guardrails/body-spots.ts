// The texts of a body of any kind: JSON, a form with files, plain text. What is neither is binary, and nobody's to read.
import { isUtf8 } from 'node:buffer';
import { boundaryOf } from '../body/form.ts';
import { inspectBody } from '../body/inspect.ts';
import type { Edit } from '../contracts/body.ts';
import type { RequestText } from './request-texts.ts';
import { type TextSpot, textsOf } from './texts.ts';

/** A text that stands in the bytes as it is, without quotes. */
export interface BodyText extends RequestText {
  bare: boolean;
}

/** Lists of numbers in the place of a text: tokens, which no guardrail reads. */
const TOKENS = /"(?:input|prompt)"\s*:\s*\[\s*(?:\[\s*)?-?\d/;
/** Without one of these there are none. */
export const TOKEN_SIGNS = ['"input"', '"prompt"'];
const TOKENS_WITHIN = 65_536;

/** @returns null = it cannot be read. */
export function bodyTexts(body: Buffer, contentType: string): BodyText[] | null {
  if (body.length === 0) return [];
  if (/\bjson\b/i.test(contentType) || isJsonObject(body)) return jsonTexts(body);
  const boundary = boundaryOf(contentType);
  if (boundary !== null) return formTexts(body, boundary);
  return isUtf8(body) ? [bare(body, 0, body.length)] : null;
}

/** Of the body of a call that was inspected. */
export function jsonTexts(body: Buffer): BodyText[] | null {
  if (holdsTokens(body)) return null;
  return textsOf(body, 'user').map(bodyText);
}

/** As it stands in JSON. */
export function bodyText({ start, end, text, speaker, json }: TextSpot): BodyText {
  return { start, end, text, now: text, speaker, json, bare: false };
}

/** Tokens stand in the place of a text: nobody can read them. */
export function holdsTokens(body: Buffer): boolean {
  if (!TOKEN_SIGNS.some((sign) => body.includes(sign))) return false;
  return TOKENS.test(body.toString('latin1', 0, TOKENS_WITHIN));
}

function isJsonObject(body: Buffer): boolean {
  if (body[0] !== 0x7b) return false;
  try {
    inspectBody(body);
    return true;
  } catch {
    return false;
  }
}

/** Fields and files that are text. A file that is none says nothing that could be read. */
function formTexts(body: Buffer, boundary: string): BodyText[] {
  const texts: BodyText[] = [];
  const mark = Buffer.from(`--${boundary}`);
  let at = body.indexOf(mark);
  while (at !== -1) {
    const head = body.indexOf('\r\n\r\n', at);
    const next = body.indexOf(mark, at + mark.length);
    if (head === -1 || next === -1 || head > next) break;
    const name = /\bname="?([^";\r\n]*)/i.exec(body.toString('latin1', at, head))?.[1];
    const start = head + 4;
    const end = Math.max(start, next - 2);
    if (name !== 'model' && isUtf8(body.subarray(start, end))) texts.push(bare(body, start, end));
    at = next;
  }
  return texts;
}

function bare(body: Buffer, start: number, end: number): BodyText {
  const text = body.toString('utf8', start, end);
  return { start, end, text, now: text, speaker: 'user', json: text.trimStart().startsWith('{'), bare: true };
}

/** What the texts became, in the bytes of the body. */
export function editsOf(texts: readonly BodyText[]): Edit[] {
  return texts
    .filter(({ text, now }) => text !== now)
    .map(({ start, end, now, bare: plain }) => ({ start, end, text: plain ? now : JSON.stringify(now) }));
}
