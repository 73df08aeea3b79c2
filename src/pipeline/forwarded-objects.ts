// Requests that are forwarded by a provider's own path and whose answers hold objects all the same: lists of them, and what makes one.
// They belong to who made them, as on the gateway's own routes: such an answer is read whole, of a list only its caller's own is
// shown, and what was made is noted.
import type { Call } from '../contracts/call.ts';

/** Paths below which a vendor keeps objects of a key. */
const KEPT = /(?:^|\/)(?:files|batches|videos|containers|vector_stores|conversations)\/?$/;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/i;

/** @param contentType of the answer, as its head has it. */
export function holdsObjects(
  { operation, head, params }: Call,
  status: number,
  contentType: string | string[] | undefined,
): boolean {
  return (
    operation!.raw?.verbatim === true &&
    status >= 200 &&
    status < 300 &&
    (head.method === 'GET' || head.method === 'POST') &&
    KEPT.test(params['rest'] ?? '') &&
    JSON_TYPE.test(String(contentType ?? ''))
  );
}
