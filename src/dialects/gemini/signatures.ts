// `thoughtSignature`: of type bytes, so in JSON it must be base64: SDKs decode and re-encode it. The vendor's own is such
// already and stays as it is. What other makers' proofs are wrapped in (dialects/proofs.ts) is no base64: it is spelled in it.

/** Documented by Google for calls that another model made: they are not checked. */
export const DUMMY_SIGNATURE = 'skip_thought_signature_validator';

/** As SDKs write it that take it for text and the field for bytes. */
const DUMMY_AS_BYTES = Buffer.from(DUMMY_SIGNATURE).toString('base64');

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** Before the opaque data of reasoning that has no text, to tell it from a signature. */
const REDACTED = 'redacted:';
const SPELLED = ['hg1.', `${REDACTED}hg1.`] as const;
/** What base64 of these begins with. */
const SPELLED_BASE64 = /^(?:aGcxL|cmVkYWN0ZWQ6aGcxL)/;

export interface Proof {
  signature: string | null;
  redacted: string | null;
}

/** The field's value for a signature, or for the data of redacted reasoning. */
export function signatureText(proof: string, redacted: boolean): string {
  if (!redacted && BASE64.test(proof)) return proof;
  return Buffer.from(redacted ? REDACTED + proof : proof).toString('base64');
}

/** What a field's value holds; null for none, and for the one that says that there is none. */
export function readSignature(text: string): Proof | null {
  if (text === '' || text === DUMMY_SIGNATURE || text === DUMMY_AS_BYTES) return null;
  if (!isSpelled(text)) return { signature: text, redacted: null };
  const spelled = decoded(text);
  return spelled.startsWith(REDACTED)
    ? { signature: null, redacted: spelled.slice(REDACTED.length) }
    : { signature: spelled, redacted: null };
}

/** Whether a field's value is another maker's proof in our envelope. */
export function isSpelled(text: string): boolean {
  return SPELLED_BASE64.test(text) && SPELLED.some((begin) => decoded(text).startsWith(begin));
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
