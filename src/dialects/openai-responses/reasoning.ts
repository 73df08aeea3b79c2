// Reasoning items to and from neutral parts. Text stands in `summary` (what clients show) or `content` (open models), the
// proof in `encrypted_content`. A proof beside no summary at all is data without text, beside an empty one a signature of
// text that is not shown: their makers take each only in its own place. Clients lose an empty summary, so that in our
// envelopes the two are told apart by a word before it.
import type { ReasoningPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, stringAt } from '../lenient.ts';
import { ENVELOPE } from '../proofs.ts';
import { isObject } from '../read.ts';

const REDACTED = 'redacted.';
const BETWEEN = '\n\n';

/** The neutral part of a reasoning item; null when it says nothing. */
export function readReasoning(item: JsonObject): ReasoningPart | null {
  const text = reasoningText(item);
  const proof = stringAt(item, 'encrypted_content') || null;
  if (proof === null) return text === '' ? null : part(text, null, null);
  const sealed = sealedProof(proof);
  if (sealed !== proof) return part(text, null, sealed);
  const bare = arrayAt(item, 'summary').length === 0 && arrayAt(item, 'content').length === 0;
  return bare && !proof.startsWith(ENVELOPE) ? part('', null, proof) : part(text, proof, null);
}

/** What clients see of a reasoning item: its summary, else its content. */
export function reasoningText(item: JsonObject): string {
  return joined(item, 'summary') || joined(item, 'content');
}

/** A reasoning item, whole. @param id '' = none is shown. */
export function writeReasoning({ text, signature, redacted }: ReasoningPart, id: string): JsonObject {
  const item: JsonObject = id === '' ? { type: 'reasoning' } : { id, type: 'reasoning' };
  item['summary'] = text === '' && signature === null ? [] : [{ type: 'summary_text', text }];
  const proof = writeProof(signature, redacted);
  if (proof !== null) item['encrypted_content'] = proof;
  return item;
}

/** `encrypted_content` of a proof. */
export function writeProof(signature: string | null, redacted: string | null): string | null {
  return redacted?.startsWith(ENVELOPE) ? `${REDACTED}${redacted}` : (signature ?? redacted);
}

/** The envelope in an `encrypted_content` of ours; the text itself where it is its maker's own. */
export function sealedProof(text: string): string {
  return text.startsWith(`${REDACTED}${ENVELOPE}`) ? text.slice(REDACTED.length) : text;
}

function joined(item: JsonObject, member: 'summary' | 'content'): string {
  return arrayAt(item, member)
    .map((piece) => (isObject(piece) ? (stringAt(piece, 'text') ?? '') : ''))
    .filter((text) => text !== '')
    .join(BETWEEN);
}

function part(text: string, signature: string | null, redacted: string | null): ReasoningPart {
  return { kind: 'reasoning', text, signature, redacted };
}
