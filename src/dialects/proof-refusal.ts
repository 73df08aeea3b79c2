// Whether a vendor refused a proof of reasoning in the history: of another organisation, model or user, over another beginning,
// or damaged. What it is of it says in its own words, so they are all there is to go by.
import type { GatewayError } from '../contracts/errors.ts';

const REASONING = /\b(?:thinking|thoughts?|reasoning|encrypted)\b|thought_signature|encrypted_content/i;
const REFUSED = /signature|encrypted[ _]content|could not be (?:verified|decrypted)|cannot be modified/i;

/** Without its proofs the same request may be served. */
export function isProofRefusal({ fault }: GatewayError): boolean {
  if (fault === null || fault.status !== 400) return false;
  if (fault.code === 'invalid_encrypted_content') return true;
  return REASONING.test(fault.message) && REFUSED.test(fault.message);
}
