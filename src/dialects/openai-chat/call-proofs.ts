// Proofs that stand on a tool call, as Google spells them in this shape: `tool_calls[].extra_content.google.thought_signature`.
// Some clients return no `reasoning_details` and do return this one, such as the AI SDK's provider for compatible servers.
import type { Part, ToolCallPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** The proof of the call at `index` among `parts`: one without a text of its own, directly before it. */
export function proofOfCall(parts: readonly Part[], index: number): string | null {
  const before = parts[index - 1];
  return before?.kind === 'reasoning' && before.text === '' ? before.signature : null;
}

/** Writes it on an entry of `tool_calls`. */
export function writeCallProof(entry: JsonObject, proof: string | null): void {
  if (proof !== null) entry['extra_content'] = { google: { thought_signature: proof } };
}

/**
 * The calls of a message, each behind its proof.
 *
 * @param calls those of `tool_calls`, in order, and then others.
 * @param told parts of the same message: a proof among them already is not read twice.
 */
export function withCallProofs(
  calls: readonly ToolCallPart[],
  message: JsonObject,
  told: readonly Part[],
): Part[] {
  const entries = arrayAt(message, 'tool_calls');
  return calls.flatMap((call, index): Part[] => {
    const entry = entries[index];
    const google = objectAt(objectAt(isObject(entry) ? entry : {}, 'extra_content') ?? {}, 'google');
    const signature = stringAt(google ?? {}, 'thought_signature') || null;
    const known = told.some((part) => part.kind === 'reasoning' && part.signature === signature);
    if (signature === null || known) return [call];
    return [{ kind: 'reasoning', text: '', signature, redacted: null, maker: 'google' }, call];
  });
}
