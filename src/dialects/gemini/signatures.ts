// `thoughtSignature`: of type bytes, so in JSON it must be base64: SDKs decode and re-encode it. The vendor's own is such
// already and stays as it is. What other makers' proofs are wrapped in (dialects/proofs.ts) is no base64: it is spelled in it.

/** Documented by Google for calls that another model made: they are not checked. */
export const DUMMY_SIGNATURE = 'skip_thought_signature_validator';

/** As SDKs write it that take it for text and the field for bytes. */
const DUMMY_AS_BYTES = Buffer.from(DUMMY_SIGNATURE).toString('base64');

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
/** What is spelled begins so: a signature, or the opaque data of reasoning that has no text. */
const SIGNATURE = 'proof:';
const REDACTED = 'redacted:';
/** The same in base64, as far as it stands on whole bytes. */
const SPELLED_BASE64 = /^(?:cHJvb2Y6|cmVkYWN0ZWQ6)/;

export interface Proof {
  signature: string | null;
  redacted: string | null;
}

/** The field's value for a signature, or for the data of redacted reasoning. */
export function signatureText(proof: string, redacted: boolean): string {
  if (!redacted && BASE64.test(proof) && !isSpelled(proof)) return proof;
  return Buffer.from((redacted ? REDACTED : SIGNATURE) + proof).toString('base64');
}

/** What a field's value holds; null for none, and for the one that says that there is none. */
export function readSignature(text: string): Proof | null {
  if (text === '' || text === DUMMY_SIGNATURE || text === DUMMY_AS_BYTES) return null;
  if (!isSpelled(text)) return { signature: text, redacted: null };
  const spelled = Buffer.from(text, 'base64').toString();
  return spelled.startsWith(REDACTED)
    ? { signature: null, redacted: spelled.slice(REDACTED.length) }
    : { signature: spelled.slice(SIGNATURE.length), redacted: null };
}

/** Whether a field's value was spelled here: it is another maker's. */
export function isSpelled(text: string): boolean {
  return SPELLED_BASE64.test(text);
}
