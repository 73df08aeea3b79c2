// The body of a request that goes on as it came, but for the name of its model.
import { splice } from '../../body/splice.ts';
import type { BodySource } from '../../contracts/body-source.ts';
import type { Call } from '../../contracts/call.ts';
import type { Target } from '../../contracts/plan.ts';
import type { RequestBody } from '../../contracts/upstream.ts';
import { splice as editsOf } from '../../dialects/splice-model.ts';

/** @returns null: the request has no body. */
export function rawBody(call: Call, { encode }: Pick<Target, 'encode'>): RequestBody | BodySource | null {
  const { body, upload, facts } = call;
  if (upload !== null) {
    upload.rename?.(encode.model);
    return upload;
  }
  if (body === null || body.length === 0) return null;
  // Of a vendor's default it says nothing, and nothing is said for it.
  if (facts === null || facts.model === null) return body;
  if (call.operation!.intake !== 'form') return splice(body, editsOf(facts, encode));
  if (facts.modelMember === null) return body;
  // The path may have named another one than the form.
  const { value } = facts.modelMember;
  if (body.toString('utf8', value.start, value.end) === encode.model) return body;
  return splice(body, [{ ...value, text: encode.model }]);
}
