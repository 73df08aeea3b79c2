// Another body in the place of a call's own: whoever changes what is asked leaves facts that fit it.
import { countSpoken } from '../body/spoken-text.ts';
import type { BodyFacts } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';

/** @throws GatewayError where the new body is none: nothing has changed then. */
export function replaceBody(call: Call, body: Buffer, inspect: (body: Buffer) => BodyFacts): void {
  const before = call.facts;
  const facts = before === null ? null : inspect(body);
  call.body = body;
  if (before === null || facts === null) return;
  // What the path said, and what a stage before this one made of it, stands.
  facts.model = before.model;
  if (before.modelMember === null) facts.modelMember = null;
  facts.stream = before.stream;
  if (facts.promptBytes === 0) facts.promptBytes = body.length;
  if (before.characters !== undefined) countSpoken(body, facts);
  call.facts = facts;
}
